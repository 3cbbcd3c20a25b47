"""The wheel holds everything, and runs where nothing of the checkout can be imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from tests.example.project import Project
from tests.servers.sample import Sample

ROOT = Path(__file__).parent.parent

# What a person would see who installed the wheel: the command, the tables, the page and its style.
TRIAL = """
import re, sys
import django, trueup
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
page = Client().get("/", headers={"host": "127.0.0.1"})
assert page.status_code == 200, page
links = re.findall(rb'(?:href|src)="([^"]+[.](?:css|js|svg|ico))', page.content)
assert links, page.content
for link in links:
    found = Client().get(f"/{link.decode()}", headers={"host": "127.0.0.1"})
    assert found.status_code == 200, (link, found)
print(trueup.__file__)
"""

# What its code does: ask, and show the answer where its urls.py mounts it.
PROJECT_TRIAL = """
import django, trueup
django.setup()
from django.test import Client
from monitoring.uptime import UptimeMonitor
assert {each.status for each in UptimeMonitor().check_all_sync()} == {"up"}
shown = Client().get("/api/system/uptime/").json()
assert set(shown["components"]) == {"frontend", "backend", "websocket"}, shown
assert shown["overall_status"] == "operational", shown
page = Client().get("/status/")
assert page.status_code == 200 and b'href="/api/system/uptime/"' in page.content, page.content
print(trueup.__file__)
"""


def run(*command: str | Path, folder: Path) -> str:
    """Run a command and return what it printed; what it says when it fails is the test's message."""
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "trueup.server.settings"}
    environment["TRUEUP_DATA"] = str(folder / "data")
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("trueup-*.whl"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """Install the wheel where, beside its dependencies, nothing is; return the folder of its commands."""
    venv.create(tmp_path / "empty", with_pip=False, symlinks=True)
    python = tmp_path / "empty" / "bin" / "python"
    home = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=tmp_path))
    # A folder named in a .pth file is searched, but its own .pth files, the checkout's among them, are not.
    (home / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet",
        "--no-index", "--no-deps", "--ignore-installed", wheel,
        folder=tmp_path,
    )  # fmt: skip
    (tmp_path / "data").mkdir()
    return python.parent


def test_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    listing = subprocess.run(
        ["git", "ls-files", "src/trueup"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout

    missing = {name.removeprefix("src/") for name in listing.split()} - set(zipfile.ZipFile(wheel).namelist())
    assert missing == set()


def test_wheel_holds_its_licence_and_no_test(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
    assert [name for name in names if not name.startswith("trueup")] == []


def test_installed_wheel_serves_its_page_and_style(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", TRIAL, folder=tmp_path)

    assert Path(where).is_relative_to(tmp_path / "empty")


def test_example_project_runs_on_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    with Sample() as platform:
        project = Project(tmp_path / "project", installed / "python")
        project.environ |= platform.environment()
        project.manage("migrate", "--verbosity=0")
        project.manage("trueup", "init")
        project.manage("trueup", "apply")
        found = project.manage("check", "--database", "default")
        said = project.run("-c", PROJECT_TRIAL, DJANGO_SETTINGS_MODULE="config.settings")
        status = project.manage("trueup", "status", "--json")

    assert found == "System check identified no issues (0 silenced)."
    assert Path(said).is_relative_to(tmp_path / "empty")
    assert [each["state"] for each in json.loads(status)["components"]] == ["up", "up", "up"]


def test_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    from trueup import __version__

    assert run(installed / "trueup", "--version", folder=tmp_path) == f"trueup {__version__}"
    assert run(installed / "python", "-m", "trueup", "--version", folder=tmp_path) == f"trueup {__version__}"
