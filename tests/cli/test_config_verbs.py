"""``trueup init``, ``validate`` and ``apply`` as people type them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.databases import Database

GOOD = """\
components:
  - name: Frontend
    checks: [http: http://localhost:8080]
  - name: Backend
    checks: [{http: http://localhost:8000/health, password: hunter2, username: me}]
"""


@dataclass(frozen=True)
class Shell:
    """A folder in which the tool is called."""

    folder: Path
    database: str = ""

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Call the tool; nobody can be asked anything."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUEUP_")}
        return subprocess.run(
            [sys.executable, "-m", "trueup", *arguments],
            cwd=self.folder,
            env={**kept, "DATABASE_URL": self.database, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def write(self, text: str) -> None:
        """Write the configuration."""
        (self.folder / "trueup.yaml").write_text(text)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Give an empty folder."""
    return Shell(tmp_path)


@pytest.fixture
def stored(tmp_path: Path, sqlite_database: Database) -> Shell:
    """Give a folder with an empty, migrated database."""
    return Shell(tmp_path, f"sqlite:///{sqlite_database.address}")


def test_init_writes_a_configuration_that_is_valid(shell: Shell) -> None:
    written = shell.run("init")
    valid = shell.run("validate", BACKEND_URL="http://127.0.0.1:9")

    assert (written.returncode, written.stdout) == (0, "wrote trueup.yaml; now: trueup up\n")
    assert (valid.returncode, valid.stdout) == (0, "valid: 3 components, 3 checks\n")


def test_init_replaces_nothing_without_force(shell: Shell) -> None:
    shell.write("mine")

    refused = shell.run("init")

    assert refused.returncode == 2
    assert refused.stderr.startswith("trueup: trueup.yaml: it exists already: change it, or let")
    assert (shell.folder / "trueup.yaml").read_text() == "mine"
    assert shell.run("init", "--force").returncode == 0


def test_validate_tells_all_errors_and_ends_with_2(shell: Shell) -> None:
    shell.write(GOOD.replace("name: Backend", "nam: Backend").replace("hunter2, ", "hunter2, timout: 5s, "))

    text, document = shell.run("validate"), shell.run("validate", "--json")

    assert (text.returncode, document.returncode) == (2, 2)
    assert text.stderr.startswith(
        "trueup.yaml:4:5: a component needs the key 'name'\n    4 |   - nam: Backend\n"
    )
    errors: list[dict[str, Any]] = json.loads(document.stdout)["errors"]
    assert [(each["line"], each["message"].partition(":")[0]) for each in errors] == [
        (4, "a component needs the key 'name'"),
        (4, "unknown key 'nam' in a component"),
        (5, "unknown key 'timout' in a check"),
    ]
    assert "hunter2" not in text.stderr + document.stdout


def test_validate_without_a_file_says_what_to_do(shell: Shell) -> None:
    found = shell.run("validate", "--config", "nowhere.yaml")

    assert found.returncode == 2
    assert found.stderr == (
        "nowhere.yaml: there is no such file: 'trueup init' writes one, or name another with --config\n"
    )


def test_apply_makes_a_configuration_hold_once(stored: Shell) -> None:
    stored.write(GOOD)

    first, again = stored.run("apply"), stored.run("apply", "--json")

    assert first.returncode == 0, first.stderr
    assert "+ create check backend: http http://localhost:8000/health every 1m" in first.stdout
    assert first.stdout.endswith(
        "applied 5 changes as revision 1; no engine runs here; the next one follows it\n"
    )
    document = json.loads(again.stdout)
    assert set(document.pop("summary").values()) == {0}
    assert document == {
        "applied": True,
        "revision": 1,
        "changes": [],
        "engine_told": False,
        "notices": [],
    }
    assert (stored.folder / "data" / "keys" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert "hunter2" not in first.stdout


def test_apply_archives_what_was_measured_only_by_yes_where_nobody_can_be_asked(stored: Shell) -> None:
    from tests.config.applying import measured

    stored.write(GOOD)
    stored.run("apply")
    measured("backend")
    stored.write(GOOD.replace("Backend", "API"))

    refused, refused_json, agreed = (
        stored.run("apply"),
        stored.run("apply", "--json"),
        stored.run("apply", "--yes"),
    )

    assert (refused.returncode, refused_json.returncode, agreed.returncode) == (2, 2, 0)
    assert "write 'was: backend' at component api if it is the same one" in refused.stdout
    assert "this would archive component backend, check backend, which have a history" in refused.stderr
    assert json.loads(refused_json.stdout)["applied"] is False
    assert "applied 4 changes as revision 2" in agreed.stdout


def test_apply_makes_a_database_where_there_is_none(shell: Shell) -> None:
    shell.write(GOOD)

    planned, first, again = shell.run("plan"), shell.run("apply"), shell.run("plan", "--json")

    assert planned.returncode == 1, planned.stderr
    assert planned.stdout.endswith("5 to create\n")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("made a new database\n+ create site: trueup\n")
    assert (again.returncode, json.loads(again.stdout)["changes"]) == (0, [])
    assert (shell.folder / "data" / "trueup.db").exists()


def test_a_wrong_configuration_changes_nothing(stored: Shell) -> None:
    stored.write(GOOD.replace("checks", "chekcs"))

    found = stored.run("apply")

    assert found.returncode == 2
    assert "unknown key 'chekcs' in a component: did you mean 'checks'?" in found.stderr
    assert "Traceback" not in found.stderr


def test_the_wrong_key_is_one_sentence(stored: Shell) -> None:
    stored.write(GOOD)
    stored.run("apply")
    (stored.folder / "data" / "keys" / "secret.key").unlink()

    found = stored.run("apply")

    assert found.returncode == 2
    assert "cannot be decrypted with the key in" in found.stderr
    assert "Traceback" not in found.stderr
