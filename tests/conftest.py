"""Fixtures for every test: databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker
from tests.databases import Database, PostgresDatabases, SqliteDatabases, postgres, use


@pytest.fixture(scope="session")
def sqlite_databases(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> SqliteDatabases:
    """Give fresh SQLite databases."""
    with django_db_blocker.unblock():
        return SqliteDatabases(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_databases(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[PostgresDatabases]:
    """Give fresh databases of a PostgreSQL server that lives as long as the tests."""
    with postgres(tmp_path_factory.mktemp("postgres")) as address:
        with django_db_blocker.unblock():
            databases = PostgresDatabases(address)
        yield databases


@contextmanager
def _in_use(
    databases: SqliteDatabases | PostgresDatabases, folder: Path, blocker: DjangoDbBlocker
) -> Iterator[Database]:
    with blocker.unblock(), databases.fresh(folder) as database:
        use(database.address)
        try:
            yield database
        finally:
            use(None)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """Run the test on both databases: a migrated, empty one is Django's default."""
    wanted = "sqlite_databases" if request.param == "sqlite" else "postgres_databases"
    with _in_use(request.getfixturevalue(wanted), tmp_path, django_db_blocker) as found:
        yield found


@pytest.fixture
def sqlite_database(
    sqlite_databases: SqliteDatabases, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """Make a migrated, empty SQLite file Django's default."""
    with _in_use(sqlite_databases, tmp_path, django_db_blocker) as found:
        yield found


@pytest.fixture
def postgres_database(
    postgres_databases: PostgresDatabases, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """Make a migrated, empty PostgreSQL database Django's default."""
    with _in_use(postgres_databases, tmp_path, django_db_blocker) as found:
        yield found
