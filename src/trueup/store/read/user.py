"""Who may do something here: the users with a role."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from trueup.store.models import Member


class Known(NamedTuple):
    """A user with a role."""

    id: int  # of the membership
    name: str
    role: str
    created_at: datetime
    disabled_at: datetime | None


def exist() -> bool:
    """Return whether any user has a role, or had one."""
    return Member.objects.exists()


def find(name: str) -> Known | None:
    """Return the user of a name, disabled or not; None without a role."""
    rows = _rows(Member.objects.filter(**{f"user__{get_user_model().USERNAME_FIELD}": name}))
    return rows[0] if rows else None


def everyone() -> list[Known]:
    """Return every user with a role, by name."""
    return sorted(_rows(Member.objects.all()), key=lambda each: each.name)


def _rows(members: QuerySet[Member]) -> list[Known]:
    name = f"user__{get_user_model().USERNAME_FIELD}"
    return [Known(*row) for row in members.values_list("id", name, "role", "created_at", "disabled_at")]
