"""What is exported means what is stored."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.config.applying import Installation
from tests.config.loading import spec
from tests.config.test_archive import by_hand
from tests.config.test_random import ENVIRON, documents
from tests.databases import Database
from tests.test_docs import PAGES, blocks, name_of

from trueup.config.apply import plan
from trueup.config.emit import yaml
from trueup.config.export import export
from trueup.config.load import load
from trueup.domain.spec import CheckSpec, ComponentSpec, ConfigSpec, ContractSpec, SiteSpec
from trueup.store.models import Check
from trueup.store.read.config import Current, Stored, current
from trueup.store.write import config as write

TEXT = """\
site: {name: THE BOT, timezone: Europe/Moscow, witnesses: ['192.0.2.1:53']}
components:
  - name: Бэкенд
    slug: backend
    description: "two\\nlines, ${NOT} of ours: $${HERE}"
    down_when: 2
    checks:
      - http: http://localhost:8000/health
        interval: 5s
        timeout: 2500ms
        expect: ["status == 200", '$.status == "ok"']
        username: me
        password: ${BACKEND_PASSWORD}
        tags: [eu]
      - tcp: localhost:25
        slug: mail
        send: "EHLO\\r\\n"
        counts: false
        confirm: 1
      - {tcp: 'localhost:26', recover: 3}
contracts:
  - name: Standard
    components: [backend]
    objective: 99.90
    window: {rolling: 30d}
    tiers: [{min: 99.9, credit: 0}, {min: 99, credit: '0.10'}, {min: 0, credit: 1}]
channels:
  - slack: ${SLACK}
  - webhook: ${HOOK}
    slug: ours
    secret_headers: {X-Key: '${KEY}'}
"""
VARIABLES = {
    "NOT": "none",
    "BACKEND_PASSWORD": "p",
    "SLACK": "https://x.example/1",
    "HOOK": "https://x.example/2",
}


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Installation:
    """Give an installation on each database."""
    return Installation(tmp_path)


def written(here: Installation, *, hand: bool = False) -> str:
    return yaml(export(current(here.seal), by_hand=hand).tree)


def test_applying_what_was_exported_changes_nothing_but_what_secrets_are_called(here: Installation) -> None:
    environ = {**VARIABLES, "KEY": "k"}
    here.apply(TEXT, environ)

    done = export(current(here.seal), by_hand=False)
    text = yaml(done.tree)

    assert done.placeholders == {"TRUEUP_SECRET_MAIL_SEND": "check mail, send"}
    assert "EHLO" not in text
    again = spec(text, environ={**environ, "TRUEUP_SECRET_MAIL_SEND": "EHLO\r\n"})
    changes = plan(again, here.now_us, here.seal)
    assert [change.line for change in changes] == ["~ change check mail: send changed; new revision 2"]
    assert again.components[0].description == "two\nlines, none of ours: ${HERE}"
    assert "objective: 99.90\n" in text
    assert "password: ${BACKEND_PASSWORD}\n" in text


def test_what_would_be_so_anyway_is_not_written(here: Installation) -> None:
    here.apply("components:\n  - name: Front end\n    checks: [http: http://localhost]\n")

    assert written(here) == "components:\n  - name: Front end\n    checks:\n      - http: http://localhost\n"


def test_what_was_made_by_hand_is_written_only_where_that_is_wished(here: Installation) -> None:
    here.apply("components:\n  - name: Front\n    checks: [http: http://localhost]\n")
    by_hand(here, "cellar", "boiler")
    by_hand(here, "front", "port")
    contract = ContractSpec(
        "c", "C", {"components": ["cellar"], "objective": "99", "window": {"rolling": "30d"}}
    )
    write.write_contract(None, contract, here.now_us, write.HAND)

    few, every = export(current(here.seal), by_hand=False), export(current(here.seal), by_hand=True)

    assert few.left_out == ["component cellar", "check port", "contract c"]
    (first,) = plan(spec(yaml(few.tree)), here.now_us, here.seal)
    assert first.line.startswith("~ change contract c: version 1 from ")
    text = yaml(every.tree)
    assert text.count("# made by hand") == 4
    lines = here.lines(text)
    assert [line.partition(":")[0] for line in lines] == [
        "~ change component cellar",
        "~ change check port",
        "~ change check boiler",
        "~ change contract c",
    ]
    assert all("managed by the file from now on" in line for line in lines)
    assert set(Check.objects.values_list("managed", flat=True)) == {"file"}
    assert here.lines(written(here)) == []


def test_what_is_archived_is_not_written(here: Installation) -> None:
    first = "components:\n  - {name: A, checks: [{tcp: 'localhost:1'}]}\n"
    here.apply(f"{first}  - {{name: B, checks: [{{tcp: 'localhost:2'}}]}}\n")
    here.apply(first)

    assert "localhost:2" not in written(here)


def test_two_secrets_never_share_a_placeholder(here: Installation) -> None:
    here.apply("""\
