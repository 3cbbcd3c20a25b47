"""An installation that is well, so that a test can break one thing."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.servers.dns import Zone

from trueup import conf
from trueup.server.doctor.examine import Examined, examine
from trueup.server.doctor.finding import Finding

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "doctor.md"
MACHINES_OWN = {"clock-unsynchronised", "disk-space", "disk-slow", "open-files", "timezone-data"}
TEXT = """\
site: {timezone: Europe/Moscow}
components:
  - name: Backend
    checks: [{http: 'http://backend.test/', token: '${TOKEN}'}]
"""


class Clinic:
    """An installation that is well; each test breaks one thing."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "trueup.yaml"
        self._patch = monkeypatch
        self.zone = Zone({})

    def put(self, **environ: str) -> None:
        """Set settings and variables."""
        for name, value in environ.items():
            self._patch.setenv(name, value)
        conf.current.cache_clear()

    def unset(self, name: str) -> None:
        """Take a variable away."""
        self._patch.delenv(name)
        conf.current.cache_clear()

    def examine(self, clock_url: str = "") -> Examined:
        """Look at everything."""
        return examine(conf.current(), clock_url)

    def ids(self) -> set[str]:
        """Return what is found, but for what may be so of the machine that tests."""
        return {each.id for each in self.examine().findings} - MACHINES_OWN

    def finding(self, wanted: str) -> Finding:
        """Return one finding."""
        found = [each for each in self.examine().findings if each.id == wanted]
        assert found, f"{wanted} was not found"
        return found[0]


@contextmanager
def web_server(date: str | None) -> Iterator[str]:
    """Run a web server that sends a date, a wrong one if so wished."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(200)
            if date is not None:
                self.send_header("Date", date)
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            """Keep quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
