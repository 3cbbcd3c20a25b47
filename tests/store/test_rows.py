"""Rows written set-wise: what is left out, and what must not be."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from trueup.store.models import Event
from trueup.store.rows import Table
from trueup.store.write.draft import EVENTS

pytestmark = pytest.mark.usefixtures("database")


def event(key: str | None) -> tuple[object, ...]:
    return (key, "check.down", 1, 2, "check:abc", "{}")


def test_a_row_whose_key_is_there_is_left_out() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        EVENTS.insert(cursor, [event("one")], ignore=True)
        EVENTS.insert(cursor, [event("one"), event("two")], ignore=True)

    assert sorted(Event.objects.values_list("key", flat=True)) == ["one", "two"]


def test_a_row_with_a_missing_value_is_refused_and_not_left_out() -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        EVENTS.insert(cursor, [event(None)], ignore=True)

    assert not Event.objects.exists()


MANY = 1_003  # neither a multiple of what goes into one statement nor less than that


def test_of_many_rows_each_is_written_once_and_in_its_order() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        EVENTS.insert(cursor, [event(f"{place:04}") for place in range(MANY)])
        EVENTS.insert(cursor, [event(f"{place:04}") for place in range(MANY + 100)], ignore=True)

    keys = list(Event.objects.order_by("id").values_list("key", flat=True))
    assert keys == [f"{place:04}" for place in range(MANY + 100)]


def test_of_many_rows_those_are_changed_for_which_the_condition_holds() -> None:
    told = Table("trueup_event", {"routed_us": "bigint", "key": "text"})
    with transaction.atomic(), connection.cursor() as cursor:
        EVENTS.insert(cursor, [event(f"{place:04}") for place in range(MANY)])
        told.update(cursor, [(7, f"{place:04}") for place in range(500)], where="t.routed_us IS NULL")
        told.update(cursor, [(8, f"{place:04}") for place in range(MANY)], where="t.routed_us IS NULL")

    routed = list(Event.objects.order_by("key").values_list("routed_us", flat=True))
    assert routed == [7] * 500 + [8] * (MANY - 500)


def test_one_refused_row_of_many_refuses_all() -> None:
    rows = [*(event(str(place)) for place in range(200)), event("7")]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        EVENTS.insert(cursor, rows)

    assert not Event.objects.exists()