components:
  - name: A
    checks:
      - {http: http://localhost, slug: a-b, password: secretone, username: x, secret_headers: {C: secrettwo}}
      - {http: http://localhost, slug: a, secret_headers: {b-password: secretthree, B_PASSWORD: secretfour}}
""")

    done = export(current(here.seal), by_hand=False)

    assert len(done.placeholders) == 4
    assert "secret" not in re.sub("secret_headers", "", yaml(done.tree)).replace("SECRET", "")


def stored(found: ConfigSpec) -> Current:
    """Return what would be stored of a configuration."""
    checks = {
        check.slug: Stored(number * 100 + n, check, False, True, n, number)
        for number, component in enumerate(found.components)
        for n, check in enumerate(component.checks)
    }
    return Current(
        found.site,
        {each.slug: Stored(n, each, False, True, n) for n, each in enumerate(found.components)},
        checks,
        {each.slug: Stored(n, each, False, True) for n, each in enumerate(found.contracts)},
        {each.slug: Stored(n, each, False, True) for n, each in enumerate(found.channels)},
    )


def again(found: ConfigSpec, environ: dict[str, str]) -> list[str]:
    """Return what applying the exported form of a configuration would change."""
    from trueup.config.plan import diff

    done = export(stored(found), by_hand=False)
    read = spec(
        yaml(done.tree), environ={**environ, **dict.fromkeys(done.placeholders, "https://example.org/x")}
    )
    changes = diff(stored(found), read, 0)
    return [each.line for each in changes if each.details or each.differences or each.action != "change"]


@settings(max_examples=40)
@given(document=documents())
def test_export_of_any_configuration_is_that_configuration(document: dict[str, Any]) -> None:
    found = spec(json.dumps(document), environ=ENVIRON)

    lines = again(found, ENVIRON)

    assert [line for line in lines if not line.endswith("token changed; new revision 1")] == []


_TEXT = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters=" ${}:#'\"-&*!|>%@`,[]"),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip() == text)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(name=_TEXT, contact=_TEXT, description=st.lists(_TEXT, max_size=3).map("\n".join), header=_TEXT)
def test_any_words_come_back_as_they_are(name: str, contact: str, description: str, header: str) -> None:
    check = CheckSpec(
        "x", "X y", "http", "http://localhost/", 60_000_000, 10_000_000,
        expect=("status in 200..399",), options={"headers": {"X-A": header}},
    )  # fmt: skip
    component = ComponentSpec("s", name, (check,), description)
    found = ConfigSpec(SiteSpec(name=name, contact=contact), (component,))

    assert again(found, {}) == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=name_of)
def test_examples_of_the_documentation_come_back_as_they_are(page: Path, tmp_path: Path) -> None:
    for name in ("ca.pem", "client.pem"):
        (tmp_path / name).touch()
    for number, example in enumerate(blocks(page, "yaml")):
        environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", example), "set")
        file = tmp_path / f"{number}.yaml"
        file.write_text(example, "utf-8")

        lines = again(load(file, environ), environ)

        assert [line for line in lines if not re.search(r" \S+ changed(; |$)", line)] == []
