"""Every finding of `manage.py check` is provoked, and none is made of a project that is as it should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from tests.databases import Database

from trueup import conf
from trueup.checks.finding import FINDINGS

Provoked = dict[str, Any]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Have a configuration, and settings of this test alone."""
    (tmp_path / "trueup.yaml").touch()
    monkeypatch.setenv("TRUEUP_CONFIG", str(tmp_path / "trueup.yaml"))
    monkeypatch.setenv("TRUEUP_DATA", str(tmp_path / "data"))
    conf.current.cache_clear()
    yield
    monkeypatch.undo()
    conf.current.cache_clear()


def found() -> dict[str, tuple[str, str]]:
    """Return what Django's checks say of trueup: message and hint by id."""
    messages = run_checks(tags=["trueup"], databases=["default"])
    return {str(each.id): (each.msg, each.hint or "") for each in messages}


class ToAnother:
    """A router that sends everything to another database."""

    def db_for_write(self, model: object, **hints: object) -> str:
        return "archive"


def entry(**values: Any) -> Callable[[], None]:
    """Change the settings of the database."""

    def change() -> None:
        settings = connections["default"].settings_dict
        options = values.pop("OPTIONS", {})
        settings.update(values)
        settings["OPTIONS"] = {**settings["OPTIONS"], **options}

    return change


def nothing() -> None:
    """Change nothing."""


SQLITE: dict[str, tuple[Provoked, Callable[[], None], str]] = {
    "trueup.E002": ({"DATABASE_ROUTERS": [f"{__name__}.ToAnother"]}, nothing, "'archive'"),
    "trueup.E003": ({"USE_TZ": False}, nothing, "USE_TZ is False"),
    "trueup.E007": ({}, entry(AUTOCOMMIT=False), "AUTOCOMMIT"),
    "trueup.W001": ({}, entry(OPTIONS={"transaction_mode": None}), "database is locked"),
    "trueup.W002": ({}, entry(OPTIONS={"init_command": "PRAGMA journal_mode=DELETE"}), "write-ahead log"),
    "trueup.W003": ({}, entry(OPTIONS={"timeout": 1}), "after 1 s"),
    "trueup.W008": ({}, entry(ATOMIC_REQUESTS=True), "ATOMIC_REQUESTS"),
    "trueup.W009": ({"MIDDLEWARE": ["django.middleware.cache.UpdateCacheMiddleware"]}, nothing, "5 s"),
}
POSTGRESQL: dict[str, tuple[Provoked, Callable[[], None], str]] = {
    "trueup.W004": ({}, entry(OPTIONS={"isolation_level": 4}), "READ COMMITTED"),
    "trueup.W005": ({}, entry(CONN_HEALTH_CHECKS=False), "restart"),
}


def test_project_that_is_as_it_should_be_has_no_finding(database: Database) -> None:
    assert found() == {}


@pytest.mark.parametrize("identity", SQLITE)
def test_finding_is_made_on_sqlite(sqlite_database: Database, identity: str) -> None:
    settings, change, word = SQLITE[identity]
    change()

    with override_settings(**settings):
        messages = found()

    assert list(messages) == [identity]
    assert word in messages[identity][0]


@pytest.mark.parametrize("identity", POSTGRESQL)
def test_finding_is_made_on_postgresql(postgres_database: Database, identity: str) -> None:
    _, change, word = POSTGRESQL[identity]
    change()

    messages = found()

    assert list(messages) == [identity]
    assert word in messages[identity][0]


def test_other_databases_are_refused(sqlite_database: Database) -> None:
    connections["default"].vendor = "oracle"

    assert "oracle" in found()["trueup.E001"][0]


def test_old_driver_of_postgresql_is_refused(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.backends.postgresql import psycopg_any

    monkeypatch.setattr(psycopg_any, "is_psycopg3", False)

    assert "psycopg2" in found()["trueup.E004"][0]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"DTAA": "/var"}, "'DTAA' is no setting. Did you mean 'DATA'?"),
        ({"LISTEN": "here"}, "LISTEN=here is not HOST:PORT"),
        ({"DATABASE_URL": "postgres://x/y"}, "'DATABASE_URL' is no setting"),
        (["DATA"], "it is no dictionary, but ['DATA']"),
    ],
)
def test_setting_that_cannot_be_used_is_refused(sqlite_database: Database, setting: Any, told: str) -> None:
    with override_settings(TRUEUP=setting):
        assert told in found()["trueup.E005"][0]


def test_environment_that_cannot_be_used_is_refused(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUEUP_BACKUPS", "0")
    conf.current.cache_clear()

    assert "TRUEUP_BACKUPS=0" in found()["trueup.E005"][0]


def test_keys_are_not_kept_where_files_are_published(sqlite_database: Database, tmp_path: Path) -> None:
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        assert str(tmp_path / "data") in found()["trueup.E006"][0]


def test_missing_configuration_is_said(sqlite_database: Database, tmp_path: Path) -> None:
    (tmp_path / "trueup.yaml").unlink()

    assert "trueup init" in found()["trueup.W006"][1]


def test_missing_migration_is_said_where_the_database_is_looked_at(sqlite_database: Database) -> None:
    call_command("migrate", "trueup", "0001", verbosity=0)

    assert found() == {}
    (message,) = (each for each in run_checks(tags=[Tags.database], databases=["default"]) if each.id)
    assert message.id == "trueup.W007"
    assert "is not applied" in message.msg


def test_every_finding_has_its_test_and_its_row_in_the_reference() -> None:
    here = Path(__file__).read_text("utf-8")
    page = Path(__file__).parents[2] / "docs" / "reference" / "system-checks.md"

    tested = set(re.findall(r'"(trueup\.[EW]\d{3})"', here))
    assert tested == set(FINDINGS)
    assert set(re.findall(r"`(trueup\.[EW]\d{3})`", page.read_text("utf-8"))) == set(FINDINGS)


def test_every_hint_says_what_to_do() -> None:
    assert all(each.hint.endswith(".") or "python manage.py" in each.hint for each in FINDINGS.values())
