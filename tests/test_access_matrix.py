"""Every public document x the privacy of its page x what is shown: what comes, and what never does."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from tests.databases import Database
from tests.figures.sla.agreed import contract
from tests.paged import paged
from tests.world import DAY, World

from trueup.access import incident, password, token
from trueup.access.actor import Actor
from trueup.access.incident import Saying
from trueup.figures.cache import shared
from trueup.store.models import Page

DOCUMENTS = (
    "",
    "api/system/uptime/",
    "api/system/uptime/components/",
    "api/system/uptime/sla/",
    "api/system/uptime/sla/?contract=payroll-gold",
)
PRIVACIES = ("public", "password", "token")
HIDDEN = (b"Inner Circle", b"payroll", b"Payroll", b"Payday", b"payroll-gold")
PASSWORD = "correct horse"
OPENS = {  # by privacy: what lets somebody in
    "public": (
        "none", "wrong token", "malformed", "expired", "revoked", "token of another page", "push only",
        "token of the page", "token of all", "wrong password", "password", "cookie of another", "cookie",
        "token in the address",
    ),
    "password": ("token of the page", "token of all", "password", "cookie"),
    "token": ("token of the page", "token of all"),
}  # fmt: skip
PLACES = ("by path", "by host")


class Shown(NamedTuple):
    """What a request shows to be let in."""

    headers: dict[str, str]
    cookies: dict[str, str]
    query: str = ""


@pytest.fixture
def site(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a site of an open page and an inner one, each with a component and a contract."""
    monkeypatch.setenv("INNER_PASSWORD", PASSWORD)
    shared.cache_clear()
    password.FAILURES.clear()
    world = World(time.time_ns() // 1000, name="Payday")
    world.watched("shop")
    world.watched("payroll")
    paged(world, "outer", "shop")
    paged(world, "inner", "payroll", name="Inner Circle", hosts=["inner.example.org"])
    paged(world, "other", "shop", privacy="token")
    contract(world, "shop", slug="shop-gold", since_us=world.now_us - 9 * DAY)
    contract(world, "payroll", slug="payroll-gold", since_us=world.now_us - 9 * DAY)
    yield world
    shared.cache_clear()
    password.FAILURES.clear()


def close(world: World, privacy: str) -> None:
    """Give the inner page a privacy."""
    secret = "${INNER_PASSWORD}" if privacy == "password" else ""
    Page.objects.filter(slug="inner").update(privacy=privacy, secret=secret)
    world.applied()


def credentials(world: World) -> dict[str, Shown]:
    """Return what may be shown, by what it is called in ``OPENS``."""
    by = Actor("anna", "here", world.now_us - DAY)

    def made(name: str, page: str | None = None, scope: str = "read", expires_us: int | None = None) -> str:
        return token.add(name, [scope], page, expires_us, by).raw

    def bearer(raw: str) -> Shown:
        return Shown({"Authorization": f"Bearer {raw}"}, {})

    def basic(word: str) -> Shown:
        pair = base64.b64encode(f"anybody:{word}".encode()).decode()
        return Shown({"Authorization": f"Basic {pair}"}, {})

    good, revoked = made("all"), made("revoked")
    token.revoke("revoked", by)
    return {
        "none": Shown({}, {}),
        "wrong token": bearer(good[:-4] + "0000"),
        "malformed": Shown({"Authorization": "Basic \xff:"}, {}),
        "expired": bearer(made("expired", expires_us=world.now_us - 1)),
        "revoked": bearer(revoked),
        "token of another page": bearer(made("another", page="other")),
        "push only": bearer(made("push", scope="push")),
        "token of the page": bearer(made("page", page="inner")),
        "token of all": bearer(good),
        "token in the address": Shown({}, {}, f"token={good}"),
        "wrong password": basic("wrong horse"),
        "password": basic(PASSWORD),
        "cookie of another": Shown({}, {"trueup_page_inner": "inner:1:forged"}),
        "cookie": Shown({}, {"trueup_page_inner": entered()}),
    }


def entered() -> str:
    """Return the cookie that the form sets; none where the page has none."""
    client = Client()
    sent = {"headers": {"Sec-Fetch-Site": "same-origin"}}
    answer = client.post("/p/inner/", {"password": PASSWORD}, **sent)  # type: ignore[arg-type]
    return answer.cookies["trueup_page_inner"].value if answer.status_code == 303 else ""


def get(document: str, place: str, shown: Shown, method: str = "get") -> Any:
    """Return the answer to a request for a document of the inner page."""
    client = Client()
    for name, value in shown.cookies.items():
        client.cookies[name] = value
    more = ("&" if "?" in document else "?") + shown.query if shown.query else ""
    path = f"/p/inner/{document}{more}" if place == "by path" else f"/{document}{more}"
    host = "inner.example.org:8420" if place == "by host" else "status.example.org"
    return getattr(client, method)(path, headers={**shown.headers, "Host": host})


@pytest.mark.parametrize("privacy", PRIVACIES)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_comes_to_whom_its_page_is_open_and_nobody_else_learns_of_it(
    document: str, privacy: str, site: World
) -> None:
    close(site, privacy)
    is_html = document == ""

    for name, shown in credentials(site).items():
        for place in PLACES:
            answer = get(document, place, shown)
            said, case = answer.headers, (name, place)
            if name in OPENS[privacy]:
                assert answer.status_code == 200, case
                assert b"ayroll" in answer.content, case
                kept = "public, max-age=5, must-revalidate" if privacy == "public" else "private, no-store"
                assert said["Cache-Control"] == kept, case
            else:
                assert answer.status_code == 401, case
                assert said["Cache-Control"] == "private, no-store", case
                whole = answer.content + repr(said).encode()
                assert not [word for word in HIDDEN if word in whole], case
                assert ("Basic" in said["WWW-Authenticate"]) is (privacy == "password" and not is_html), case
            open_to_scripts = privacy == "public" and not is_html
            assert ("Access-Control-Allow-Origin" in said) is open_to_scripts, case


@pytest.mark.parametrize("privacy", PRIVACIES)
@pytest.mark.parametrize("document", DOCUMENTS[1:])
def test_scripts_of_other_sites_are_told_beforehand(document: str, privacy: str, site: World) -> None:
    close(site, privacy)

    asked = get(document, "by path", Shown({}, {}), "options")

    assert asked.status_code == (204 if privacy == "public" else 401)
    assert ("Access-Control-Allow-Origin" in asked.headers) is (privacy == "public")


@pytest.mark.parametrize("privacy", PRIVACIES)
def test_incidents_come_only_to_whom_everything_is_open(privacy: str, site: World) -> None:
    close(site, privacy)
    words = Saying(body="Late", impacts={"payroll": "down"})
    incident.begin("Payday is late", words, Actor("anna", "here", site.now_us - DAY))
    known = {"token of all": 200, "token of the page": 403, "token of another page": 403, "push only": 403}

    for name, shown in credentials(site).items():
        for place in PLACES:
            answer = get("api/system/uptime/incidents/", place, shown)
            case = (name, place)
            assert answer.status_code == known.get(name, 401), case
            assert answer.headers["Cache-Control"] == "private, no-store", case
            assert "Access-Control-Allow-Origin" not in answer.headers, case
            whole = answer.content + repr(answer.headers).encode()
            assert any(word in whole for word in HIDDEN) is (answer.status_code == 200), case


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_page_says_nothing_of_what_stands_on_another(document: str, site: World) -> None:
    close(site, "public")

    for path in (f"/{document}", f"/p/outer/{document}"):
        answer = Client().get(path)
        assert answer.status_code == (404 if "payroll-gold" in document else 200)
        # The site's name is that of the house; what is asked for by name is repeated to who asked.
        told = answer.content.replace(b"There is no contract 'payroll-gold'", b"")
        assert not [word for word in HIDDEN if word in told]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_page_that_does_not_exist_is_not_found(document: str, site: World) -> None:
    answer = Client().get(f"/p/nowhere/{document}")

    assert answer.status_code == 404
    assert not [word for word in HIDDEN if word in answer.content]


def test_contracts_that_stand_nowhere_else_are_meant_without_a_name(site: World) -> None:
    close(site, "public")

    outer = Client().get("/api/system/uptime/").json()
    inner = Client().get("/p/inner/api/system/uptime/").json()

    found = [(each["monthly_sla"]["contract"], list(each["components"])) for each in (outer, inner)]
    assert found == [("shop-gold", ["shop"]), ("payroll-gold", ["payroll"])]
