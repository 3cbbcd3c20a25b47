"""One address in, Django's settings out."""

from __future__ import annotations

import pytest
from django.db import connection
from tests.databases import Database

from trueup.store.connection import AddressError, database_settings, sqlite_settings


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("data/trueup.db", "data/trueup.db"),
        ("sqlite:///data/trueup.db", "data/trueup.db"),
        ("sqlite:////var/lib/trueup.db", "/var/lib/trueup.db"),
        ("sqlite:///with%20blank.db", "with blank.db"),
    ],
)
def test_a_path_or_an_sqlite_address_names_a_file(address: str, name: str) -> None:
    assert database_settings(address)["NAME"] == name


def test_a_postgres_address_is_taken_apart() -> None:
    found = database_settings("postgresql://me:p%40ss@db.example:6543/status?sslmode=require")

    wanted = {"NAME": "status", "USER": "me", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "6543"}
    assert {name: found[name] for name in wanted} == wanted
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_socket_directory_stands_in_the_query() -> None:
    assert database_settings("postgres://me@/status?host=/run/postgresql")["HOST"] == "/run/postgresql"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "empty"),
        ("mysql://root:geheim@host/name", "begins with mysql://"),
        ("sqlite://host/name", "names a host"),
        ("sqlite://", "names no file"),
        ("postgres://me:geheim@host", "names no database"),
        ("postgres://me:geheim@host:port/name", "port"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(address: str, words: str) -> None:
    with pytest.raises(AddressError, match=words) as caught:
        database_settings(address)

    assert "geheim" not in str(caught.value)


def test_sqlite_survives_a_loss_of_power_and_keeps_its_wal_small(sqlite_database: Database) -> None:
    options = sqlite_settings(sqlite_database.address)["OPTIONS"]  # type: ignore[arg-type]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in options["init_command"]

    def pragma(name: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {name}")
            return cursor.fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("wal_autocheckpoint") == 250
    assert pragma("journal_size_limit") == 1_048_576
    assert pragma("busy_timeout") == 10_000
    assert pragma("foreign_keys") == 1
