"""Who may see a page: by path, by host, by password, by who is signed in."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from tests.databases import Database
from tests.paged import paged
from tests.world import DAY, MINUTE, SECOND, World, at

from trueup import conf
from trueup.access import password
from trueup.access.asked import Grant, Refusal, Why, asked, entered
from trueup.domain.audience import Audience
from trueup.store.models import Page
from trueup.store.read.page import Directory, directory
from trueup.store.seal import Seal, ensure_key
from trueup.store.write import user

NOW = at("2026-11-23 14:32:05")
GOOD = "correct horse"


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("INNER_PASSWORD", GOOD)
    password.FAILURES.clear()
    yield
    password.FAILURES.clear()


@pytest.fixture
def pages(sqlite_database: Database) -> Directory:
    """Give an open page, one with a password and one with tokens."""
    world = World(NOW)
    world.watched("shop")
    paged(world, "outer")
    paged(world, "inner", "shop", privacy="password", secret="${INNER_PASSWORD}", hosts=["in.example.org"])
    paged(world, "closed", "shop", privacy="token")
    return directory()


def request(host: str = "status.example.org", cookies: Any = None, **meta: Any) -> Any:
    made = RequestFactory().get("/", **{"HTTP_HOST": host, **meta})
    made.COOKIES.update(cookies or {})
    return made


def basic(word: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"x:{word}".encode()).decode()}


@pytest.mark.parametrize(
    ("slug", "host", "page"),
    [
        ("", "status.example.org", "outer"),
        ("", "in.example.org", "inner"),
        ("", "IN.example.org.:8420", "inner"),
        ("outer", "in.example.org", "outer"),
        ("closed", "status.example.org", "closed"),
    ],
)
def test_path_wins_then_the_host_then_the_first_page(
    slug: str, host: str, page: str, pages: Directory
) -> None:
    found = asked(request(host, **basic(GOOD)), pages, slug, NOW)

    assert isinstance(found, Refusal if page == "closed" else Grant)
    if isinstance(found, Grant):
        assert found.page.slug == page


def test_open_page_costs_no_query_whatever_is_shown(pages: Directory) -> None:
    token = "trueup_abcdefgh_" + "A" * 32
    shown = request(HTTP_AUTHORIZATION=f"Bearer {token}", cookies={settings.SESSION_COOKIE_NAME: "x"})

    with CaptureQueriesContext(connection) as queries:
        found = asked(shown, pages, "", NOW)

    assert found == Grant(pages.default, Audience.PUBLIC)
    assert len(queries) == 0


def test_cookie_holds_until_the_password_changes(pages: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    inner, stored = pages.of_slug("inner"), pages.locks["inner"]
    assert inner is not None
    cookie = _cookie(inner, stored)

    assert asked(request(cookies=cookie), pages, "inner", NOW) == Grant(inner, Audience.MEMBER)
    monkeypatch.setenv("INNER_PASSWORD", "another")
    assert asked(request(cookies=cookie), pages, "inner", NOW) == Refusal(Why.NOTHING, "password")


def test_cookie_of_one_page_opens_no_other(pages: Directory) -> None:
    inner = pages.of_slug("inner")
    assert inner is not None
    (cookie,) = _cookie(inner, pages.locks["inner"]).values()
    Page.objects.filter(slug="closed").update(privacy="password", secret="${INNER_PASSWORD}")

    assert isinstance(
        asked(request(cookies={"trueup_page_closed": cookie}), directory(), "closed", NOW), Refusal
    )


def test_password_that_is_sealed_opens_as_one_that_is_a_reference(
    pages: Directory, settings_of_keys: conf.Settings
) -> None:
    Page.objects.filter(slug="inner").update(secret=Seal(settings_of_keys.key_file).close(GOOD))

    assert isinstance(asked(request(**basic(GOOD)), directory(), "inner", NOW), Grant)
    assert isinstance(asked(request(**basic("other")), directory(), "inner", NOW), Refusal)


@pytest.fixture
def settings_of_keys(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[conf.Settings]:
    """Give settings with a key of secrets of their own."""
    monkeypatch.setenv("TRUEUP_SECRET_KEY_FILE", str(tmp_path / "secret.key"))
    conf.current.cache_clear()
    ensure_key(conf.current().key_file)
    yield conf.current()
    monkeypatch.undo()
    conf.current.cache_clear()


@pytest.mark.parametrize("secret", ["", "${NOT_SET_ANYWHERE}", "v1:damaged"])
def test_password_that_cannot_be_known_opens_to_nobody(
    secret: str, pages: Directory, settings_of_keys: conf.Settings
) -> None:
    Page.objects.filter(slug="inner").update(secret=secret)

    for word in ("", "None", secret):
        assert isinstance(asked(request(**basic(word)), directory(), "inner", NOW), Refusal)


def test_wrong_password_is_in_the_log_with_where_it_came_from_and_never_itself(
    pages: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    entered(request(REMOTE_ADDR="192.0.2.9"), pages, "inner", "my other password", NOW)

    (line,) = caplog.records
    assert (line.getMessage(), line.__dict__["client"]) == ("wrong password for a page", "192.0.2.9")
    assert "my other" not in repr(line.__dict__)


def test_too_many_wrong_passwords_close_the_door_to_their_place_for_a_while(pages: Directory) -> None:
    here, there = {"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8:0:1::1"}
    for number in range(10):
        found = entered(request(**here), pages, "inner", f"guess {number}", NOW + number * SECOND)
        assert isinstance(found, Refusal)

    assert found == Refusal(Why.TOO_OFTEN, "password", 5 * MINUTE - 9 * SECOND)
    again = request(REMOTE_ADDR="2001:db8::2", **basic(GOOD))  # another address of the same network
    assert asked(again, pages, "inner", NOW + MINUTE) == Refusal(Why.TOO_OFTEN, "password", 4 * MINUTE)
    assert isinstance(entered(request(**there), pages, "inner", GOOD, NOW + MINUTE), Grant)
    assert isinstance(entered(request(**here), pages, "inner", GOOD, NOW + 5 * MINUTE), Grant)


def test_who_has_the_cookie_is_not_shut_out_by_others_of_the_place(pages: Directory) -> None:
    inner = pages.of_slug("inner")
    assert inner is not None
    for number in range(12):
        entered(request(), pages, "inner", f"guess {number}", NOW)

    assert isinstance(
        asked(request(cookies=_cookie(inner, pages.locks["inner"])), pages, "inner", NOW), Grant
    )


def test_member_of_the_house_sees_every_page_from_inside(pages: Directory) -> None:
    account = user.draft("vera", "")
    account.save()
    shown = request(cookies={settings.SESSION_COOKIE_NAME: "x"})
    shown.user = account
    assert isinstance(asked(shown, pages, "closed", NOW), Refusal)  # without a role, a stranger

    user.give_role(account, "viewer", NOW)
    found = [asked(shown, pages, slug, NOW, inside=True) for slug in ("outer", "inner", "closed")]
    assert [each.audience for each in found if isinstance(each, Grant)] == [Audience.INSIDE] * 3

    user.disable(account.trueup_member.id, NOW)
    assert isinstance(asked(shown, pages, "closed", NOW), Refusal)


def test_visitor_of_the_host_project_is_a_stranger(pages: Directory) -> None:
    shown = request(cookies={settings.SESSION_COOKIE_NAME: "x"})
    shown.user = SimpleNamespace(is_authenticated=False)

    assert asked(shown, pages, "closed", NOW) == Refusal(Why.NOTHING, "token")


def test_open_page_is_public_to_strangers_also_where_it_matters_who_asks(pages: Directory) -> None:
    found = asked(request(HTTP_AUTHORIZATION="Bearer nonsense"), pages, "", NOW + DAY, inside=True)

    assert found == Grant(pages.default, Audience.PUBLIC)


def _cookie(page: Any, stored: str) -> dict[str, str]:
    from django.http import HttpResponse

    response = HttpResponse()
    password.remember(request(), response, page, stored)
    return {name: each.value for name, each in response.cookies.items()}
