"""trueup inside a Django project, as `example/` has it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.example.project import Project
from tests.servers.sample import Sample

CONFIG = """
defaults: {{interval: 1s, timeout: 1s, confirm: 1}}
components:
  - name: Frontend
    checks:
      - http: {frontend}
"""

ASK = """
import django; django.setup()
from monitoring.uptime import UptimeMonitor
monitor = UptimeMonitor()
print([each.status for each in monitor.check_all_sync()])
print(monitor.get_all_components_status()["frontend"]["status"])
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the database of a project that was just migrated."""
    made = Project(tmp_path_factory.mktemp("migrated") / "project", Path(sys.executable))
    made.manage("migrate", "--verbosity=0")
    return made.folder / "db.sqlite3"


@pytest.fixture
def project(tmp_path: Path, migrated: Path) -> Project:
    """Give a project with a migrated, empty database."""
    made = Project(tmp_path / "project", Path(sys.executable))
    shutil.copyfile(migrated, made.folder / "db.sqlite3")
    return made


def watch(project: Project, sample: Sample) -> None:
    (project.folder / "trueup.yaml").write_text(CONFIG.format(**sample.addresses))
    project.manage("trueup", "apply")


@pytest.fixture
def sample():
    with Sample() as running:
        yield running


def test_project_needs_no_migration_of_its_own_whatever_its_default_key(project: Project) -> None:
    assert project.manage("makemigrations", "--check", "--dry-run").endswith("No changes detected")


def test_monitor_uses_the_database_of_the_project(project: Project, sample: Sample) -> None:
    watch(project, sample)

    said = project.run("-c", ASK, DJANGO_SETTINGS_MODULE="config.settings").splitlines()

    assert said == ["['up']", "up"]
    assert json.loads(project.manage("trueup", "status", "--json"))["components"][0]["state"] == "up"
    assert not (project.folder / "data" / "trueup.db").exists()


def test_monitor_of_a_project_without_migrations_says_what_to_run(tmp_path: Path) -> None:
    bare = Project(tmp_path / "project", Path(sys.executable))

    said = bare.run("-c", ASK, fails=1, DJANGO_SETTINGS_MODULE="config.settings")

    assert "UptimeError: The database is of an older form" in said
    assert said.endswith("Run: python manage.py migrate")


def test_engine_of_a_project_watches_on_its_database_and_ends_cleanly(
    project: Project, sample: Sample
) -> None:
    watch(project, sample)
    log = (project.folder / "up.log").open("wb")
    engine = subprocess.Popen(
        [sys.executable, str(project.folder / "manage.py"), "trueup", "up"],
        cwd="/", env=project.environ, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        deadline_s = time.monotonic() + 60
        while sample.asked("frontend") < 3 and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert sample.asked("frontend") >= 3, (project.folder / "up.log").read_text()
        refused = project.run("-c", ASK, fails=1, DJANGO_SETTINGS_MODULE="config.settings")
    finally:
        engine.send_signal(signal.SIGINT)
        code = engine.wait(60)
        log.close()
    said = (project.folder / "up.log").read_text()

    assert (code, "page  http" in said) == (0, False), said
    assert f"pid {engine.pid}" in refused
    assert json.loads(project.manage("trueup", "status", "--json"))["components"][0]["state"] == "up"


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        ("web", "It serves its pages itself: mount trueup.urls"),
        ("demo", "It would fill its database with a sample"),
    ],
)
def test_verb_that_is_not_for_a_project_is_refused(project: Project, verb: str, told: str) -> None:
    assert told in project.manage("trueup", verb, fails=2)


def test_verb_in_a_project_without_migrations_says_what_to_run(tmp_path: Path) -> None:
    bare = Project(tmp_path / "project", Path(sys.executable))

    assert "Run: python manage.py migrate" in bare.manage("trueup", "up", fails=2)


def test_options_of_django_are_not_taken_for_those_of_a_verb(project: Project) -> None:
    said = project.manage("trueup", "--settings=config.settings", "status", "--json", "--pythonpath", ".")

    assert json.loads(said)["components"] == []
    assert "Usage: manage.py trueup" in project.manage("trueup", "--help")


def test_setting_that_cannot_be_used_stops_a_verb_with_a_sentence(project: Project) -> None:
    settings = project.folder / "config" / "settings.py"
    settings.write_text(settings.read_text().replace('"KEEP_SAMPLES": "90d"', '"KEEP_SAMPLES": "90"'))

    assert "KEEP_SAMPLES=90 is not a number of days" in project.manage("trueup", "status", fails=2)
    assert "trueup.E005" in project.manage("check", fails=1)


def test_call_command_runs_a_verb(project: Project) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('trueup', 'status', '--json')"
    )

    assert json.loads(project.run("-c", code, DJANGO_SETTINGS_MODULE="config.settings"))["components"] == []


def test_own_tests_of_the_project_pass(project: Project) -> None:
    assert "OK" in project.manage("test", ENVIRONMENT="test")


def test_admin_shows_everything_and_changes_nothing(project: Project) -> None:
    trial = Path(__file__).with_name("admin_trial.py")

    said = project.run(
        trial, ENVIRONMENT="test", DJANGO_SETTINGS_MODULE="config.settings", PYTHONPATH=str(project.folder)
    )

    assert said.splitlines()[-1] == "well", said
    assert os.environ.get("DJANGO_SETTINGS_MODULE") != "config.settings"


def test_project_that_does_not_have_it_installed_is_told(project: Project) -> None:
    (project.folder / "bare.py").write_text("SECRET_KEY = 'x'\nINSTALLED_APPS = []\n")

    said = project.run("-m", "trueup", "status", fails=2, DJANGO_SETTINGS_MODULE="bare")
    code = "from trueup import UptimeMonitor; UptimeMonitor().get_all_components_status()"
    told = project.run("-c", code, fails=1, DJANGO_SETTINGS_MODULE="bare")

    assert 'bare, which DJANGO_SETTINGS_MODULE names, does not have trueup installed. Add "trueup"' in said
    assert "UptimeError: this project does not have trueup installed" in told
