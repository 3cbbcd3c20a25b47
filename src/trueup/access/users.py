"""Make users, give them passwords and roles, disable them; there is always an admin who can act."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from trueup.access import audit
from trueup.access.actor import Actor
from trueup.access.who import ADMIN, ROLES, AccessError
from trueup.store.read import user as read
from trueup.store.write import user as write


def known(name: str) -> bool:
    """Return whether there is an account of a name, with a role here or without."""
    return write.account(name) is not None


def add(name: str, role: str, email: str, password: str | None, by: Actor) -> None:
    """Give a role to a new account with a password, or, without one, to an account that is there.

    Raises:
        AccessError: The role, name, address or password cannot be, or the first one would be no admin.
    """
    _require_role(role)
    if not read.exist() and role != ADMIN:
        raise AccessError(
            f"The first user has to be an admin, or nobody could make others: "
            f"`trueup user add {name} --role admin`."
        )
    found = read.find(name)
    if found is not None:
        raise AccessError(
            f"{name} is a user already, as {found.role}. `trueup user role {name} ROLE` gives another role."
        )
    with transaction.atomic():
        user = write.account(name)
        if user is None:
            user = _draft(name, email)
            _set_password(user, password or "")
        write.give_role(user, role, by.now_us)
        audit.record(by.who, "add", "user", name, None, {"role": role}, by.source, by.now_us)


def change_password(name: str, password: str, by: Actor) -> None:
    """Give a user another password; the log notes that it was done, and nothing of either.

    Raises:
        AccessError: There is no such user, or the password cannot be.
    """
    _found(name)
    with transaction.atomic():
        user = write.account(name)
        assert user is not None
        _set_password(user, password)
        audit.record(by.who, "passwd", "user", name, None, None, by.source, by.now_us)


def change_role(name: str, role: str, by: Actor) -> None:
    """Give a user another role; a disabled one may act again.

    Raises:
        AccessError: There is no such user or role, or no admin would be left.
    """
    _require_role(role)
    with transaction.atomic():
        found = _found(name)
        user = write.account(name)
        assert user is not None
        write.give_role(user, role, by.now_us)
        _require_admin(name)
        before = {"role": found.role, "disabled": found.disabled_at is not None}
        after = {"role": role, "disabled": False}
        audit.record(by.who, "role", "user", name, before, after, by.source, by.now_us)


def disable(name: str, by: Actor) -> None:
    """Let a user do nothing here from now on; what they did stays theirs.

    Raises:
        AccessError: There is no such user, they are disabled already, or no admin would be left.
    """
    with transaction.atomic():
        found = _found(name)
        if found.disabled_at is not None:
            raise AccessError(f"{name} is disabled already, since {found.disabled_at:%Y-%m-%d %H:%M} UTC.")
        write.disable(found.id, by.now_us)
        _require_admin(name)
        before, after = {"disabled": False}, {"disabled": True}
        audit.record(by.who, "disable", "user", name, before, after, by.source, by.now_us)


def _draft(name: str, email: str) -> write.Account:
    try:
        return write.draft(name, email)
    except ValidationError as error:
        raise AccessError(f"{name!r} cannot be a user: {' '.join(error.messages)}") from None


def _set_password(user: write.Account, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccessError(f"The password cannot be used. {' '.join(error.messages)}") from None
    write.set_password(user, password)


def _found(name: str) -> read.Known:
    found = read.find(name)
    if found is None:
        raise AccessError(f"{name!r} is no user of trueup. `trueup user list` names those who are.")
    return found


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise AccessError(f"{role!r} is no role: write one of {', '.join(ROLES)}.")


def _require_admin(name: str) -> None:
    """Refuse what leaves no admin; the transaction of the caller is rolled back."""
    if not any(each.role == ADMIN and each.disabled_at is None for each in read.everyone()):
        raise AccessError(f"{name} is the last admin: give somebody else that role first.")
