"""``trueup plan``, ``archive`` and ``restore``, and ``apply`` on a database that is older."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import call_command
from tests.databases import Database, use

from trueup import conf
from trueup.cli import run

GOOD = """\
components:
  - name: Frontend
    checks: [http: http://localhost:8080]
  - name: Backend
    checks: [{http: http://localhost:8000/health, password: hunter2, username: me}]
"""


class Done(NamedTuple):
    """What one command line did."""

    code: int
    out: str
    err: str


class Here:
    """A folder in which verbs are run, in the test's own process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def write(self, text: str) -> None:
        """Write the configuration."""
        (self._folder / "trueup.yaml").write_text(text)

    def run(self, *arguments: str) -> Done:
        """Run one verb; nobody can be asked anything."""
        code = run(arguments)
        return Done(code, *self._capsys.readouterr())


@pytest.fixture
def here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database: Database
) -> Here:
    """Give a folder with an empty database, on each."""
    return _at(tmp_path, capsys, monkeypatch)


def _at(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setenv("TRUEUP_DATA", str(folder / "data"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    conf.current.cache_clear()
    return Here(folder, capsys)


def test_plan_changes_nothing_and_says_so_by_its_exit_code(here: Here) -> None:
    here.write(GOOD)
    applied = here.run("apply")
    here.write(GOOD.replace("hunter2", "hunter3").replace("8080", "9090"))

    first, again, document = here.run("plan"), here.run("plan"), here.run("plan", "--json")

    assert applied.code == 0, applied.err
    assert (first.code, again.out) == (1, first.out)
    assert first.out == (
        "~ change check frontend: target http://localhost:8080 -> http://localhost:9090; new revision 2\n"
        "~ change check backend: password changed; new revision 2\n"
        "2 to change\n"
    )
    changes = json.loads(document.out)["changes"]
    assert changes[0]["differences"] == [
        {"field": "target", "before": "http://localhost:8080", "after": "http://localhost:9090"}
    ]
    assert changes[1]["differences"] == [{"field": "password", "secret": "changed"}]
    assert "hunter" not in first.out + document.out
    here.write(GOOD)
    assert here.run("plan") == (0, "nothing to do: trueup.yaml is what holds\n", "")


def test_plan_of_a_wrong_configuration_ends_with_2(here: Here) -> None:
    here.write(GOOD.replace("checks", "chekcs"))

    assert here.run("plan").code == 2


def test_plan_is_coloured_on_a_terminal_only(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    here.write(GOOD)
    plain = here.run("plan").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    coloured = here.run("plan").out

    assert "\x1b[" not in plain
    assert "\x1b[32m+ create component frontend\x1b[0m" in coloured


def test_what_is_archived_by_hand_stays_so_and_comes_back(here: Here) -> None:
    here.write(GOOD)
    here.run("apply")
    here.write(GOOD.partition("  - name: Backend")[0])
    here.run("apply", "--yes")

    restored, archived, again = (
        here.run("restore", "backend"),
        here.run("archive", "backend", "--json"),
        here.run("archive", "backend"),
    )

    assert restored.out == (
        "restored component backend\nrestored check backend\nno engine runs here; the next one follows it\n"
    )
    assert [each["noun"] for each in json.loads(archived.out)["archived"]] == ["component", "check"]
    assert again.code == 2
    assert "component backend is archived already. `trueup restore backend` brings it back." in again.err
    assert here.run("plan").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["archive", "frontend"], "component frontend is managed by the configuration file. Take it out of"),
        (["restore", "frontend"], "component frontend is not archived."),
        (["restore", "frontent"], "There is no thing with the slug 'frontent'. Did you mean frontend?"),
        (["archive", "frontend", "--noun", "chek"], "--noun chek: write one of component, check,"),
    ],
)
def test_what_cannot_be_archived_is_refused_with_the_remedy(
    sqlite_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str,
) -> None:  # fmt: skip
    here = _at(tmp_path, capsys, monkeypatch)
    here.write(GOOD)
    here.run("apply")

    found = here.run(*arguments)

    assert found.code == 2
    assert told in found.err


def test_an_older_database_is_brought_up_to_date_by_apply_as_by_a_start(
    sqlite_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    older = tmp_path / "older.db"
    use(str(older))
    call_command("migrate", "trueup", "0002_guard_the_ledger", verbosity=0)
    here = _at(tmp_path, capsys, monkeypatch)
    here.write(GOOD)

    refused, done = here.run("plan"), here.run("apply")

    assert refused.code == 2
    assert "The database is of an older form (0003_check_tags is missing)" in refused.err
    assert done.code == 0, done.err
    assert "copied the database to" in done.out
    assert "as revision 1" in done.out
    assert here.run("plan").code == 0
