"""Tokens: what is kept of them, what they open, and for how long."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.databases import Database
from tests.world import DAY, MINUTE, at

from trueup.access import token
from trueup.access.actor import Actor
from trueup.access.who import AccessError
from trueup.store.clock import at as instant
from trueup.store.models import AuditEntry, Page, PushDoor, Repeated, Token
from trueup.store.write import page, user

NOW = at("2026-11-23 14:32:05")
ANNA = Actor("anna", "here", NOW)


def made(*scopes: str, **more: Any) -> str:
    """Return what the owner of a new token shows."""
    told: dict[str, Any] = {"page": None, "expires_us": None, **more}
    return token.add("ci", scopes or ("read",), told["page"], told["expires_us"], ANNA).raw


def test_token_opens_what_its_scopes_say(database: Database) -> None:
    holder = token.find(made("write", "push"), NOW)

    assert holder is not None
    assert (holder.name, holder.role, holder.scopes, holder.page) == (
        "ci", "operator", ("push", "write"), None,
    )  # fmt: skip
    assert holder.who == "token:ci"
    assert [scope for scope in token.SCOPES if holder.may(scope)] == ["read", "push", "write"]


def test_token_that_may_only_push_reads_nothing(sqlite_database: Database) -> None:
    holder = token.find(made("push"), NOW)

    assert holder is not None
    assert [scope for scope in token.SCOPES if holder.may(scope)] == ["push"]


def test_only_a_digest_is_kept(sqlite_database: Database) -> None:
    raw = made()
    row = Token.objects.get()

    assert re.fullmatch(r"trueup_[a-z0-9]{8}_[A-Za-z0-9]{32}", raw)
    assert (row.digest, row.prefix) == (hashlib.sha256(raw.encode()).hexdigest(), raw[7:15])
    kept = repr(list(Token.objects.values())) + repr(list(AuditEntry.objects.values()))
    assert raw not in kept
    assert raw[16:] not in kept


@pytest.mark.parametrize(
    "shown", ["", "trueup_", "Bearer x", "\x00\ud800", "trueup_" + "ä" * 41, "x" * 9_000]
)
def test_what_no_token_looks_like_opens_nothing_and_asks_no_database(
    shown: str, sqlite_database: Database
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert token.find(shown, NOW) is None
    assert len(asked) == 0


def test_token_with_another_end_opens_nothing(sqlite_database: Database) -> None:
    raw = made()

    assert token.find(raw[:-1] + ("A" if raw[-1] != "A" else "B"), NOW) is None


def test_token_opens_nothing_once_it_expired(database: Database) -> None:
    raw = made(expires_us=NOW + DAY)

    assert token.find(raw, NOW + DAY - 1) is not None
    assert token.find(raw, NOW + DAY) is None


def test_token_opens_nothing_once_it_is_revoked_and_its_name_is_free(database: Database) -> None:
    first = made()
    with pytest.raises(AccessError, match="already"):
        made()
    token.revoke("ci", ANNA)
    second = made()

    assert token.find(first, NOW) is None
    assert token.find(second, NOW) is not None
    with pytest.raises(AccessError, match="revoked already"):
        token.revoke(Token.objects.order_by("id")[0].public_id, ANNA)


def test_two_living_tokens_of_one_name_are_refused_by_the_database(database: Database) -> None:
    made()
    row = Token.objects.values().get()

    again = {**row, "id": None, "uuid": "0" * 32, "public_id": "other", "digest": "1" * 64}
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(**again)


def test_use_is_noted_once_a_minute(sqlite_database: Database) -> None:
    raw = made()
    found = []
    for at_us in (NOW, NOW + MINUTE - 1, NOW + MINUTE):
        token.find(raw, at_us)
        found.append(Token.objects.get().used_at)

    assert found == [instant(NOW), instant(NOW), instant(NOW + MINUTE)]


def test_token_of_a_user_can_do_no_more_than_the_user(sqlite_database: Database) -> None:
    raw = made("admin")
    account = user.draft("olga", "")
    account.save()
    user.give_role(account, "operator", NOW)
    Token.objects.update(user=account)
    holder = token.find(raw, NOW)

    assert holder is not None
    assert holder.role == "operator"
    assert not holder.may("admin")
    user.disable(account.trueup_member.id, NOW)
    assert token.find(raw, NOW) is None


def test_token_of_one_page_only_reads(sqlite_database: Database) -> None:
    page.ensure_default(NOW)

    with pytest.raises(AccessError, match="may only read"):
        made("write", page="default")
    with pytest.raises(AccessError, match="no page 'shop'"):
        made(page="shop")
    holder = token.find(made(page="default"), NOW)
    assert holder is not None
    assert holder.page == "default"
    assert Page.objects.get().tokens.count() == 1


@pytest.mark.parametrize(
    ("name", "scopes", "expires_us", "said"),
    [
        ("", ["read"], None, "cannot be the name"),
        ("a\nb", ["read"], None, "cannot be the name"),
        ("ci", [], None, "needs a scope"),
        ("ci", ["root"], None, "'root' is no scope"),
        ("ci", ["read"], NOW, "hundred years"),
        ("ci", ["read"], NOW + 10**20, "hundred years"),
    ],
)
def test_what_cannot_be_is_refused(
    name: str, scopes: list[str], expires_us: int | None, said: str, sqlite_database: Database
) -> None:
    with pytest.raises(AccessError, match=said):
        token.add(name, scopes, None, expires_us, ANNA)
    assert not Token.objects.exists()


def test_one_answer_is_kept_for_each_key_of_somebody(database: Database) -> None:
    Repeated.objects.create(actor="ci", key="k", digest="d", status=201, body=b"\x00\xff", at_us=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        Repeated.objects.create(actor="ci", key="k", digest="other", at_us=NOW)
    assert bytes(Repeated.objects.get().body) == b"\x00\xff"
    assert not PushDoor.objects.exists()
