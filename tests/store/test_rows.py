"""Rows written set-wise: what is left out, and what must not be."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from trueup.store.models import Event
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
