"""The log of what people did, in the database itself."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import Error, connection, transaction
from tests.databases import Database

from trueup.access import audit
from trueup.domain.spec import Secret
from trueup.store.models import AuditEntry

pytestmark = pytest.mark.usefixtures("database")


def note(subject: str, before: Any = None, after: Any = None) -> str:
    return audit.record("anna", "apply", "check", subject, before, after, "a test", 1)


def refused(act: Any) -> bool:
    with pytest.raises(Error, match=r"audit log|previous_digest"), transaction.atomic():
        act()
    return True


def test_an_entry_follows_the_one_before_it() -> None:
    first, second = note("one"), note("two")

    rows = list(AuditEntry.objects.order_by("id").values_list("previous_digest", "digest"))
    assert rows == [("", first), (first, second)]


def test_no_entry_is_changed_deleted_replaced_or_truncated(database: Database) -> None:
    note("one")
    row = AuditEntry.objects.get()

    assert refused(lambda: AuditEntry.objects.update(who="bob"))
    assert refused(lambda: AuditEntry.objects.update(digest=row.digest))
    assert refused(AuditEntry.objects.all().delete)
    assert refused(lambda: AuditEntry.objects.create(previous_digest="", digest="x", at_us=1))
    if database.vendor == "postgresql":
        statement = "TRUNCATE trueup_auditentry"
    else:
        statement = (
            "INSERT OR REPLACE INTO trueup_auditentry "
            "(id, at_us, who, verb, noun, subject, source, previous_digest, digest) "
            f"VALUES ({row.id}, 1, '', '', '', '', '', 'y', 'z')"
        )
    assert refused(lambda: connection.cursor().execute(statement))
    assert AuditEntry.objects.get().digest == row.digest


def test_what_is_rolled_back_leaves_no_entry() -> None:
    first = note("one")
    with transaction.atomic():
        note("two")
        transaction.set_rollback(True)

    assert note("three") != first
    assert list(AuditEntry.objects.order_by("id").values_list("subject", flat=True)) == ["one", "three"]


def test_writers_at_the_same_time_make_one_chain() -> None:
    def write(name: str) -> None:
        try:
            for number in range(5):
                with transaction.atomic():
                    note(f"{name}{number}")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    rows = list(AuditEntry.objects.order_by("id").values_list("previous_digest", "digest"))
    assert len(rows) == 15
    assert [previous for previous, _ in rows] == ["", *(digest for _, digest in rows[:-1])]


def test_a_secret_is_its_reference_or_a_mask() -> None:
    value = {"token": Secret("hunter2"), "url": [Secret("hunter3", "${URL}")], "rate": 0.5}
    note("one", None, value)

    after = AuditEntry.objects.get().after
    assert after == {"token": str(Secret("x")), "url": ["${URL}"], "rate": "0.5"}
    assert "hunter" not in repr(AuditEntry.objects.values().get())


def tamper(statement: str) -> None:
    """Change a row behind the back of the product, as whoever owns the database can."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE trueup_auditentry DISABLE TRIGGER USER")
        else:
            for name in ("update", "delete", "replace"):
                cursor.execute(f"DROP TRIGGER IF EXISTS trueup_audit_{name}")
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "id_", "what"),
    [
        ("UPDATE trueup_auditentry SET who = 'bob' WHERE id = %s", 2, "edited"),
        ("UPDATE trueup_auditentry SET after = '[1]' WHERE id = %s", 2, "edited"),
        ("UPDATE trueup_auditentry SET at_us = at_us + 1 WHERE id = %s", 3, "edited"),
        ("UPDATE trueup_auditentry SET digest = 'x' WHERE id = %s", 1, "edited"),
        ("DELETE FROM trueup_auditentry WHERE id = %s", 2, "removed"),
        ("DELETE FROM trueup_auditentry WHERE id = %s", 1, "removed"),
    ],
)
def test_what_is_done_behind_the_back_is_named(statement: str, id_: int, what: str) -> None:
    for name in ("one", "two", "three", "four"):
        note(name, {"a": 1}, {"b": [1, None, "ä"]})
    ids = list(AuditEntry.objects.order_by("id").values_list("id", flat=True))
    assert audit.verify().holds

    tamper(statement % ids[id_ - 1])

    named = ids[id_ - 1] if what == "edited" else ids[id_]
    assert [(each.id, each.what) for each in audit.verify().faults] == [(named, what)]


def test_text_that_is_no_json_any_more_is_named(database: Database) -> None:
    note("one", {"a": 1})
    # PostgreSQL stores no such text: there it is another document
    text = "{oops" if database.vendor == "sqlite" else "{}"
    tamper(f"UPDATE trueup_auditentry SET before = '{text}'")

    assert [each.what for each in audit.verify().faults] == ["edited"]


def test_an_end_that_was_cut_off_is_seen_against_a_digest_that_was_noted() -> None:
    note("one")
    noted = note("two")
    assert audit.verify(noted).holds

    tamper("DELETE FROM trueup_auditentry WHERE subject = 'two'")

    assert audit.verify().holds
    assert audit.verify(noted).missing
