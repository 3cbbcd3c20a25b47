"""Refuse, in the database itself, every change of what people said of an incident or a maintenance.

Updates of an incident and revisions of a maintenance, with their components, are only ever added.
"""

from django.db import migrations

REFUSED = "an update of an incident or a revision of a maintenance is never changed and never deleted"
TABLES = {
    "update": ("trueup_incidentupdate", "uuid = NEW.uuid OR public_id = NEW.public_id"),
    "revision": (
        "trueup_maintenancerevision",
        "(maintenance_id = NEW.maintenance_id AND number = NEW.number)",
    ),
    "part": (
        "trueup_maintenancerevision_components",
        "(maintenancerevision_id = NEW.maintenancerevision_id AND component_id = NEW.component_id)",
    ),
}


def _sqlite(name, table, same):
    return (
        f"""CREATE TRIGGER trueup_said_{name}_update BEFORE UPDATE ON {table}
        BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
        f"""CREATE TRIGGER trueup_said_{name}_delete BEFORE DELETE ON {table}
        BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
        # INSERT OR REPLACE deletes the row in its way without asking the trigger on DELETE.
        f"""CREATE TRIGGER trueup_said_{name}_replace BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE (NEW.id > 0 AND id = NEW.id) OR {same})
        BEGIN SELECT RAISE(ABORT, '{REFUSED}: this one would replace another'); END""",
    )


# A component that joined a revision after the next one was entered would change what was announced.
_LATE = """EXISTS (
  SELECT 1 FROM trueup_maintenancerevision AS this JOIN trueup_maintenancerevision AS later
    ON later.maintenance_id = this.maintenance_id AND later.number > this.number
  WHERE this.id = NEW.maintenancerevision_id)"""

SQLITE = tuple(each for name, (table, same) in TABLES.items() for each in _sqlite(name, table, same)) + (
    f"""CREATE TRIGGER trueup_said_part_late BEFORE INSERT ON trueup_maintenancerevision_components
    WHEN {_LATE}
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
)
SQLITE_BACK = tuple(
    f"DROP TRIGGER trueup_said_{name}_{what}" for name in TABLES for what in ("update", "delete", "replace")
) + ("DROP TRIGGER trueup_said_part_late",)

POSTGRESQL = (
    f"""CREATE FUNCTION trueup_said_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation';
    END $$""",
    *(
        f"""CREATE TRIGGER trueup_said_guard BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION trueup_said_guard()"""
        for table, _ in TABLES.values()
    ),
    *(
        f"""CREATE TRIGGER trueup_said_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION trueup_said_guard()"""
        for table, _ in TABLES.values()
    ),
    f"""CREATE FUNCTION trueup_said_late() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF {_LATE} THEN
        RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER trueup_said_late BEFORE INSERT ON trueup_maintenancerevision_components
    FOR EACH ROW EXECUTE FUNCTION trueup_said_late()""",
)
POSTGRESQL_BACK = (
    "DROP TRIGGER trueup_said_late ON trueup_maintenancerevision_components",
    "DROP FUNCTION trueup_said_late()",
    *(
        f"DROP TRIGGER trueup_said_{what} ON {table}"
        for table, _ in TABLES.values()
        for what in ("truncate", "guard")
    ),
    "DROP FUNCTION trueup_said_guard()",
)

STATEMENTS = {"sqlite": (SQLITE, SQLITE_BACK), "postgresql": (POSTGRESQL, POSTGRESQL_BACK)}


def guard(apps, editor):
    for statement in STATEMENTS[editor.connection.vendor][0]:
        editor.execute(statement, params=None)


def release(apps, editor):
    for statement in STATEMENTS[editor.connection.vendor][1]:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("trueup", "0008_guard_statements")]
    operations = [migrations.RunPython(guard, release)]
