"""Refuse, in the database itself, every change of a written ledger entry but two.

An entry may be closed once (its end and the probes there are filled in) and superseded once. It is never
changed otherwise and never deleted.
"""

from django.db import migrations

KEPT = (
    "id",
    "series_id",
    "state",
    "start_us",
    "cause",
    "text",
    "before_asked_us",
    "before_answered_us",
    "first_asked_us",
    "first_answered_us",
    "recorded_us",
)
CLOSING = ("end_us", "last_asked_us", "last_answered_us", "after_asked_us", "after_answered_us", "closed_us")
REFUSED = "a written ledger entry may only be closed once or superseded once, and never deleted"


def _same(columns, equal):
    return " AND ".join(f"NEW.{column} {equal} OLD.{column}" for column in columns)


_CLOSES = (
    " AND ".join(f"OLD.{column} IS NULL" for column in (*CLOSING, "superseded_us"))
    + " AND NEW.superseded_us IS NULL AND NEW.end_us IS NOT NULL AND NEW.closed_us IS NOT NULL"
)


def _supersedes(equal):
    return f"OLD.superseded_us IS NULL AND NEW.superseded_us IS NOT NULL AND {_same(CLOSING, equal)}"


# Three triggers for UPDATE, by the columns a statement names: one that closes is asked about closing only.
SQLITE = (
    f"""CREATE TRIGGER trueup_ledger_kept BEFORE UPDATE OF {", ".join(KEPT)} ON trueup_ledgerentry
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER trueup_ledger_close BEFORE UPDATE OF {", ".join(CLOSING)} ON trueup_ledgerentry
    WHEN NOT ({_CLOSES})
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER trueup_ledger_supersede BEFORE UPDATE OF superseded_us ON trueup_ledgerentry
    WHEN NOT ({_supersedes("IS")})
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER trueup_ledger_delete BEFORE DELETE ON trueup_ledgerentry
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    # INSERT OR REPLACE deletes the row in its way without asking the trigger on DELETE.
    f"""CREATE TRIGGER trueup_ledger_replace BEFORE INSERT ON trueup_ledgerentry
    WHEN (NEW.id > 0 AND EXISTS (SELECT 1 FROM trueup_ledgerentry WHERE id = NEW.id))
      OR (NEW.end_us IS NULL AND NEW.superseded_us IS NULL AND EXISTS (
        SELECT 1 FROM trueup_ledgerentry
        WHERE series_id = NEW.series_id AND end_us IS NULL AND superseded_us IS NULL))
    BEGIN SELECT RAISE(ABORT, '{REFUSED}: this one would replace another'); END""",
)
SQLITE_BACK = tuple(
    f"DROP TRIGGER trueup_ledger_{name}" for name in ("kept", "close", "supersede", "delete", "replace")
)

_EQUAL = "IS NOT DISTINCT FROM"
POSTGRESQL = (
    f"""CREATE FUNCTION trueup_ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF {_same(KEPT, _EQUAL)} AND (({_CLOSES}) OR ({_supersedes(_EQUAL)})) THEN
          RETURN NEW;
        END IF;
      END IF;
      RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation';
    END $$""",
    """CREATE TRIGGER trueup_ledger_guard BEFORE UPDATE OR DELETE ON trueup_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION trueup_ledger_guard()""",
    """CREATE TRIGGER trueup_ledger_truncate BEFORE TRUNCATE ON trueup_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION trueup_ledger_guard()""",
    # Packed already: PostgreSQL need not try to make it smaller.
    "ALTER TABLE trueup_block ALTER COLUMN samples SET STORAGE EXTERNAL",
    "ALTER TABLE trueup_journal ALTER COLUMN payload SET STORAGE EXTERNAL",
    # Rewritten each tick: room for the new version on the same page keeps the indexes out of it.
    "ALTER TABLE trueup_seriesstate SET (fillfactor = 50)",
)
POSTGRESQL_BACK = (
    "DROP TRIGGER trueup_ledger_truncate ON trueup_ledgerentry",
    "DROP TRIGGER trueup_ledger_guard ON trueup_ledgerentry",
    "DROP FUNCTION trueup_ledger_guard()",
)

STATEMENTS = {"sqlite": (SQLITE, SQLITE_BACK), "postgresql": (POSTGRESQL, POSTGRESQL_BACK)}


def _vendor(editor):
    vendor = editor.connection.vendor
    if vendor not in STATEMENTS:
        raise RuntimeError(
            f"the ledger cannot be guarded on {vendor}: it has no triggers for it. "
            "Use SQLite or PostgreSQL (DATABASE_URL)."
        )
    return STATEMENTS[vendor]


def guard(apps, editor):
    for statement in _vendor(editor)[0]:
        editor.execute(statement, params=None)


def release(apps, editor):
    for statement in _vendor(editor)[1]:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("trueup", "0001_initial")]
    operations = [migrations.RunPython(guard, release)]
