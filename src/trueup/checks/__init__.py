"""What Django's own checks say of a project that has trueup installed: `manage.py check`.

Each finding has an id that never changes its meaning, a hint that says what to do, and a test that
provokes it. ``docs/reference/system-checks.md`` lists them.
"""

from __future__ import annotations

from trueup.checks.databases import the_database, the_tables
from trueup.checks.project import the_project

__all__ = ["register"]


def register() -> None:
    """Have Django call every check; those of the tables only where it is told to look at a database."""
    from django.core.checks import Tags
    from django.core.checks import register as with_django

    with_django(the_database, "trueup")
    with_django(the_project, "trueup")
    with_django(the_tables, Tags.database)
