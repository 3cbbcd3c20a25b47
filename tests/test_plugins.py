"""Kinds that other distributions bring."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from trueup import plugins

BANNER = '''
"""A kind from elsewhere."""
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from trueup.domain.result import Facts
from trueup.probes.address import read_endpoint
from trueup.probes.base import Probe, register


@register
@dataclass(frozen=True, kw_only=True)
class BannerProbe(Probe):
    """Reads the first line that a server sends."""

    kind: ClassVar[str] = "banner"
    target_form: ClassVar[str] = "HOST:PORT"
    provides: ClassVar[dict[str, type]] = {"banner": str, "latency": timedelta}

    async def ask(self, net) -> Facts:
        host, port = read_endpoint(self.target)
        reader, _ = await net.connect(host, port)
        return Facts(values={"banner": (await reader.readline()).decode(errors="replace").rstrip()})
'''

USE = """
import asyncio, sys, threading
sys.path.insert(0, sys.argv[1])
from trueup.probes.ask import ask_once
from trueup.probes.base import build, kinds
from tests.servers import Servers

async def greet(reader, writer):
    writer.write(b"220 here\\r\\n")
    await writer.drain()

with Servers() as servers:
    place = servers.start(greet)
    print("banner" in kinds(), ask_once(build("banner", place.endpoint, {}), 5).facts.values)
"""


def distribution(folder: Path, name: str, module: str, group: str = "trueup.probes") -> None:
    (folder / f"{name}.py").write_text(module)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {name}\n")


def test_kind_of_another_distribution_is_asked_like_our_own(tmp_path: Path) -> None:
    distribution(tmp_path, "trueup_banner", BANNER)

    ran = subprocess.run(
        [sys.executable, "-c", USE, str(tmp_path)],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ran.stdout == "True {'banner': '220 here'}\n", ran.stderr


def test_extension_that_cannot_be_imported_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    distribution(tmp_path, "trueup_broken", "import no_such_module_anywhere", group="trueup.test")
    monkeypatch.syspath_prepend(tmp_path)

    with caplog.at_level(logging.ERROR):
        plugins.load("trueup.probes.kinds", "trueup.test")

    assert "extension trueup_broken of trueup_broken" in caplog.text
    assert "no_such_module_anywhere" in caplog.text
