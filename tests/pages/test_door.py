"""The form of a page with a password."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from tests.databases import Database
from tests.paged import paged
from tests.world import World

from trueup.access import password
from trueup.figures.cache import shared

GOOD = "correct horse"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def site(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have an open page and an inner one with a password."""
    monkeypatch.setenv("INNER_PASSWORD", GOOD)
    shared.cache_clear()
    password.FAILURES.clear()
    world = World(time.time_ns() // 1000, name="Payday")
    world.watched("payroll")
    paged(world, "outer")
    paged(
        world, "inner", "payroll", name="Inner Circle", privacy="password", secret="${INNER_PASSWORD}"
    )  # fmt: skip
    yield
    shared.cache_clear()
    password.FAILURES.clear()


def enter(client: Client, word: str = GOOD, path: str = "/p/inner/", **headers: str) -> Any:
    return client.post(path, {"password": word}, headers=headers or OURS)


def test_form_stands_where_the_page_would_be(client: Client) -> None:
    answer = client.get("/p/inner/")
    html = answer.content.decode()

    assert answer.status_code == 401
    assert re.search(r'<form [^>]*method="post">', html)
    assert '<input id="password" name="password" type="password"' in html
    assert "<script" not in html
    assert not [word for word in ("Inner Circle", "ayroll", "Payday") if word in html]
    policy = answer.headers["Content-Security-Policy"]
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    style = re.findall(r'rel="stylesheet" href="([^"]+)"', html)
    assert client.get(f"/p/inner/{style[0]}").status_code == 200


def test_right_password_leads_to_the_page_and_is_remembered(client: Client) -> None:
    answer = enter(client)
    cookie = answer.cookies["trueup_page_inner"]

    assert (answer.status_code, answer.headers["Location"]) == (303, "/p/inner/")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert GOOD not in cookie.value
    page = client.get("/p/inner/")
    assert page.status_code == 200
    assert b"Inner Circle" in page.content
    assert b'href="/p/inner/api/system/uptime/"' in page.content
    assert client.get("/p/inner/api/system/uptime/").status_code == 200


def test_cookie_is_kept_off_plain_http_where_the_page_came_over_https(client: Client) -> None:
    sent: dict[str, Any] = {"headers": OURS, "secure": True}

    assert client.post("/p/inner/", {"password": GOOD}, **sent).cookies["trueup_page_inner"]["secure"] is True
    assert enter(Client()).cookies["trueup_page_inner"]["secure"] == ""


def test_wrong_password_is_told_in_the_form(client: Client) -> None:
    answer = enter(client, "<b>guess")
    html = answer.content.decode()

    assert answer.status_code == 401
    assert 'role="alert" id="said">That is not the password of this page.' in html
    assert "guess" not in html
    assert not answer.cookies


def test_too_many_wrong_ones_have_to_wait(client: Client) -> None:
    for number in range(10):
        answer = enter(client, f"guess {number}")

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert b"Too many wrong passwords" in answer.content
    assert enter(client).status_code == 429
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"X-Nothing": "x"},
    ],
)
def test_form_of_another_site_is_refused_before_the_password_is_looked_at(
    headers: dict[str, str], client: Client
) -> None:
    answer = enter(client, **headers)

    assert answer.status_code == 403
    assert not answer.cookies


def test_browser_that_names_only_its_origin_is_believed(client: Client) -> None:
    assert enter(client, Origin="https://testserver").status_code == 303


def test_host_project_s_own_guard_of_forms_is_not_in_the_way() -> None:
    client = Client(enforce_csrf_checks=True)

    with override_settings(MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"]):
        assert enter(client).status_code == 303


@pytest.mark.parametrize(("path", "status"), [("/", 405), ("/p/outer/", 405), ("/p/nowhere/", 404)])
def test_only_pages_with_a_password_take_a_form(path: str, status: int, client: Client) -> None:
    assert enter(client, path=path).status_code == status


@pytest.mark.parametrize("body", [b"", b"password", b"password=%ff%00", b"\xff" * 5_000, b"a=b&" * 900])
def test_nothing_that_is_sent_breaks_it(body: bytes, client: Client) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"):
        answer = client.post("/p/inner/", body, content_type=kind, headers=OURS)

        assert answer.status_code in (400, 401, 429)
