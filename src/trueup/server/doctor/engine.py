"""Whether one engine is at work on the data: not none that hangs, and not two.

Nothing here touches the lock itself: an engine that starts at that moment must find it free.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from trueup.domain.text import duration
from trueup.server.doctor.finding import Finding

_SILENT_US = 60_000_000
_LOCKS = Path("/proc/locks")


def holder(data: Path, locks: Path = _LOCKS) -> int | None:
    """Return the process that holds the lock of a data directory, None where nobody does."""
    try:
        facts = (data / "lock").stat()
        lines = locks.read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    for line in lines:
        fields = line.split()  # 1: FLOCK ADVISORY WRITE 4711 08:01:1234 0 EOF
        if len(fields) < 6 or fields[1] != "FLOCK" or "->" in fields:
            continue
        major, minor, inode = fields[5].split(":")
        if (int(inode), int(major, 16), int(minor, 16)) == (
            facts.st_ino,
            os.major(facts.st_dev),
            os.minor(facts.st_dev),
        ):
            return int(fields[4])
    return None


def engine(data: Path, pid: int | None) -> Iterator[Finding]:
    """Compare who holds the lock with who writes into the database."""
    from trueup.store.read import vital

    sign = vital.last_sign("engine")
    now_us = time.time_ns() // 1000
    silent_us = None if sign is None else now_us - sign.wall_us
    if pid is not None:
        locked_us = int((data / "lock").stat().st_mtime * 1_000_000)
        if now_us - locked_us > _SILENT_US and (silent_us is None or silent_us > _SILENT_US):
            last = "never" if silent_us is None else f"{duration(silent_us)} ago"
            yield Finding(
                "engine-silent",
                f"Process {pid} holds {data}, but its engine last gave a sign of life {last}.",
                f"Look at its log. If it hangs, end it (kill {pid}) and start it again.",
            )
    elif sign is not None and silent_us is not None and silent_us < _SILENT_US:
        who = vital.whose("engine")
        if who is not None and who[1] == socket.gethostname() and _lives(who[0]):
            yield Finding(
                "second-engine",
                f"An engine (process {who[0]}) writes into this database, but not with {data}: "
                "`trueup up` here would be a second one.",
                "Use the same --data as that engine, or another DATABASE_URL.",
            )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
