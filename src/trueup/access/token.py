"""Tokens: made for programs, shown once, found again by what is kept of them."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from trueup.access import audit
from trueup.access.actor import Actor
from trueup.access.who import ADMIN, OPERATOR, ROLES, VIEWER, AccessError
from trueup.store.read import page as pages
from trueup.store.read import token as read
from trueup.store.read.token import TokenRow
from trueup.store.write import token as write
from trueup.store.write.token import Minted

READ, PUSH, WRITE = "read", "push", "write"
SCOPES = (READ, PUSH, WRITE, ADMIN)
_ROLES = {READ: VIEWER, WRITE: OPERATOR, ADMIN: ADMIN}  # whoever may only push has no role
_FORM = re.compile(rf"{write.MARK}_([a-z0-9]{{{write.PREFIX}}})_[A-Za-z0-9]{{32}}")
_MOST_US = 36_500 * 86_400_000_000
_NAME = re.compile(r"[\w][\w .:@/+-]{0,98}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who shows a token, and what that lets them do."""

    name: str  # of the token
    role: str  # as much as the scopes, and the user whose it is, allow; empty: none
    scopes: tuple[str, ...]
    page: str | None  # the slug of the only page that it opens; None: all
    token: int  # its id

    @property
    def who(self) -> str:
        """Return who acts, as the audit log says it; no user's name has a colon."""
        return f"token:{self.name}"

    def may(self, scope: str) -> bool:
        """Return whether it may do what a scope allows; admin includes write, and write includes read."""
        needed = _ROLES.get(scope)
        if needed is None:
            return scope in self.scopes
        return self.role in ROLES and ROLES.index(self.role) >= ROLES.index(needed)


def find(raw: str, now_us: int) -> Holder | None:
    """Return who shows a token, and note that it was used; None where it opens nothing (any more).

    How long it takes says nothing of what is stored: it is compared by its digest, in constant time.

    Args:
        raw: What was shown, whatever it is.
        now_us: The instant, microseconds UTC.
    """
    form = _FORM.fullmatch(raw)
    if form is None:
        return None
    shown = write.digest(raw)
    for row in read.with_prefix(form[1]):
        if hmac.compare_digest(row.digest, shown):
            return _holder(row, now_us)
    return None


def add(name: str, scopes: Sequence[str], page: str | None, expires_us: int | None, by: Actor) -> Minted:
    """Make a token; what its owner shows is returned here and is nowhere afterwards.

    Args:
        name: What people call it.
        scopes: Of ``SCOPES``.
        page: The slug of the only page that it opens; None: all of them.
        expires_us: From when on it opens nothing, microseconds UTC; None: never.
        by: Who makes it.

    Raises:
        AccessError: The name, a scope, the page or the expiry cannot be.
    """
    wanted = _scopes(scopes)
    _require_name(name)
    _require_page(page, wanted)
    if expires_us is not None and not 0 < expires_us - by.now_us <= _MOST_US:
        raise AccessError("It has to expire within a hundred years from now: write for instance 90d.")
    with transaction.atomic():
        there = read.find(name)
        if there is not None and there.name == name and there.revoked_us is None:
            raise AccessError(
                f"There is a token {name!r} already. Take another name, or `trueup token revoke` that one."
            )
        made = write.mint(name, wanted, page=page, expires_us=expires_us, by=by.who, now_us=by.now_us)
        after = {
            "name": name, "prefix": made.prefix, "scopes": wanted, "page": page, "expires_us": expires_us,
        }  # fmt: skip
        audit.record(by.who, "add", "token", made.public_id, None, after, by.source, by.now_us)
    return made


def revoke(name: str, by: Actor) -> TokenRow:
    """Let a token, by its name or public id, open nothing from now on.

    Raises:
        AccessError: There is none, or it is revoked already.
    """
    found = read.find(name)
    if found is None:
        raise AccessError(f"There is no token {name!r}. `trueup token list` names them.")
    with transaction.atomic():
        if not write.revoke(found.public_id, by.now_us):
            raise AccessError(f"The token {name} is revoked already.")
        before, after = {"status": found.status(by.now_us)}, {"status": "revoked"}
        audit.record(by.who, "revoke", "token", found.public_id, before, after, by.source, by.now_us)
    return found


def _holder(row: TokenRow, now_us: int) -> Holder | None:
    if row.status(now_us) != "active" or (row.user is not None and row.role is None):
        return None
    _note_use(row.id, now_us)
    role = max((_ROLES[scope] for scope in row.scopes if scope in _ROLES), key=ROLES.index, default="")
    if role and row.role is not None:
        role = min(role, row.role, key=ROLES.index)  # a token can do no more than its user
    return Holder(row.name, role, row.scopes, row.page, row.id)


def _note_use(token: int, now_us: int) -> None:
    try:
        with transaction.atomic():
            write.note_use(token, now_us)
    except DatabaseError:
        pass  # a database that can be read and not written still answers who may read


def _scopes(scopes: Sequence[str]) -> list[str]:
    unknown = [each for each in scopes if each not in SCOPES]
    if unknown or not scopes:
        said = f"{unknown[0]!r} is no scope" if unknown else "A token needs a scope"
        raise AccessError(f"{said}: write one or more of {', '.join(SCOPES)}, with commas between them.")
    return [each for each in SCOPES if each in scopes]


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name != name.strip():
        raise AccessError(
            f"{name[:40]!r} cannot be the name of a token: begin with a letter or digit, and write up to 99 "
            "letters, digits, spaces and . : @ / + - _."
        )


def _require_page(page: str | None, scopes: Sequence[str]) -> None:
    if page is None:
        return
    found = pages.of(page)
    if found is None or not found.public_id:
        names = ", ".join(pages.slugs()) if found is None else "none yet: run `trueup apply`"
        raise AccessError(f"There is no page {page!r}. Known are: {names}.")
    if any(each != READ for each in scopes):
        raise AccessError(f"A token of one page may only read: write --scope {READ}, or leave --page out.")
