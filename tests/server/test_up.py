"""``trueup up`` as a user starts it: it watches, survives and stops."""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from tests.databases import Database
from tests.server.running import Installation, children, until
from tests.servers.sample import Sample

pytestmark = pytest.mark.system


def at(written: str) -> float:
    """Return an instant of the ledger in seconds."""
    return datetime.fromisoformat(written).timestamp()


def test_real_targets_are_watched_and_shown(installation: Installation, sample: Sample) -> None:
    installation.configure(
        f"Frontend: http: {sample.addresses['frontend']}",
        f"Backend: http: {sample.addresses['backend']}",
        f"WebSocket: websocket: {sample.addresses['websocket']}",
    )
    with installation.up() as running:
        running.wait_until_watching()
        until(
            "all up",
            lambda: all(
                each["status"] == "up" for each in running.get("/api/system/uptime/")["components"].values()
            ),
        )
        page = running.get("/")
        sample.enter("websocket", "down")
        until("down", lambda: installation.state("websocket") == "down")
        sample.enter("websocket", "up")
        until("up again", lambda: installation.state("websocket") == "up")

        assert all(name in page for name in ("Frontend", "Backend", "WebSocket"))
        assert running.get("/readyz")["status"] == "ready"
        assert running.stop() < 6

    outage = installation.entries("websocket")[-2]
    assert (outage["kind"], outage["cause"]) == ("outage", "refused")
    assert "nothing listens there" in outage["why"]
    assert set(outage["edges"]) == {"before", "first", "last", "after"}
    assert installation.json("status")["components"][2]["checks"][0]["last_result"] == "up"


def test_ledger_is_total_over_a_killed_engine_and_the_gap_is_unknown(
    installation: Installation, sample: Sample
) -> None:
    installation.configure(f"Frontend: http: {sample.addresses['frontend']}")
    with installation.up() as running:
        running.wait_until_watching()
        until("up", lambda: installation.state("frontend") == "up")
        running.process.send_signal(signal.SIGSTOP)  # so that it cannot start the next engine yet
        os.kill(running.child("trueup.server.engine"), signal.SIGKILL)
        killed_s = time.time()
        until("a gap", lambda: time.time() - killed_s > 3)
        running.process.send_signal(signal.SIGCONT)
        until("up again", lambda: len(installation.states("frontend")) >= 4)
        assert running.said("event=died child=engine code=-9")
        running.stop()

    found = installation.entries("frontend")
    assert [each["state"] for each in found] == ["unknown", "up", "unknown", "up"]
    assert all(one["end"] == following["start"] for one, following in pairwise(found))
    assert killed_s - 1.5 <= at(found[2]["start"]) <= killed_s + 1.5
    assert at(found[2]["end"]) >= killed_s + 3


def test_the_parent_holds_no_connection_while_it_waits(installation: Installation, sample: Sample) -> None:
    installation.configure(f"Frontend: http: {sample.addresses['frontend']}")
    with installation.up() as running:
        running.wait_until_watching()

        held = [each.resolve().name for each in Path(f"/proc/{running.process.pid}/fd").iterdir()]

        assert [name for name in held if name.startswith("trueup.db")] == []


def test_new_revision_is_asked_within_two_seconds(installation: Installation, sample: Sample) -> None:
    installation.configure(f"Frontend: http: {sample.addresses['frontend']}", interval_s=60)
    with installation.up() as running:
        running.wait_until_watching()
        until("up", lambda: installation.state("frontend") == "up")
        installation.configure("Frontend: http: http://127.0.0.1:9/", interval_s=60)

        applied = installation.json("apply")
        applied_s = time.time()
        until("down", lambda: installation.state("frontend") == "down")

        assert applied["engine_told"]
        asked_s = at(installation.entries("frontend")[-1]["edges"]["first"]["asked"])
        assert asked_s - applied_s < 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_everything_in_time_and_stores_what_is_in_flight(
    installation: Installation, sample: Sample, number: signal.Signals
) -> None:
    sample.enter("backend", "slow")
    installation.configure(f"Backend: http: {sample.addresses['backend']}", interval_s=10)
    with installation.up() as running:
        until("the first probe", lambda: sample.platform.parts["backend"].asked)
        pids = [running.process.pid, *children(running.process.pid)]

        assert running.stop(number) < 6

    assert [pid for pid in pids if os.path.exists(f"/proc/{pid}")] == []  # noqa: PTH110
    checks = installation.json("status")["components"][0]["checks"]
    assert checks[0]["last_result"] == "up", "the slow answer came after the signal and was stored"


