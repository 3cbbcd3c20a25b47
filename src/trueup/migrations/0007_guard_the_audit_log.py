"""Refuse, in the database itself, every change of an entry of the audit log, and two after the same one."""

from django.db import migrations, models

TABLE = "trueup_auditentry"
REFUSED = "an entry of the audit log is never changed and never deleted"

SQLITE = (
    f"""CREATE TRIGGER trueup_audit_update BEFORE UPDATE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER trueup_audit_delete BEFORE DELETE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    # INSERT OR REPLACE deletes the row in its way without asking the trigger on DELETE.
    f"""CREATE TRIGGER trueup_audit_replace BEFORE INSERT ON {TABLE}
    WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE (NEW.id > 0 AND id = NEW.id)
      OR digest = NEW.digest OR previous_digest = NEW.previous_digest)
    BEGIN SELECT RAISE(ABORT, '{REFUSED}: this one would replace another'); END""",
)
SQLITE_BACK = tuple(f"DROP TRIGGER trueup_audit_{name}" for name in ("update", "delete", "replace"))

POSTGRESQL = (
    f"""CREATE FUNCTION trueup_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation';
    END $$""",
    f"""CREATE TRIGGER trueup_audit_guard BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION trueup_audit_guard()""",
    f"""CREATE TRIGGER trueup_audit_truncate BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION trueup_audit_guard()""",
)
POSTGRESQL_BACK = (
    f"DROP TRIGGER trueup_audit_truncate ON {TABLE}",
    f"DROP TRIGGER trueup_audit_guard ON {TABLE}",
    "DROP FUNCTION trueup_audit_guard()",
)

STATEMENTS = {"sqlite": (SQLITE, SQLITE_BACK), "postgresql": (POSTGRESQL, POSTGRESQL_BACK)}


def guard(apps, editor):
    for statement in STATEMENTS[editor.connection.vendor][0]:
        editor.execute(statement, params=None)


def release(apps, editor):
    for statement in STATEMENTS[editor.connection.vendor][1]:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("trueup", "0006_sla_records")]
    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="previous_digest",
            field=models.CharField(blank=True, max_length=64, unique=True),
        ),
        migrations.RunPython(guard, release),
    ]
