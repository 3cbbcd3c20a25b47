"""What the public documents of 100 components and 90 days cost the server."""

from __future__ import annotations

import gzip
import io
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

Figures = dict[str, object]
REPEATS = 9


def documents(anchor: Path, *, short: bool) -> Figures:
    """CPU of the JSON and the page: cold, from warm day figures, from the cache of bytes, unchanged."""
    from bench.inside import inside

    return inside("documents", short=short)


def measure(*, short: bool) -> Figures:
    """Fill the database and measure; in the process of ``bench.inside``."""
    from trueup.api import system_uptime
    from trueup.figures.cache import RENEW_US, Documents
    from trueup.pages import status

    components = 10 if short else 100
    now_us = time.time_ns() // 1000
    _fill(now_us, components)
    cold = Documents()
    figures: Figures = {"components": components}
    figures["html_cold_ms"] = _ms(lambda: cold.get(status.KEY, status.render, now_us))
    moments = iter(range(1, 1000))

    def later(key: Any, render: Any) -> Callable[[], object]:
        return lambda: cold.get(key, render, now_us + next(moments) * RENEW_US // 5 * 6)

    figures["json_warm_ms"] = _median(later(system_uptime.KEY, system_uptime.render))
    figures["html_warm_ms"] = _median(later(status.KEY, status.render))
    return figures | _served()


def _served() -> Figures:
    """Measure what the application answers from memory, a request."""
    figures: Figures = {}
    for name, path in (("json", "/api/system/uptime/"), ("html", "/")):
        body, etag = _ask(path)
        figures[f"{name}_kb"] = round(len(body) / 1000, 1)
        figures[f"{name}_gzip_kb"] = round(len(gzip.compress(body, 6)) / 1000, 1)
        figures[f"{name}_cached_ms"] = _many(partial(_ask, path))
        figures[f"{name}_unchanged_ms"] = _many(partial(_ask, path, HTTP_IF_NONE_MATCH=etag))
    return figures


def _ask(path: str, **more: str) -> tuple[bytes, str]:
    """Ask the WSGI application and return body and ETag."""
    from trueup.server.wsgi import application

    found: dict[str, str] = {}

    def start_response(
        _: str, headers: list[tuple[str, str]], __: object = None
    ) -> Callable[[bytes], object]:
        found.update({key.lower(): value for key, value in headers})
        return found.__contains__

    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "HTTP_HOST": "localhost", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), **more,
    }  # fmt: skip
    return b"".join(application(environ, start_response)), found["etag"]


def _fill(now_us: int, components: int) -> None:
    """Write 90 days of each component: a dozen outages, at random but the same each time."""
    from tests.world import DAY, MINUTE, World

    from trueup.domain.result import State

    chance = random.Random(7)
    world = World(now_us)
    world.engine(now_us)
    for place in range(components):
        at_us = now_us - 95 * DAY
        spans = []
        for start_us in sorted(now_us - chance.randrange(1, 95 * 1440) * MINUTE for _ in range(13)):
            if start_us > at_us + 60 * MINUTE:
                end_us = min(start_us + chance.randrange(1, 40) * MINUTE, now_us - MINUTE)
                if end_us > start_us:
                    spans += [(State.UP, at_us, start_us), (State.DOWN, start_us, end_us)]
                    at_us = end_us
        world.watched(f"c{place}", f"Component {place}", [*spans, (State.UP, at_us, None)])


def _ms(act: Callable[[], object]) -> float:
    before = time.process_time_ns()
    act()
    return round((time.process_time_ns() - before) / 1e6, 2)


def _median(act: Callable[[], object]) -> float:
    act()
    return round(statistics.median(_ms(act) for _ in range(REPEATS)), 2)


def _many(act: Callable[[], object], times: int = 200) -> float:
    """Return the CPU of one of many requests, the look into the store each second included."""
    act()
    before = time.process_time_ns()
    for _ in range(times):
        act()
    return round((time.process_time_ns() - before) / 1e6 / times, 3)
