"""One engine a data directory: a lock that dies with its holders, however they die."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


class InUseError(Exception):
    """Another engine holds the data; the sentence names its pid and what to do."""


@dataclass(frozen=True, slots=True)
class DataLock:
    """The lock on a data directory; ``fd`` may be handed to child processes, who then hold it too."""

    fd: int
    path: Path

    def release(self) -> None:
        """Let go; the lock is free once every process that was handed ``fd`` has ended."""
        with suppress(OSError):
            os.close(self.fd)


def take(data: Path, now_us: int) -> DataLock:
    """Lock a data directory for this process and those it hands the descriptor to.

    ``now_us`` is noted as the start that the next one is told.

    Raises:
        InUseError: Another process holds it; the message names its pid and start.
        OSError: The directory cannot be written.
    """
    path = data / "lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _read(fd)
        os.close(fd)
        raise InUseError(
            f"{data} is in use by another trueup ({holder}). "
            "Stop that one first, or choose another directory with --data."
        ) from None
    note = json.dumps({"pid": os.getpid(), "started_us": now_us}).encode()
    os.ftruncate(fd, 0)
    os.pwrite(fd, note, 0)
    return DataLock(fd, path)


def _read(fd: int) -> str:
    try:
        note = json.loads(os.pread(fd, 1000, 0))
        started = datetime.fromtimestamp(int(note["started_us"]) / 1_000_000, UTC)
        return f"pid {int(note['pid'])}, started {started:%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, KeyError, TypeError, OSError):
        return "its pid is not known yet"
