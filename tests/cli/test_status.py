"""``trueup status`` by tag, and of what is archived."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.config.applying import Installation, measured
from tests.databases import Database

from trueup.cli import run

TEXT = """\
components:
  - name: Shop
    checks:
      - {http: 'http://localhost/', slug: shop, tags: [eu, checkout]}
      - {tcp: 'localhost:1', slug: door, tags: eu}
  - name: Office
    checks: [{tcp: 'localhost:2', tags: [us]}]
"""


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["status", *arguments]) == 0
    return capsys.readouterr().out


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Installation:
    """Give an installation on each database, with a configuration applied."""
    made = Installation(tmp_path)
    made.apply(TEXT)
    return made


def test_tags_are_shown_and_choose_checks(here: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    every = json.loads(printed(capsys, "--json"))
    eu = json.loads(printed(capsys, "--json", "--tag", "eu"))
    both = json.loads(printed(capsys, "--json", "--tag", "eu", "--tag", "checkout"))

    assert [check["tags"] for each in every["components"] for check in each["checks"]] == [
        ["checkout", "eu"],
        ["eu"],
        ["us"],
    ]
    assert [[check["slug"] for check in each["checks"]] for each in eu["components"]] == [["shop", "door"]]
    assert [check["slug"] for each in both["components"] for check in each["checks"]] == ["shop"]


def test_tag_that_nothing_has_is_refused_with_the_nearest(
    here: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status", "--tag", "chekout"]) == 2
    assert "No check has the tag 'chekout'. Did you mean checkout?" in capsys.readouterr().err


def test_archived_things_are_listed(here: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "--archived") == "nothing is archived\n"
    measured("office")
    here.apply(TEXT.partition("  - name: Office")[0], archive=True)

    document = json.loads(printed(capsys, "--archived", "--json"))
    table = printed(capsys, "--archived")

    assert [(each["noun"], each["slug"], each["managed"]) for each in document["archived"]] == [
        ("component", "office", "file"),
        ("check", "office", "file"),
    ]
    assert document["archived"][1]["history_since"] == "2023-11-14T22:14:20.000000Z"
    assert document["archived"][1]["archived"] == "2023-11-14T22:15:20.000000Z"
    assert "trueup restore SLUG" in table
