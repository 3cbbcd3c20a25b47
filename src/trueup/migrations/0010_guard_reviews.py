"""Refuse, in the database itself, every change of an exclusion or a correction but its decision.

What was asked stays as it was asked. It is decided once, and never by the one who asked; an exclusion that
is still open may be withdrawn once, and a correction that is approved is taken once. Nothing is deleted.
"""

import django.db.models.deletion
from django.db import migrations, models

REFUSED = "an exclusion or a correction is decided once, by another than who asked, and never changed or deleted"
ASKED = ("id", "uuid", "public_id", "created_at", "start_us", "end_us", "reason", "evidence", "asked_by")
DECIDED = ("decision", "decided_by", "decided_at", "decided_why")
TABLES = {
    "exclusion": ("trueup_exclusion", ("contract_id", "kind", "supersedes_id"), "withdrawn_at", ""),
    "correction": ("trueup_correction", ("owner_id", "state"), "applied_us", "approved"),
}
LINKS = "trueup_correctedentry"


def _same(columns, equal):
    return " AND ".join(f"NEW.{column} {equal} OLD.{column}" for column in columns)


def _allowed(more, last, when, equal):
    kept = _same((*ASKED, *more), equal)
    decides = (
        f"OLD.decision = '' AND NEW.decision IN ('approved', 'refused') AND NEW.decided_at IS NOT NULL "
        f"AND NEW.decided_by <> '' AND NEW.decided_by <> OLD.asked_by "
        f"AND OLD.{last} IS NULL AND NEW.{last} IS NULL"
    )
    ends = (
        f"OLD.decision = '{when}' AND OLD.{last} IS NULL AND NEW.{last} IS NOT NULL AND {_same(DECIDED, equal)}"
    )
    return f"({kept} AND (({decides}) OR ({ends})))"


def _sqlite(name, table, more, last, when):
    return (
        f"""CREATE TRIGGER trueup_{name}_update BEFORE UPDATE ON {table}
        WHEN NOT {_allowed(more, last, when, "IS")}
        BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
        f"""CREATE TRIGGER trueup_{name}_delete BEFORE DELETE ON {table}
        BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
        # INSERT OR REPLACE deletes the row in its way without asking the trigger on DELETE.
        f"""CREATE TRIGGER trueup_{name}_replace BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE (NEW.id > 0 AND id = NEW.id)
          OR uuid = NEW.uuid OR public_id = NEW.public_id)
        BEGIN SELECT RAISE(ABORT, '{REFUSED}: this one would replace another'); END""",
    )


SQLITE = tuple(each for name, rest in TABLES.items() for each in _sqlite(name, *rest)) + (
    f"""CREATE TRIGGER trueup_corrected_update BEFORE UPDATE ON {LINKS}
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER trueup_corrected_delete BEFORE DELETE ON {LINKS}
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER trueup_corrected_replace BEFORE INSERT ON {LINKS}
    WHEN NEW.id > 0 AND EXISTS (SELECT 1 FROM {LINKS} WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, '{REFUSED}: this one would replace another'); END""",
)
SQLITE_BACK = tuple(
    f"DROP TRIGGER trueup_{name}_{what}"
    for name in (*TABLES, "corrected")
    for what in ("update", "delete", "replace")
)


def _postgresql(name, table, more, last, when):
    return (
        f"""CREATE FUNCTION trueup_{name}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'UPDATE' THEN
            IF {_allowed(more, last, when, "IS NOT DISTINCT FROM")} THEN
              RETURN NEW;
            END IF;
          END IF;
          RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation';
        END $$""",
        f"""CREATE TRIGGER trueup_{name}_guard BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION trueup_{name}_guard()""",
        f"""CREATE TRIGGER trueup_{name}_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION trueup_{name}_guard()""",
    )


POSTGRESQL = tuple(each for name, rest in TABLES.items() for each in _postgresql(name, *rest)) + (
    f"""CREATE FUNCTION trueup_corrected_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation';
    END $$""",
    f"""CREATE TRIGGER trueup_corrected_guard BEFORE UPDATE OR DELETE ON {LINKS}
    FOR EACH ROW EXECUTE FUNCTION trueup_corrected_guard()""",
    f"""CREATE TRIGGER trueup_corrected_truncate BEFORE TRUNCATE ON {LINKS}
    FOR EACH STATEMENT EXECUTE FUNCTION trueup_corrected_guard()""",
)
_NAMED = {name: rest[0] for name, rest in TABLES.items()} | {"corrected": LINKS}
POSTGRESQL_BACK = tuple(
    statement
    for name, table in _NAMED.items()
    for statement in (
        f"DROP TRIGGER trueup_{name}_truncate ON {table}",
        f"DROP TRIGGER trueup_{name}_guard ON {table}",
        f"DROP FUNCTION trueup_{name}_guard()",
    )
)

STATEMENTS = {"sqlite": (SQLITE, SQLITE_BACK), "postgresql": (POSTGRESQL, POSTGRESQL_BACK)}


def guard(apps, editor):
    for statement in STATEMENTS[editor.connection.vendor][0]:
        editor.execute(statement, params=None)


def release(apps, editor):
    for statement in STATEMENTS[editor.connection.vendor][1]:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("trueup", "0009_guard_what_people_say")]
    operations = [
        migrations.AlterField(
            model_name="correctedentry",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="trueup.ledgerentry",
            ),
        ),
        migrations.AlterField(
            model_name="exclusion",
            name="supersedes",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successors",
                to="trueup.exclusion",
            ),
        ),
        migrations.RunPython(guard, release),
    ]
