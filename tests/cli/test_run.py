"""The command line as a whole: exit codes, sentences, a quick start."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from trueup import __version__
from trueup.cli import run
from trueup.cli.verbs import app

VERBS = {
    "up", "demo", "init", "validate", "schema", "plan", "apply", "archive", "restore", "ask", "beat", "pause",
    "resume", "status", "top", "ledger", "doctor", "engine", "web",
}  # fmt: skip


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"trueup {__version__}\n"


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0

    out = capsys.readouterr().out
    assert {command.callback.__name__ for command in app.registered_commands if command.callback} == VERBS
    assert all(f"\n  {verb} " in out for verb in VERBS)


@pytest.mark.parametrize("verb", sorted(VERBS - {"schema", "top"}))  # JSON by itself; status, live
def test_every_verb_has_json_and_takes_the_directories(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, "--help"]) == 0

    out = capsys.readouterr().out
    assert "--json" in out
    assert "--data" in out
    assert "--config" in out or verb == "demo", "the demo brings its own"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from trueup.cli import run; run(['--help']);"
        "print([name for name in ('django', 'pycurl', 'rich', 'granian', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["fly"], ["status", "--fast"], ["ledger"]])
def test_unknown_verb_or_option_is_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert "Error" in capsys.readouterr().err


def test_fault_of_our_own_is_one_sentence_and_exit_code_1() -> None:
    broken = "import trueup.cli.validate as v; v.options = None; from trueup.cli import run; import sys; "
    plain = subprocess.run(
        [sys.executable, "-c", broken + "sys.exit(run(['validate']))"],
        capture_output=True,
        text=True,
        check=False,
    )
    debug = subprocess.run(
        [sys.executable, "-c", broken + "sys.exit(run(['validate', '--debug']))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert plain.returncode == 1
    assert plain.stderr.startswith("trueup: a fault of its own stopped it (AttributeError: ")
    assert "--debug" in plain.stderr
    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr


def test_reader_that_goes_away_is_no_fault() -> None:
    command = f"{sys.executable} -m trueup --help | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert done.returncode in (0, 1)
    assert done.stderr == ""


def test_module_runs_as_the_command_does() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trueup", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"trueup {__version__}\n"


def test_init_and_validate_speak_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--json", "--config", "up.yaml"]) == 0
    assert json.loads(capsys.readouterr().out)["written"].endswith("up.yaml")
    assert run(["validate", "--json", "--config", "up.yaml"]) == 0
    assert json.loads(capsys.readouterr().out)["valid"] is True
