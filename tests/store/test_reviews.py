"""Exclusions and corrections in the database: decided once, by another, never changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import Error, connection, transaction
from tests.databases import Database
from tests.engine.centre.platform import AT, make_check

from trueup.domain.interval import Span
from trueup.store.models import Contract, Correction, Exclusion
from trueup.store.read import exclusion as read
from trueup.store.write import correction
from trueup.store.write import exclusion as write

pytestmark = pytest.mark.usefixtures("database")

S = 1_000_000
AROUND = Span(0, 100 * S)


def contract() -> int:
    return int(Contract.objects.get_or_create(slug="gold", defaults={"document": {}, "created_at": AT})[0].id)


def asked(start_s: int = 10, end_s: int = 20, *, supersedes: str = "", kind: str = "customer") -> str:
    span = (start_s * S, end_s * S)
    words = ("their wall", "anna")
    return write.ask(
        contract(), *span, kind=kind, reason=words[0], by=words[1], now_us=S, supersedes=supersedes
    )


def approved(*span: int) -> str:
    name = asked(*span)
    assert write.decide(name, "approved", "bob", "seen", 2 * S)
    return name


def refused(act: Any) -> bool:
    with pytest.raises(Error, match="decided once"), transaction.atomic():
        act()
    return True


def in_force(known_us: int | None = None) -> list[str]:
    return [each.public_id for each in read.decided(contract(), AROUND, known_us)]


@pytest.mark.parametrize("model", [Exclusion, Correction])
def test_what_was_asked_and_decided_stays(model: Any, database: Database) -> None:
    if model is Exclusion:
        approved()
    else:
        name = correction.ask(make_check().check.id, 0, S, "up", "a", "b", "anna", S)
        assert correction.decide(name, "approved", "bob", "seen", S)
    rows = model.objects.all()

    for values in (
        {"reason": "x"},
        {"end_us": 7},
        {"decision": "refused"},
        {"decided_why": "x"},
        {"asked_by": "b"},
    ):
        assert refused(lambda values=values: rows.update(**values))
    assert refused(rows.delete)
    table = model._meta.db_table
    if database.vendor == "postgresql":
        assert refused(lambda: connection.cursor().execute(f"TRUNCATE {table} CASCADE"))
    else:
        replace = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
        assert refused(lambda: connection.cursor().execute(replace))


def test_the_database_itself_refuses_a_decision_of_the_one_who_asked() -> None:
    asked()
    values = {"decision": "approved", "decided_at": AT, "decided_why": "x"}

    assert refused(lambda: Exclusion.objects.update(**values, decided_by="anna"))
    assert refused(lambda: Exclusion.objects.update(**values, decided_by=""))
    assert not write.decide(read.asked()[0].public_id, "approved", "anna", "x", S)


def test_it_is_decided_or_withdrawn_once() -> None:
    one, other = asked(), asked()

    assert write.withdraw(one, S)
    assert not write.withdraw(one, S)
    assert not write.decide(one, "approved", "bob", "x", S)
    assert write.decide(other, "refused", "bob", "x", S)
    assert not write.decide(other, "approved", "bob", "x", S)
    assert not write.withdraw(other, S)
    assert refused(lambda: Exclusion.objects.filter(public_id=other).update(withdrawn_at=AT))
    assert in_force() == []


def test_only_what_is_approved_and_touches_the_window_holds() -> None:
    asked()
    approved(100, 110)
    approved(-5, 0)
    first, last = approved(-5, 1), approved(99, 200)

    assert in_force() == [first, last]
    assert in_force(known_us=S) == []


def test_an_approved_successor_takes_the_place_and_a_refused_one_does_not() -> None:
    old = approved()
    refused_one = asked(10, 15, supersedes=old)
    assert in_force() == [old]
    write.decide(refused_one, "refused", "bob", "no", 3 * S)
    assert in_force() == [old]

    new = asked(10, 15, supersedes=old)
    write.decide(new, "approved", "bob", "yes", 4 * S)

    assert in_force() == [new]
    assert in_force(known_us=3 * S) == [old]
    revoked = asked(10, 15, supersedes=new, kind=read.REVOKED)
    write.decide(revoked, "approved", "bob", "yes", 5 * S)
    assert in_force() == []
    assert [each.status for each in read.asked()] == ["approved", "superseded", "refused", "superseded"]
