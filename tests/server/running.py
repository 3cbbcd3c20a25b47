"""Whole processes of the product, started as a user starts them."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

_STATES = """
    SELECT e.state FROM trueup_ledgerentry e
    JOIN trueup_series s ON s.id = e.series_id
    JOIN trueup_check c ON c.id = s.owner_id
    JOIN trueup_region r ON r.id = s.region_id
    WHERE c.slug = ? AND r.slug = 'verdict' AND e.superseded_us IS NULL ORDER BY e.start_us
"""
T = TypeVar("T")
_PATIENCE_S = 30.0


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def until(what: str, found: Callable[[], T | None], patience_s: float = _PATIENCE_S) -> T:
    """Return the first result that is true."""
    deadline_s = time.monotonic() + patience_s
    while time.monotonic() < deadline_s:
        got = found()
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {patience_s:g} s")


class Installation:
    """A directory with a configuration and data, and the commands run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "trueup.yaml"
        self.port = free_port()
        self.log = folder / "up.log"
        self.environ = {
            "PATH": os.environ["PATH"],
            "TRUEUP_DATA": str(self.data),
            "TRUEUP_CONFIG": str(self.config),
            "TRUEUP_LISTEN": f"127.0.0.1:{self.port}",
            "TRUEUP_WITNESSES": "none",
        }

    def configure(self, *checks: str, interval_s: int = 1, more: str = "") -> None:
        """Write a configuration: each check is ``name: kind: target`` and what follows on further lines."""
        lines = [f"defaults: {{interval: {interval_s}s, timeout: {interval_s}s}}", "components:"]
        for check in checks:
            name, _, rest = check.partition(": ")
            lines += [f"  - name: {name}", "    checks:", f"      - {rest}"]
        self.config.write_text("\n".join([*lines, more, ""]))

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run one verb to its end."""
        return subprocess.run(
            [sys.executable, "-m", "trueup", *arguments],
            cwd=self.folder, env={**self.environ, **environ}, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

    def json(self, *arguments: str) -> Any:
        """Return what one verb prints as JSON."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def up(
        self, *arguments: str, verb: str = "up", within: Sequence[str] = (), **environ: str
    ) -> Iterator[Running]:
        """Start ``trueup up`` (or another verb), ``within`` another command; stop it at the end."""
        with self.log.open("ab") as out:
            process = subprocess.Popen(
                [*within, sys.executable, "-m", "trueup", verb, *arguments],
                cwd=self.folder, env={**self.environ, **environ}, stdout=out, stderr=out,
            )  # fmt: skip
        running = Running(self, process)
        try:
            yield running
        finally:
            running.end()

    def entries(self, check: str) -> list[dict[str, Any]]:
        """Return the ledger of a check."""
        found: list[dict[str, Any]] = self.json("ledger", "--check", check)
        return found

    def states(self, check: str) -> list[str]:
        """Return the states of a check so far, as the database holds them: quick, to be asked often."""
        if not (self.data / "trueup.db").exists():
            return []
        try:
            with closing(sqlite3.connect(self.data / "trueup.db", timeout=5)) as link:
                return [str(row[0]) for row in link.execute(_STATES, (check,))]
        except sqlite3.OperationalError:
            return []  # its tables are being made

    def state(self, check: str) -> str | None:
        """Return the state of a check now."""
        return next(reversed(self.states(check)), None)


class Running:
    """A ``trueup up`` at work."""

    def __init__(self, installation: Installation, process: subprocess.Popen[bytes]) -> None:
        self.installation = installation
        self.process = process

    def said(self, text: str) -> bool:
        """Tell whether it has printed a text."""
        return text in self.installation.log.read_text()

    def wait_until_watching(self) -> None:
        """Wait until it says that it watches."""
        until("watching", lambda: self.said("watching") or self.process.poll() is not None)
        assert self.process.poll() is None, self.installation.log.read_text()

    def get(self, path: str) -> Any:
        """Return what the web server answers to a path, JSON decoded."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.installation.port}{path}", timeout=5) as answer:
            body = answer.read()
            return json.loads(body) if "json" in answer.headers["Content-Type"] else body.decode()

    def child(self, module: str) -> int:
        """Return the pid of the child that runs a module or verb."""
        for pid in children(self.process.pid):
            if module in Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " "):
                return pid
        raise AssertionError(f"no child runs {module}")

    def stop(self, number: signal.Signals = signal.SIGINT, patience_s: float = 10.0) -> float:
        """Send a signal and return how many seconds it took to end, with exit code 0."""
        begun_s = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(patience_s) == 0, self.installation.log.read_text()
        return time.monotonic() - begun_s

    def end(self) -> None:
        """End it, whatever happens; its children end with it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


def children(pid: int) -> Sequence[int]:
    """Return the pids of a process's children."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]
