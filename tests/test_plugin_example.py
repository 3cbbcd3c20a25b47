"""The plug-in in examples/plugin: installed as anybody would, it is a kind like any other."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers import Servers

ROOT = Path(__file__).parent.parent
PLUGIN = ROOT / "examples" / "plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Install the plug-in into a folder, without a network; return the environment that finds it."""
    folder = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(PLUGIN, folder / "source", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
         "--target", folder / "site", source],
        check=True, capture_output=True,
    )  # fmt: skip
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder / "site"), "TRUEUP_DATA": str(folder)}


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Give servers on loopback that end with the test."""
    with Servers() as running:
        yield running


def run(environment: dict[str, str], *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=90, check=False
    )


async def desk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    name = (await reader.readline()).strip()
    writer.write(b"Login: " + name + b"\r\n")
    await writer.drain()


def test_installed_plug_in_is_asked_from_the_command_line(
    installed: dict[str, str], servers: Servers
) -> None:
    place = servers.start(desk)
    command = ["-m", "trueup", "ask", "--kind", "finger", place.endpoint, "--option", "user=ada", "--json"]

    good = run(installed, *command, "--expect", 'reply contains "ada"')
    bad = run(installed, *command, "--expect", 'reply contains "bob"')

    assert (good.returncode, json.loads(good.stdout)["state"]) == (0, "up"), good.stderr
    assert (bad.returncode, json.loads(bad.stdout)["cause"]) == (1, "expectation"), bad.stderr


def test_configuration_knows_the_kind_only_where_it_is_installed(
    installed: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "trueup.yaml"
    file.write_text("components:\n  - name: A\n    checks:\n      - finger: 127.0.0.1:79\n        usr: x\n")

    there = run(installed, "-m", "trueup", "validate", "--config", file)
    elsewhere = run({**installed, "PYTHONPATH": ""}, "-m", "trueup", "validate", "--config", file)

    assert "did you mean 'user'" in there.stdout + there.stderr
    assert "no key of this check names its kind" in elsewhere.stdout + elsewhere.stderr


def test_its_own_tests_pass(installed: dict[str, str]) -> None:
    tests = PLUGIN / "tests"

    ran = run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django", "-c", "/dev/null",
              f"--rootdir={tests}", tests)  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "4 passed" in ran.stdout
