"""Whether the data directory can be written, fast enough, with room left, and by whom."""

from __future__ import annotations

import os
import pwd
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from trueup.domain.text import duration, size
from trueup.server.doctor.finding import Finding

_LEAST_BYTES = 1_000_000_000
_SLOW_US = 50_000
_TRIES = 5


def space(data: Path, least_bytes: int = _LEAST_BYTES) -> Iterator[Finding]:
    """Say if there is less than 1 GB of room."""
    free = shutil.disk_usage(data).free
    if free < least_bytes:
        yield Finding(
            "disk-space",
            f"The disk of {data} has {size(free)} left.",
            "Make room: 10,000 checks each minute write about 150 MB a day. Old copies lie in DIR/backups.",
        )


def speed(data: Path, slow_us: int = _SLOW_US) -> Iterator[Finding]:
    """Write a small file and wait for the disk, some times, as each commit does."""
    took_us = []
    with tempfile.NamedTemporaryFile(dir=data, prefix=".doctor-") as file:
        for _ in range(_TRIES):
            begun_ns = time.monotonic_ns()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took_us.append((time.monotonic_ns() - begun_ns) // 1000)
    middle_us = int(statistics.median(took_us))
    if middle_us > slow_us:
        yield Finding(
            "disk-slow",
            f"The disk of {data} takes {duration(middle_us)} to keep 4 kB: every second with results waits "
            "that long.",
            "Put the data on a faster disk (--data), no network file system.",
        )


def writable(data: Path) -> Iterator[Finding]:
    """Say if the directory cannot be written, otherwise if its disk is slow."""
    try:
        yield from speed(data)
    except OSError as error:
        yield Finding(
            "data-unwritable",
            f"Nothing can be written into {data}: {error.strerror}.",
            "Give this user the right to write there, or make room on the disk.",
        )


def owner(data: Path, user: int | None = None) -> Iterator[Finding]:
    """Say if files belong to somebody else than the directory, or the directory to somebody else than us.

    ``user`` is who we are, by default who runs this.
    """
    ours, of_data = os.geteuid() if user is None else user, data.stat().st_uid
    if ours not in (0, of_data):
        yield Finding(
            "data-owner",
            f"{data} belongs to {_name(of_data)}, and this is {_name(ours)}.",
            f"Run trueup as {_name(of_data)}, or: chown -R {_name(ours)} {data}",
        )
    for path in sorted([*data.glob("*"), *data.glob("keys/*"), *data.glob("backups/*")]):
        try:
            of_file = path.stat().st_uid
        except OSError:
            continue  # it went away meanwhile
        if of_file != of_data:
            yield Finding(
                "data-owner",
                f"{path} belongs to {_name(of_file)}, and {data} to {_name(of_data)}: a command was run "
                "as another user.",
                f"Run: chown -R {_name(of_data)} {data}",
            )
            return


def key(path: Path, user: int | None = None) -> Iterator[Finding]:
    """Say if the key of stored secrets cannot be used; one that is missing is made at the first start."""
    from trueup.store.keyfile import SealError
    from trueup.store.seal import read_key

    if not path.exists():
        return
    try:
        read_key(path, user)
    except SealError as error:
        sentence, _, remedy = str(error).partition(". ")
        yield Finding("key-unusable", _sentence(sentence), remedy or "Put back the key of this database.")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
