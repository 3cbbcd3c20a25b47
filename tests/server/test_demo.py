"""The demo: the ledger finds the outage that the script made."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from tests.server.running import Installation, until

pytestmark = pytest.mark.system

SPEED = 5  # 24 s in all, checks each second


def test_ledger_of_the_demo_agrees_with_the_script_within_one_interval(installation: Installation) -> None:
    with installation.up("--speed", str(SPEED), "--data", str(installation.data), verb="demo") as running:
        until("the whole script", lambda: finished(installation), patience_s=100)
        shown = running.get("/api/system/uptime/")["components"]
        assert running.stop() < 8

    assert {slug: each["status"] for slug, each in shown.items()} == {
        "frontend": "up",
        "backend": "up",
        "websocket": "up",
    }
    backend = installation.entries("backend")
    assert [each["state"] for each in backend] == ["unknown", "up", "degraded", "down", "up"]
    assert [each["state"] for each in installation.entries("websocket")] == ["unknown", "up", "down", "up"]
    assert [each["state"] for each in installation.entries("frontend")] == ["unknown", "up"]
    for part in ("backend", "websocket"):
        outage = next(each for each in installation.entries(part) if each["kind"] == "outage")
        fell_s, rose_s = truth(installation, part)
        assert abs(seconds(outage["start"]) - fell_s) <= 1
        assert abs(seconds(outage["end"]) - rose_s) <= 1
        assert seconds(outage["edges"]["before"]["asked"]) <= fell_s
        assert seconds(outage["edges"]["first"]["answered"]) >= fell_s


@pytest.mark.parametrize("theirs", ["trueup.yaml", "trueup.db"])
def test_demo_leaves_a_directory_alone_that_is_not_its_own(installation: Installation, theirs: str) -> None:
    installation.data.mkdir()
    (installation.data / theirs).write_text("components: []")

    done = installation.run("demo", "--data", str(installation.data))

    assert done.returncode == 2
    assert "Name a directory of its own with --data." in done.stderr
    assert (installation.data / theirs).read_text() == "components: []"


def finished(installation: Installation) -> bool:
    """Tell whether everything has come back."""
    states = [installation.states(check) for check in ("backend", "websocket")]
    return all("down" in each and each[-1] == "up" for each in states)


def truth(installation: Installation, part: str) -> tuple[float, float]:
    """Return when a part really fell and rose."""
    lines = (installation.data / "truth.jsonl").read_text().splitlines()
    steps: list[dict[str, Any]] = [step for line in lines if (step := json.loads(line))["part"] == part]
    fell = next(place for place, step in enumerate(steps) if step["state"] == "down")
    return steps[fell]["at_us"] / 1e6, steps[fell + 1]["at_us"] / 1e6


def seconds(written: str) -> float:
    """Return an instant of the ledger in seconds."""
    return datetime.fromisoformat(written).timestamp()
