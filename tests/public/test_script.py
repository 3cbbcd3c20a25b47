"""A plain script: nothing is configured, nobody has set Django up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.servers.sample import Sample

# As people know it, with the name under which it is installed.
USAGE = """
from trueup import UptimeMonitor, SLACalculator
from datetime import datetime

# Initialize monitor
monitor = UptimeMonitor()

# Execute health checks
results = monitor.check_all_sync()

# Get component status
status = monitor.get_all_components_status()
print(f"Frontend: {status['frontend']['uptime']['24h']}% uptime")

# Initialize SLA calculator
calc = SLACalculator()

# Calculate monthly SLA
now = datetime.utcnow()
monthly = calc.calculate_monthly_sla(now.year, now.month)
print(f"Monthly uptime: {monthly['uptime_percent']}%")
print(f"Service credit: {monthly['service_credit']}%")
"""


def run(folder: Path, code: str, **environ: str) -> str:
    """Run a script in a folder and return what it printed; it must not warn."""
    done = subprocess.run(
        # Newer Pythons warn of utcnow, which the script that people know calls.
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning:__main__", "-c", code],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": os.environ["PATH"], "TRUEUP_WITNESSES": "none", **environ},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def addresses(sample: Sample) -> dict[str, str]:
    found = sample.addresses
    return {
        "FRONTEND_URL": found["frontend"],
        "BACKEND_URL": found["backend"].removesuffix("/health"),
        "WEBSOCKET_URL": found["websocket"],
    }


def test_script_makes_what_it_needs_and_stores_what_it_measured(sample: Sample, tmp_path: Path) -> None:
    run(tmp_path, USAGE, **addresses(sample))
    said = run(tmp_path, USAGE, **addresses(sample))

    assert said == "Frontend: 100.0% uptime\nMonthly uptime: 100.0%\nService credit: 0%\n"
    assert (tmp_path / "trueup.yaml").read_text().startswith("# What trueup watches")
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["keys", "lock", "trueup.db"]
    assert (
        len(
            run(tmp_path, "from trueup import *; print(UptimeMonitor().export('jsonl'), end='')").splitlines()
        )
        == 6
    )


def test_script_under_the_test_environment_leaves_nothing_behind(sample: Sample, tmp_path: Path) -> None:
    said = run(tmp_path, USAGE, ENVIRONMENT="test", **addresses(sample))

    assert said == "Frontend: None% uptime\nMonthly uptime: None%\nService credit: None%\n"
    assert list(tmp_path.iterdir()) == []
    assert {part.asked for part in sample.platform.parts.values()} == {0}


def test_import_alone_loads_nothing() -> None:
    code = (
        "import sys, trueup; print([name for name in sys.modules if name.startswith(('trueup.', 'django'))])"
    )

    assert run(Path.cwd(), code) == "[]\n"


@pytest.mark.parametrize("verb", ["up", "engine"])
def test_no_engine_starts_under_the_test_environment(tmp_path: Path, verb: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trueup", verb],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": os.environ["PATH"], "ENVIRONMENT": "test"},
    )  # fmt: skip

    assert done.returncode == 2
    assert "ENVIRONMENT=test: nothing is asked and nothing is kept" in done.stderr
    assert list(tmp_path.iterdir()) == []
