"""Write users and their roles; in a host project they are the host's users."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from trueup.store.clock import at
from trueup.store.models import Member

Account = Any  # a row of whatever model the host has for its users


def account(name: str) -> Account | None:
    """Return the account of a name, with a role here or without; None where there is none."""
    model = get_user_model()
    found: Account | None = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
    return found


def draft(name: str, email: str) -> Account:
    """Return an account that is not stored yet.

    Raises:
        ValidationError: Its fields cannot be so.
    """
    model = get_user_model()
    user: Account = model(**{model.USERNAME_FIELD: name})
    field = model.get_email_field_name()
    if email and field != model.USERNAME_FIELD:
        setattr(user, field, email)
    user.clean_fields(exclude=["password"])
    return user


def set_password(user: Account, password: str) -> None:
    """Store an account with a password."""
    user.set_password(password)
    user.save()


def give_role(user: Account, role: str, now_us: int) -> None:
    """Give an account a role, or another one; a disabled one may act again."""
    Member.objects.update_or_create(
        user=user,
        defaults={"role": role, "disabled_at": None},
        create_defaults={"role": role, "created_at": at(now_us)},
    )


def disable(member: int, now_us: int) -> None:
    """Let a member, by id, do nothing from now on; the account stays."""
    Member.objects.filter(id=member).update(disabled_at=at(now_us))
