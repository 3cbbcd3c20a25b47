"""Documents in memory are answered before Django."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory, override_settings
from django.urls import clear_script_prefix
from tests.databases import Database
from tests.paged import paged
from tests.world import World

from trueup.access import token
from trueup.access.actor import Actor
from trueup.figures.cache import shared
from trueup.server.early import Early


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    shared.cache_clear()
    clear_script_prefix()  # a request to a site behind a prefix leaves it in the thread
    yield
    shared.cache_clear()


class Site:
    """Sends requests through the early answers, and counts those that come to Django."""

    def __init__(self) -> None:
        self.django = WSGIHandler()
        self.passed = 0
        self._early = Early(self._pass)

    def _pass(self, environ: Any, start_response: Any) -> Any:
        self.passed += 1
        return self.django(environ, start_response)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of an answer."""
        environ = RequestFactory().generic(method, path).environ | headers
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], *_: object
        ) -> Callable[[bytes], None]:
            said.append((status, headers))
            return lambda data: None

        body = b"".join(self._early(environ, start_response))
        return int(said[0][0].split()[0]), dict(said[0][1]), body


@pytest.mark.parametrize("path", ["/", "/api/system/uptime/"])
def test_second_request_does_not_come_to_django_and_is_answered_the_same(
    sqlite_database: Database, path: str
) -> None:
    World(time.time_ns() // 1000).watched("frontend")
    site = Site()

    first = site.get(path)
    again = site.get(path)

    assert site.passed == 1
    assert again[0] == 200
    assert again[2] == first[2]
    assert again[1] == first[1]


def test_early_answer_may_be_packed_empty_or_304(sqlite_database: Database) -> None:
    World(time.time_ns() // 1000).watched("frontend")
    site = Site()
    _, headers, body = site.get("/")

    packed = site.get("/", HTTP_ACCEPT_ENCODING="gzip")
    head = site.get("/", "HEAD")
    known = site.get("/", HTTP_IF_NONE_MATCH=headers["ETag"])

    assert site.passed == 1
    assert gzip.decompress(packed[2]) == body
    assert (head[0], head[2]) == (200, b"")
    assert (known[0], known[2]) == (304, b"")
    assert known[1]["Content-Security-Policy"] == headers["Content-Security-Policy"]


def test_other_methods_and_paths_are_django_s(sqlite_database: Database) -> None:
    World(time.time_ns() // 1000)
    site = Site()
    site.get("/")

    assert site.get("/", "POST")[0] == 405
    assert site.get("/healthz")[0] == 200
    assert site.passed == 3


@override_settings(ALLOWED_HOSTS=["status.example.org"])
def test_host_that_is_not_ours_is_refused_also_from_memory(sqlite_database: Database) -> None:
    World(time.time_ns() // 1000)
    site = Site()

    ours = site.get("/", HTTP_HOST="status.example.org")
    again = site.get("/", HTTP_HOST="status.example.org:8420")
    other = site.get("/", HTTP_HOST="elsewhere.example")

    assert (ours[0], again[0], other[0]) == (200, 200, 400)
    assert site.passed == 2


def test_site_behind_a_prefix_is_not_answered_from_memory(sqlite_database: Database) -> None:
    World(time.time_ns() // 1000).watched("frontend")
    site = Site()
    site.get("/")

    page = site.get("/", SCRIPT_NAME="/deep")[2].decode()

    assert site.passed == 2
    assert 'href="/deep/api/system/uptime/"' in page


def test_each_page_is_answered_from_memory_by_its_host_and_its_path(sqlite_database: Database) -> None:
    world = World(time.time_ns() // 1000)
    world.watched("shop", "Shop")
    world.watched("other", "Other")
    paged(world, "outer", "other")
    paged(world, "inner", "shop", hosts=["in.example.org"])
    site = Site()
    for path in ("/", "/api/system/uptime/"):
        by_host, by_path = site.get(path, HTTP_HOST="in.example.org"), site.get(f"/p/inner{path}")
        first = site.get(path)
        passed = site.passed

        again = [site.get(path, HTTP_HOST="in.example.org:8420"), site.get(f"/p/inner{path}"), site.get(path)]

        assert again == [by_host, by_path, first]
        assert site.passed == passed
        assert [b"Shop" in each[2] for each in again] == [True, True, False]
        assert b"Other" not in by_path[2]


@pytest.mark.parametrize("privacy", ["password", "token"])
@pytest.mark.parametrize("path", ["/", "/api/system/uptime/"])
def test_closed_page_is_never_answered_from_memory(
    path: str, privacy: str, sqlite_database: Database
) -> None:
    world = World(time.time_ns() // 1000)
    world.watched("payroll")
    row = paged(world, "inner", "payroll")
    raw = token.add("all", ["read"], None, None, Actor("anna", "here", world.now_us)).raw
    site = Site()
    assert site.get(path)[0] == 200

    type(row).objects.update(privacy=privacy)
    world.applied()
    shared.cache_clear()

    assert site.get(path, HTTP_AUTHORIZATION=f"Bearer {raw}")[0] == 200
    status, headers, body = site.get(path)
    assert (status, headers["Cache-Control"]) == (401, "private, no-store")
    assert b"ayroll" not in body


@pytest.mark.parametrize(
    "path", ["/p/", "/p//", "/p/nowhere/", "/p/outer", "/p/outer//", "/p/%00/", "/p/outer/x"]
)
def test_path_that_names_no_page_is_no_first_page(path: str, sqlite_database: Database) -> None:
    world = World(time.time_ns() // 1000)
    paged(world, "outer")
    site = Site()
    site.get("/p/outer/")

    assert site.get(path)[0] in (301, 404)
    assert site.passed == 2
