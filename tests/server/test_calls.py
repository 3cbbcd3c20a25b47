"""Heartbeats, pauses and urgent probes of a running product."""

from __future__ import annotations

import signal
from datetime import datetime
from typing import Any

import pytest
from tests.server.running import Installation, until
from tests.servers.sample import Sample

pytestmark = pytest.mark.system


def test_jobs_call_checks_are_asked_and_paused_while_the_engine_runs_and_while_it_does_not(
    installation: Installation, sample: Sample
) -> None:
    installation.configure(
        f"Web: http: {sample.addresses['frontend']}",
        "Gone: tcp: 127.0.0.1:1",
        "Backup: heartbeat: nightly backup\n        period: 2s\n        grace: 1s",
        "Report: heartbeat: weekly report\n        period: 7d",
        interval_s=60,
    )
    with installation.up() as running:
        running.wait_until_watching()
        _heartbeat(installation)
        _urgent(installation)
        _pause(installation)
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(10)

    called = until("no engine", lambda: _untold(installation))
    refused = installation.run("ask", "web")
    assert installation.state("report") == "unknown"
    assert (refused.returncode, "trueup up" in refused.stderr) == (2, True)

    with installation.up() as running:
        running.wait_until_watching()
        until("taken in", lambda: installation.state("report") == "up")
    assert called["call"] == "success"


def _heartbeat(installation: Installation) -> None:
    """One call; then it is late, from the due instant on; then its job runs well."""
    assert installation.json("beat", "backup")["engine_told"]
    until("late", lambda: installation.states("backup")[-2:] == ["up", "down"])
    up, down = installation.entries("backup")[-2:]
    assert _start_s(down) - _start_s(up) == pytest.approx(2.0, abs=0.002)
    assert down["cause"] == "late"

    until("up", lambda: _called_well(installation))


def _called_well(installation: Installation) -> bool:
    assert installation.run("beat", "backup", "--", "true").returncode == 0
    return installation.states("backup").count("up") > 1


def _urgent(installation: Installation) -> None:
    until("asked", lambda: installation.state("web") == "up" and installation.state("gone") == "down")

    good, bad = installation.json("ask", "web"), installation.run("ask", "gone")

    assert (good["state"], good["kind"]) == ("up", "http")
    assert good["phases_ms"]["wait"] > 0
    assert bad.returncode == 1
    assert "refused the connection" in " ".join(bad.stdout.split())


def _pause(installation: Installation) -> None:
    installation.json("pause", "web", "--for", "2s", "--reason", "new disk")
    until("paused", lambda: "paused" in installation.states("web"))
    until("up again", lambda: installation.states("web")[-3:] == ["paused", "unknown", "up"])
    paused = next(entry for entry in installation.entries("web") if entry["state"] == "paused")
    assert paused["seconds"] == pytest.approx(2.0, abs=0.001)


def _untold(installation: Installation) -> dict[str, Any] | None:
    """Call, and return what was said once no engine was there to be told."""
    told: dict[str, Any] = installation.json("beat", "report")
    return None if told["engine_told"] else told


def _start_s(entry: dict[str, Any]) -> float:
    return datetime.fromisoformat(entry["start"]).timestamp()
