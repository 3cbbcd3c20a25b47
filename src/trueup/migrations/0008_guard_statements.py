"""Refuse, in the database itself, every change of a statement; a key may be retired once."""

from django.db import migrations

STATEMENT = "a statement is never changed and never deleted: what was wrong is said by another revision"
KEY = "a signing key is never deleted, and may only be retired once"
_KEY_KEPT = ("key_id", "public", "created_at")


def _refuses(name, when, condition, table, words):
    return f"""CREATE TRIGGER trueup_{name} BEFORE {when} ON {table} {condition}
    BEGIN SELECT RAISE(ABORT, '{words}'); END"""


SQLITE = (
    _refuses("statement_kept", "UPDATE", "", "trueup_statement", STATEMENT),
    _refuses("statement_delete", "DELETE", "", "trueup_statement", STATEMENT),
    # INSERT OR REPLACE deletes the row in its way without asking the trigger on DELETE.
    _refuses(
        "statement_replace",
        "INSERT",
        """WHEN EXISTS (SELECT 1 FROM trueup_statement WHERE (NEW.id > 0 AND id = NEW.id)
        OR uuid = NEW.uuid OR public_id = NEW.public_id OR supersedes_id = NEW.supersedes_id
        OR (contract_id = NEW.contract_id AND (seq = NEW.seq
        OR (start_us = NEW.start_us AND end_us = NEW.end_us AND revision = NEW.revision))))""",
        "trueup_statement",
        f"{STATEMENT}; this one would replace another",
    ),
    _refuses("key_kept", f"UPDATE OF {', '.join(_KEY_KEPT)}", "", "trueup_signingkey", KEY),
    _refuses(
        "key_retire",
        "UPDATE OF retired_at",
        "WHEN OLD.retired_at IS NOT NULL OR NEW.retired_at IS NULL",
        "trueup_signingkey",
        KEY,
    ),
    _refuses("key_delete", "DELETE", "", "trueup_signingkey", KEY),
    _refuses(
        "key_replace",
        "INSERT",
        "WHEN EXISTS (SELECT 1 FROM trueup_signingkey WHERE key_id = NEW.key_id)",
        "trueup_signingkey",
        KEY,
    ),
)
_NAMES = (
    "statement_kept", "statement_delete", "statement_replace", "key_kept", "key_retire", "key_delete",
    "key_replace",
)  # fmt: skip
SQLITE_BACK = tuple(f"DROP TRIGGER trueup_{name}" for name in _NAMES)

_SAME = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in _KEY_KEPT)


def _function(name, allowed, words):
    return f"""CREATE FUNCTION trueup_{name}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      {allowed}
      RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation';
    END $$"""


def _guards(name, table):
    return (
        f"""CREATE TRIGGER trueup_{name}_guard BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION trueup_{name}_guard()""",
        f"""CREATE TRIGGER trueup_{name}_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION trueup_{name}_guard()""",
    )


_RETIRES = f"""IF TG_OP = 'UPDATE' THEN
        IF {_SAME} AND OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL THEN
          RETURN NEW;
        END IF;
      END IF;"""
POSTGRESQL = (
    _function("statement", "", STATEMENT),
    *_guards("statement", "trueup_statement"),
    _function("key", _RETIRES, KEY),
    *_guards("key", "trueup_signingkey"),
)
POSTGRESQL_BACK = tuple(
    f"DROP TRIGGER trueup_{name}_{kind} ON {table}"
    for name, table in (("statement", "trueup_statement"), ("key", "trueup_signingkey"))
    for kind in ("truncate", "guard")
) + tuple(f"DROP FUNCTION trueup_{name}_guard()" for name in ("statement", "key"))

STATEMENTS = {"sqlite": (SQLITE, SQLITE_BACK), "postgresql": (POSTGRESQL, POSTGRESQL_BACK)}


def guard(apps, editor):
    for statement in STATEMENTS[editor.connection.vendor][0]:
        editor.execute(statement, params=None)


def release(apps, editor):
    for statement in STATEMENTS[editor.connection.vendor][1]:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("trueup", "0007_guard_the_audit_log")]
    operations = [migrations.RunPython(guard, release)]
