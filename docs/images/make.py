"""Make docs/images/page.png: 90 days of three components in a database of its own, as a browser shows them.

    .venv/bin/python docs/images/make.py [--browser /usr/bin/chromium] [--out docs/images/page.png]

Needs Chromium (Debian: ``apt-get install chromium``). Nothing but 127.0.0.1 is asked.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from trueup.domain.result import State

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the rows come from tests/world.py

Lost = tuple[int, int | None, State]
Was = tuple[State, int, int | None]

_SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--hide-scrollbars", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is Python's)
        """Say nothing."""


class Server(ThreadingMixIn, WSGIServer):
    """Answers each connection in a thread: a browser opens some that it does not use."""

    daemon_threads = True


def main() -> None:
    """Fill a database, serve it, and take the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "page.png")
    parser.add_argument("--serve", type=int, help="serve on this port instead of taking the picture")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRUEUP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "trueup.server.settings"
        from trueup.server.wsgi import application

        fill()
        server = make_server("127.0.0.1", arguments.serve or 0, application, Server, Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        if arguments.serve:
            print(address, flush=True)  # noqa: T201
            server.serve_forever()
        take(arguments.browser, address, arguments.out)


def take(browser: str, address: str, out: Path) -> None:
    """Take the picture: 1440 wide, light."""
    with tempfile.TemporaryDirectory() as profile:
        size = ("--window-size=1440,1290", f"--user-data-dir={profile}", f"--screenshot={out}")
        subprocess.run([browser, *_SWITCHES, *size, address], check=True, timeout=120)  # noqa: S603


def fill() -> None:
    """Write 90 days: outages of some minutes, a slow evening, and a day on which nobody measured."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.world import DAY, HOUR, MINUTE, SECOND, World

    now_us = time.time_ns() // 1000
    world = World(now_us, timezone="Europe/Moscow")
    world.edge_us = 5 * SECOND  # as long as something is wrong, it is asked every five seconds
    world.engine(now_us)
    ago = now_us - 120 * DAY
    lost: dict[str, list[Lost]]
    blind = (now_us - 61 * DAY, now_us - 61 * DAY + 7 * HOUR, State.UNKNOWN)
    lost = {
        "Frontend": [blind, (now_us - 34 * DAY, now_us - 34 * DAY + 3 * MINUTE + 41 * SECOND, State.DOWN)],
        "Backend": [
            (now_us - 77 * DAY, now_us - 77 * DAY + 48 * MINUTE, State.DEGRADED),
            blind,
            (now_us - 48 * DAY, now_us - 48 * DAY + 22 * MINUTE + 4 * SECOND, State.DOWN),
            (now_us - 34 * DAY, now_us - 34 * DAY + 9 * MINUTE + 12 * SECOND, State.DOWN),
            (now_us - 12 * DAY, now_us - 12 * DAY + 2 * HOUR, State.DEGRADED),
            (now_us - 4 * DAY - 5 * HOUR, now_us - 4 * DAY - 5 * HOUR + 68 * SECOND, State.DOWN),
        ],
        "WebSocket": [
            blind,
            (now_us - 34 * DAY, now_us - 34 * DAY + 11 * MINUTE + 30 * SECOND, State.DOWN),
            (now_us - 19 * DAY, now_us - 19 * DAY + 96 * SECOND, State.DOWN),
            (now_us - 40 * MINUTE, None, State.DEGRADED),
        ],
    }
    latency_us = {"Frontend": 84_000, "Backend": 143_200, "WebSocket": 911_000}
    for name, spans in lost.items():
        check = world.check(world.component(name.lower(), name), since_us=ago)
        world.happened(check, timeline(ago, spans), latency_us=latency_us[name])


def timeline(start_us: int, lost: list[Lost]) -> Iterator[Was]:
    """Yield what was, with up between what was lost."""
    for begin_us, end_us, state in lost:
        yield State.UP, start_us, begin_us
        yield state, begin_us, end_us
        if end_us is None:
            return
        start_us = end_us
    yield State.UP, start_us, None


if __name__ == "__main__":
    main()
