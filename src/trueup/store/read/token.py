"""The tokens that programs show, without what would let anybody in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from trueup.store.clock import us, us_or_none
from trueup.store.models import Member, Token


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token; instants in microseconds UTC."""

    id: int
    public_id: str
    name: str
    prefix: str
    digest: str
    scopes: tuple[str, ...]
    page: str | None  # the slug of the only page that it opens
    user: str | None  # whose it is, where it is somebody's
    role: str | None  # of that user; None without one, or where they are disabled
    created_by: str
    created_us: int
    expires_us: int | None
    used_us: int | None
    revoked_us: int | None

    def status(self, now_us: int) -> str:
        """Return active, expired or revoked."""
        if self.revoked_us is not None:
            return "revoked"
        return "expired" if self.expires_us is not None and self.expires_us <= now_us else "active"


def with_prefix(prefix: str) -> list[TokenRow]:
    """Return the tokens of a prefix: one, hardly ever two."""
    return _rows(Token.objects.filter(prefix=prefix))


def everyone() -> list[TokenRow]:
    """Return every token, revoked ones too, the oldest first."""
    return _rows(Token.objects.order_by("id"))


def find(name: str) -> TokenRow | None:
    """Return the token of a name or a public id; of one name the one that is not revoked, else the newest."""
    named = _rows(Token.objects.filter(name=name).order_by("id"))
    living = [each for each in named if each.revoked_us is None]
    found = living or named or _rows(Token.objects.filter(public_id=name))
    return found[-1] if found else None


def _rows(rows: QuerySet[Token]) -> list[TokenRow]:
    found = list(rows.select_related("page", "user"))
    members = Member.objects.filter(user__in=[row.user_id for row in found if row.user_id is not None])
    roles = {member.user_id: member.role for member in members if member.disabled_at is None} if found else {}
    return [_row(row, roles) for row in found]


def _row(row: Token, roles: dict[Any, str]) -> TokenRow:
    user = None if row.user is None else str(getattr(row.user, get_user_model().USERNAME_FIELD))
    return TokenRow(
        id=row.id,
        public_id=row.public_id,
        name=row.name,
        prefix=row.prefix,
        digest=row.digest,
        scopes=tuple(row.scopes),
        page=None if row.page is None else row.page.slug,
        user=user,
        role=roles.get(row.user_id),
        created_by=row.created_by,
        created_us=us(row.created_at),
        expires_us=us_or_none(row.expires_at),
        used_us=us_or_none(row.used_at),
        revoked_us=us_or_none(row.revoked_at),
    )
