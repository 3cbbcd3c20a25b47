"""Who is asked whether our own network lives."""

from __future__ import annotations

from tests.databases import Database

from trueup.engine.run.witness import NetworkOfThisMachine
from trueup.engine.witnesses import witnesses
from trueup.store.models import Site


def test_setting_comes_before_the_configuration(sqlite_database: Database) -> None:
    Site.objects.create(id=1, witnesses=["192.0.2.1:53"])

    asked, explicit = witnesses(("192.0.2.9:53",))

    assert (list(asked()), explicit) == (["192.0.2.9:53"], True)


def test_configuration_comes_before_the_network_of_this_machine(sqlite_database: Database) -> None:
    Site.objects.create(id=1, witnesses=["192.0.2.1:53"])

    asked, explicit = witnesses(())

    assert (list(asked()), explicit) == (["192.0.2.1:53"], True)


def test_without_either_it_is_the_network_of_this_machine(sqlite_database: Database) -> None:
    asked, explicit = witnesses(())

    assert isinstance(asked, NetworkOfThisMachine)
    assert not explicit


def test_none_asks_nobody(sqlite_database: Database) -> None:
    Site.objects.create(id=1, witnesses=["192.0.2.1:53"])

    asked, explicit = witnesses(("none",))

    assert (list(asked()), explicit) == ([], False)
