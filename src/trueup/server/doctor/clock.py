"""Whether the clock of this machine can be trusted: outages are timed by it."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from trueup.conf import Settings
from trueup.domain.text import duration, instant
from trueup.server.doctor.finding import Finding
from trueup.server.faults import StartError

_SYNC = "Let it be set by the network: `timedatectl set-ntp true`, or run chrony."
_TIMEX_BYTES = 208  # struct timex of Linux, 64 bit
_MAX_ERROR, _STATUS = 24, 40  # where maxerror (us) and status stand in it
_STA_UNSYNC = 0x40
_DATE_US = 2_000_000  # a Date header has whole seconds, and its way takes time
_DATABASE_US = 1_000_000
_AHEAD_US = 10_000_000


def synchronised() -> Iterator[Finding]:
    """Say if the kernel knows that nobody sets its clock; nothing where it cannot be asked."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        told = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    except (OSError, AttributeError):
        return
    status = int.from_bytes(buffer.raw[_STATUS : _STATUS + 4], "little")
    if told >= 0 and status & _STA_UNSYNC:
        error_us = int.from_bytes(buffer.raw[_MAX_ERROR : _MAX_ERROR + 8], "little", signed=True)
        yield Finding(
            "clock-unsynchronised",
            f"The kernel says that nobody sets this machine's clock; it may be off by {duration(error_us)}.",
            _SYNC,
        )


def against(url: str, settings: Settings) -> Iterator[Finding]:
    """Compare the clock with the ``Date`` header of a web server.

    Raises:
        StartError: It does not answer with one.
    """
    from trueup.probes.ask import ask_once
    from trueup.probes.base import OptionError, build

    try:
        probe = build("http", url, {"method": "HEAD"})
    except OptionError as error:
        raise StartError(f"--clock: {error.message}") from None
    begun_us = time.time_ns() // 1000
    answer = ask_once(probe, 2.0, deny_private=settings.deny_private, servers=settings.resolvers)
    date = dict(answer.facts.values.get("header") or {}).get("date")
    if not date:
        raise StartError(f"--clock: {url} did not answer with a Date header. Name another web server.")
    try:
        theirs = parsedate_to_datetime(str(date)).astimezone(UTC)
    except ValueError:
        raise StartError(f"--clock: {url} sent a Date that is none. Name another web server.") from None
    ours_us = begun_us + answer.duration_us // 2
    yield from _compared(ours_us, int(theirs.timestamp()) * 1_000_000 + 500_000, _DATE_US, url)


def against_database() -> Iterator[Finding]:
    """Compare the clock with that of the PostgreSQL server; SQLite has none of its own."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        begun_us = time.time_ns() // 1000
        cursor.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        row = cursor.fetchone()
    ended_us = time.time_ns() // 1000
    assert row is not None
    yield from _compared((begun_us + ended_us) // 2, int(row[0]), _DATABASE_US, "the PostgreSQL server")


def behind() -> Iterator[Finding]:
    """Say if results are stored that lie ahead of the clock: it went back, or was ahead before."""
    from trueup.store.read import watermark

    now_us, newest_us = time.time_ns() // 1000, watermark.newest().answered_us
    if newest_us - now_us > _AHEAD_US:
        yield Finding(
            "clock-behind",
            f"The newest result was stored for {instant(newest_us)}, {duration(newest_us - now_us)} ahead of "
            "the clock: it was ahead then, or it is behind now.",
            f"Set the clock. If it is right now, the engine counts on from that instant by itself. {_SYNC}",
        )


def _compared(ours_us: int, theirs_us: int, allowed_us: int, whose: str) -> Iterator[Finding]:
    off_us = ours_us - theirs_us
    if abs(off_us) > allowed_us:
        way = "ahead of" if off_us > 0 else "behind"
        at = datetime.fromtimestamp(theirs_us // 1_000_000, UTC)
        yield Finding(
            "clock-off",
            f"This machine's clock is {duration(abs(off_us))} {way} that of {whose} ({at:%H:%M:%S} UTC).",
            _SYNC,
        )
