"""Options that are lists of mappings: read, refused with their place, stored and read back."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.applying import Installation, revisions
from tests.config.loading import check, of_check, refused
from tests.databases import Database

from trueup.domain.spec import Secret
from trueup.probes.base import build
from trueup.store.read.config import assignments

STEPS = """\
steps: http://127.0.0.1/
requests:
  - path: /login
    method: POST
    body: '{"password": "${PASSWORD}"}'
    secret_headers: {X-Key: "${KEY}", X-Plain: plantedmarker1}
    extract: {number: $.n}
  - path: /orders/{{number}}
    expect: [status == 204]
"""
ENVIRON = {"PASSWORD": "plantedmarker2", "KEY": "plantedmarker3"}


def test_parts_are_kept_as_far_as_they_were_written() -> None:
    login, order = check(STEPS, PASSWORD="x", KEY="x").options["requests"]

    assert order == {"path": "/orders/{{number}}", "expect": ["status == 204"]}
    assert login["extract"] == {"number": "$.n"}
    assert isinstance(login["body"], Secret)
    assert login["secret_headers"]["X-Key"].reference == "${KEY}"


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("path: /login", "paht: /login", "unknown key 'paht' in number 1 of requests: did you mean 'path'?"),
        ("path: /login", "name: login", "requests, number 1: path is missing: "),
        ("method: POST", "method: SEND", "requests, number 1: method: 'SEND' is none of GET, "),
        ("status == 204", "stats == 204", "requests, number 2: expect: column 1: unknown name"),
        ("{{number}}", "{{nubmer}}", "requests: path of number 2 has a place for 'nubmer', which no"),
        ("$.n}", "''}", "requests, number 1: extract: number: column 1: an expectation begins with"),
        ("path: /orders/{{number}}\n    expect: [status == 204]", "/orders", "number 2 of requests must be"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_part_is_said_with_its_place(wrong: str, right: str, message: str) -> None:
    text = of_check(STEPS).replace(wrong.replace("\n", "\n        "), right)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if right in each)

    found = refused(text, PASSWORD="x", KEY="x")

    assert any(each.startswith(f"{line}:") and f": {message}" in each for each in found), found


def test_parts_are_stored_with_their_secrets_closed_and_asked_as_written(
    database: Database, tmp_path: Path
) -> None:
    here = Installation(tmp_path)
    here.apply(of_check(STEPS), ENVIRON)

    (row,) = assignments(ENVIRON, here.key_file)
    probe = build(row.kind, row.target, row.options)

    stored = revisions("backend")[0].options
    assert "plantedmarker" not in str(stored)
    assert "${KEY}" in str(stored)
    assert probe.requests[0].content == '{"password": "plantedmarker2"}'  # type: ignore[attr-defined]
    assert not here.apply(of_check(STEPS), ENVIRON).changes


def test_changed_part_is_told_without_what_it_holds(sqlite_database: Database, tmp_path: Path) -> None:
    here = Installation(tmp_path)
    here.apply(of_check(STEPS), ENVIRON)

    (change,) = here.apply(of_check(STEPS.replace("plantedmarker1", "plantedmarker4")), ENVIRON).changes

    assert "requests changed" in change.line
    assert "plantedmarker" not in change.line
