"""Who acts, and whether they may.

Whoever can run a command on the data can read and change the data: a name on the command line is there
for the record and keeps people from mistakes; it keeps out nobody who holds the machine.
"""

from __future__ import annotations

import difflib
import os
import pwd

from trueup.store.read import user

VIEWER, OPERATOR, ADMIN = "viewer", "operator", "admin"
ROLES = (VIEWER, OPERATOR, ADMIN)  # each may do what the ones before it may
_OS = "os:"  # before the name of a user of the operating system


class AccessError(Exception):
    """Somebody who may not do this, or is not known: what, why and what to do."""


def acting(by: str, role: str) -> str:
    """Return who acts on the command line, as the audit log says it.

    Without users that is the user of the operating system, marked so: ``os:anna``. With users it is one
    of them, with the role or more.

    Raises:
        AccessError: There are users, and nobody is named, nobody of that name is known, or may do this.
    """
    if not user.exist():
        if by:
            raise AccessError(
                f"{by!r} is not known: there are no users yet, and who acts is {system_user()}. "
                f"Leave out --by, or make the first user with `trueup user add {by} --role admin`."
            )
        return system_user()
    if not by:
        raise AccessError("Say who acts: --by NAME, or TRUEUP_BY. `trueup user list` names those who can.")
    require(by, role)
    return by


def require(name: str, role: str) -> None:
    """Refuse a user who is not known, is disabled, or lacks a role.

    Raises:
        AccessError: It is so.
    """
    found = user.find(name)
    if found is None:
        near = difflib.get_close_matches(name, [each.name for each in user.everyone()], n=1)
        hint = f"Did you mean {near[0]}?" if near else "`trueup user list` names those who are."
        raise AccessError(f"{name!r} is no user of trueup. {hint}")
    if found.disabled_at is not None:
        raise AccessError(
            f"{name} is disabled since {found.disabled_at:%Y-%m-%d %H:%M} UTC. "
            f"An admin lets them in again: `trueup user role {name} {found.role}`."
        )
    if not may(found.role, role):
        raise AccessError(
            f"{name} is {_article(found.role)}, and this takes {_article(role)}. "
            f"Ask one of them, or have an admin run `trueup user role {name} {role}`."
        )


def may(role: str, needed: str) -> bool:
    """Return whether a role includes what another one may do."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def system_user() -> str:
    """Return the user of the operating system who runs this process, marked so: ``os:anna``."""
    number = os.geteuid()
    try:
        return _OS + pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run as a number without a name
        return f"{_OS}{number}"


def _article(role: str) -> str:
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"
