"""Whether this machine knows how its time zones are ruled today: months and days begin by them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata, resources

from trueup.server.doctor.finding import Finding

_AHEAD_DAYS, _STEP_DAYS = 730, 5


def zones(names: Iterable[str], now: datetime) -> Iterator[Finding]:
    """Compare the system's rules of some zones with those of the package ``tzdata``, for two years."""
    for name in sorted(set(names)):
        differs = _differs(name, now)
        if differs is not None:
            at, ours, theirs = differs
            yield Finding(
                "timezone-data",
                f"In {name}, this system's time zone data says {_offset(ours)} on {at:%Y-%m-%d}, "
                f"and the package tzdata {_version()} says {_offset(theirs)}: one of them is out of date.",
                "Update the system's tzdata (apt-get install --only-upgrade tzdata), or the package "
                "(pip install --upgrade tzdata).",
            )


def _differs(name: str, now: datetime) -> tuple[datetime, timedelta, timedelta] | None:
    """Return the first instant at which the two differ, with both offsets from UTC."""
    try:
        system, packaged = zoneinfo.ZoneInfo.no_cache(name), _packaged(name)
    except (zoneinfo.ZoneInfoNotFoundError, FileNotFoundError, ModuleNotFoundError, ValueError):
        return None
    for days in range(0, _AHEAD_DAYS, _STEP_DAYS):
        at = now.astimezone(UTC) + timedelta(days=days)
        ours, theirs = at.astimezone(system).utcoffset(), at.astimezone(packaged).utcoffset()
        if ours is not None and theirs is not None and ours != theirs:
            return at, ours, theirs
    return None


def _packaged(name: str) -> zoneinfo.ZoneInfo:
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file, key=name)


def _version() -> str:
    return metadata.version("tzdata")


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
