"""Servers that mean no good, for every kind at once: an answer in time, no memory, nothing left open."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest
from tests.probes.asking import Asking
from tests.probes.test_contract import CONNECTING, WAITING, open_files, target
from tests.servers import Servers
from tests.servers.http import Reader, Writer, closing, cutting, garbage, silent, slow_loris
from tests.servers.run import Handler

from trueup.domain.result import FailureClass
from trueup.domain.text import missing, render
from trueup.probes.base import build

DEADLINE_S = 0.4
LATE_S = 5  # a busy machine may be late, but never for ever
GROWTH_MB = 60  # of the servers as well: they stand in this process
NOISE = random.Random(3).randbytes(65_536)


async def endless(reader: Reader, writer: Writer) -> None:
    """Send noise without end, whatever is asked."""
    while True:
        writer.write(NOISE)
        await writer.drain()


async def lines(reader: Reader, writer: Writer) -> None:
    """Send the same short line without end."""
    while True:
        writer.write(b"220-more to come\r\n" * 2_000)
        await writer.drain()


async def half_closed(reader: Reader, writer: Writer) -> None:
    """Say that nothing will come, and go on listening."""
    writer.write_eof()
    while await reader.read(65_536):
        pass


async def other_protocol(reader: Reader, writer: Writer) -> None:
    """Speak first, as no protocol here does."""
    writer.write(b"* OK IMAP4rev1 ready\r\n")
    await writer.drain()
    await asyncio.sleep(0)
    while await reader.read(65_536):
        writer.write(b"BAD unknown command\r\n")
        await writer.drain()


HOSTILE = (
    garbage, endless, lines, silent, half_closed, other_protocol, slow_loris, closing, cutting,
)  # fmt: skip


def rss_mb() -> float:
    """Return how much memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.parametrize("handler", HOSTILE, ids=lambda handler: getattr(handler, "__name__", "garbage"))
def test_every_kind_ends_in_time_with_a_class_and_leaves_nothing(handler: Handler, servers: Servers) -> None:
    place = servers.start(handler)
    probes = [build(kind, target(kind, place), WAITING.get(kind, {})) for kind in CONNECTING]
    with Asking() as asking:
        asking.answers(*probes, timeout_s=DEADLINE_S)  # whatever is made once is made
        asking.settle(lambda: not asking.asker.flying)
        servers.settle(lambda: not servers.talking)
        before, held_mb = open_files(), rss_mb()
        asking.taken.clear()

        asking.answers(*probes, timeout_s=DEADLINE_S)

        servers.settle(lambda: open_files() <= before)
        assert rss_mb() - held_mb < GROWTH_MB
    for answer in asking.taken:
        failure = answer.facts.failure
        assert answer.duration_us < (DEADLINE_S + LATE_S) * 1e6
        if failure is not None:
            assert failure.cause not in (FailureClass.INTERNAL, FailureClass.LOCAL), render(failure.text)
            assert missing(failure.text) == []