def test_nothing_outlives_a_killed_parent(installation: Installation, sample: Sample) -> None:
    installation.configure(f"Frontend: http: {sample.addresses['frontend']}")
    with installation.up() as running:
        running.wait_until_watching()
        web = running.child("trueup web")
        pids = [web, running.child("trueup.server.engine"), *children(web)]
        running.process.kill()

        until("their end", lambda: not any(os.path.exists(f"/proc/{pid}/exe") for pid in pids))  # noqa: PTH110


def test_killed_web_server_is_started_again(installation: Installation, sample: Sample) -> None:
    installation.configure(f"Frontend: http: {sample.addresses['frontend']}")
    with installation.up() as running:
        running.wait_until_watching()
        os.kill(running.child("trueup web"), signal.SIGKILL)
        until("its death", lambda: running.said("event=died child=web"))

        def healthy() -> bool:
            try:
                return bool(running.get("/healthz")["status"] == "ok")
            except OSError:
                return False

        until("its return", healthy)


def test_engine_and_web_can_run_apart(installation: Installation, sample: Sample) -> None:
    installation.configure(f"Frontend: http: {sample.addresses['frontend']}")
    with installation.up(verb="engine") as engine:
        until("up", lambda: engine.said("to=up"))
        with installation.up(verb="web") as web:

            def status() -> str | None:
                try:
                    return str(web.get("/api/system/uptime/")["components"]["frontend"]["status"])
                except OSError:
                    return None

            assert until("the page", status) == "up"
            assert web.stop() < 6
        assert engine.stop() < 6


def test_first_start_writes_a_configuration_and_says_so(installation: Installation, sample: Sample) -> None:
    environ = {
        "FRONTEND_URL": sample.addresses["frontend"],
        "BACKEND_URL": sample.addresses["backend"].removesuffix("/health"),
        "WEBSOCKET_URL": sample.addresses["websocket"],
    }
    with installation.up(**environ) as running:
        running.wait_until_watching()
        for check in ("frontend", "backend", "websocket"):
            until(f"{check} up", lambda check=check: installation.state(check) == "up")  # type: ignore[misc]

        assert running.said("wrote trueup.yaml")
        assert running.said(f"http://127.0.0.1:{installation.port}/api/system/uptime/")
    assert "${FRONTEND_URL:-http://localhost:8080}" in installation.config.read_text()
    assert (installation.data / "keys").stat().st_mode & 0o077 == 0


def test_postgresql_has_one_engine_and_is_asked_for_new_configurations(
    installation: Installation, postgres_database: Database, tmp_path: Path
) -> None:
    installation.environ["DATABASE_URL"] = postgres_database.address
    installation.configure("Frontend: http: http://127.0.0.1:9/")
    other = Installation(tmp_path / "other")
    other.folder.mkdir()
    other.environ["DATABASE_URL"] = postgres_database.address
    other.configure("Mistake: http: http://127.0.0.1:9/")
    with installation.up() as running:
        running.wait_until_watching()
        until("a result", lambda: running.said("to=down"))

        refused = other.run("up")
        installation.configure("Frontend: http: http://127.0.0.1:9/", "Second: tcp: 127.0.0.1:9")
        applied = installation.run("apply", TRUEUP_DATA=str(other.data))  # no socket leads to the engine
        until("the second check", lambda: running.said("check=second"))
        assert running.stop() < 6

    assert refused.returncode == 2
    assert "The database is in use by another engine (pid " in refused.stderr
    assert applied.returncode == 0
    assert {each["slug"] for each in installation.json("status")["components"]} == {"frontend", "second"}
