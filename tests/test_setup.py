"""Setting up a checkout: once, only when needed, and with one clear sentence where something is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("cat", "cksum", "dirname", "grep", "mkdir", "sh", "tail")
PYTHON = Path(getattr(sys, "_base_executable", sys.executable))

# A project that pip can install without any index: its build backend lies beside it.
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import zipfile

INFO = "trueup-1.dist-info/"


def build_editable(directory, config_settings=None, metadata_directory=None):
    name = "trueup-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        wheel.writestr(INFO + "METADATA", "Metadata-Version: 2.1\\nName: trueup\\nVersion: 1\\n")
        wheel.writestr(INFO + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(INFO + "entry_points.txt", "[console_scripts]\\ntrueup = this:main\\n")
        wheel.writestr(INFO + "RECORD", "")
    return name
"""


class Checkout:
    """A folder with the script, and a PATH that holds only what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder / "checkout", folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)
        (self.folder / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "setup.sh", self.folder / "scripts")
        (self.folder / "requirements").mkdir()
        for name in ("base", "build"):
            (self.folder / "requirements" / f"{name}.txt").write_text("")
        (self.folder / "pyproject.toml").write_text(PYPROJECT)
        (self.folder / "backend.py").write_text(BACKEND)

    def has_python(self, name: str, customised: str = "") -> None:
        """Put an interpreter on the PATH that runs some code before anything else."""
        home = self.bin / f"{name}-home"
        home.mkdir()
        (home / "sitecustomize.py").write_text(customised)
        program = self.bin / name
        program.write_text(f'#!/bin/sh\nPYTHONPATH={home} exec {PYTHON} "$@"\n' if customised else "")
        program.chmod(0o755)
        if not customised:
            program.unlink()
            program.symlink_to(PYTHON)

    def set_up(self, environment: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
        """Run the script as make does."""
        return subprocess.run(
            [self.bin / "sh", "scripts/setup.sh", ".venv", "base"],
            cwd=self.folder, capture_output=True, text=True, timeout=100, check=False,
            env={"PATH": str(self.bin), "PIP_CONFIG_FILE": os.devnull, **environment},
        )  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line of what went wrong."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_machine_without_python_is_told_what_to_install(checkout: Checkout) -> None:
    said = refusal(checkout.set_up())

    assert said.startswith("trueup: no Python was found: trueup needs Python 3.11 or newer.")
    assert "apt install python3 python3-venv" in said


def test_old_python_is_named_with_the_version_that_is_needed(checkout: Checkout) -> None:
    checkout.has_python("python3", "import sys\nsys.version_info = (3, 9, 2, 'final', 0)")

    said = refusal(checkout.set_up())

    assert said.startswith("trueup: Python 3.9 is too old: trueup needs Python 3.11 or newer.")


def test_python_without_its_venv_module_names_the_package_to_install(checkout: Checkout) -> None:
    checkout.has_python("python3", "import sys\nsys.modules['ensurepip'] = None")

    said = refusal(checkout.set_up())

    version = "{}.{}".format(*sys.version_info)
    assert said.startswith(f"trueup: Python {version} cannot make virtual environments")
    assert said.endswith(f"apt install python{version}-venv")


def test_interpreter_that_was_named_and_is_none_is_refused(checkout: Checkout) -> None:
    said = refusal(checkout.set_up({"PYTHON": "/nowhere/python3.12"}))

    assert said.startswith("trueup: PYTHON=/nowhere/python3.12 does not start")


def test_set_up_is_done_once_and_again_when_the_pins_change(checkout: Checkout) -> None:
    checkout.has_python("python3.13", "import sys\nsys.modules['ensurepip'] = None")
    checkout.has_python("python3")  # the first interpreter that can do it is taken
    pins = checkout.folder / "requirements" / "base.txt"
    no_index = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}

    first = checkout.set_up()
    again = checkout.set_up(no_index)
    pins.write_text("six==1.17.0 --hash=sha256:" + 64 * "0")
    cut_off = checkout.set_up(no_index)
    pins.write_text("# other pins")
    changed = checkout.set_up()

    assert (first.returncode, first.stderr) == (0, "")
    assert (checkout.folder / ".venv" / "bin" / "trueup").exists()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert refusal(cut_off).startswith("trueup: the package index could not be reached.")
    assert "pip config list" in refusal(cut_off)
    assert "Installing requirements/base.txt" in changed.stdout


def test_bare_make_explains_every_command_of_the_readme() -> None:
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    readme = (ROOT / "README.md").read_text("utf-8")
    explained = set(re.findall(r"^  (make [a-z-]+) ", told, re.MULTILINE))
    assert explained == set(re.findall(r"make [a-z-]+", readme))
