"""Look at everything, in less than three seconds, beside a running engine or without one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from trueup.conf import Settings
from trueup.server.doctor import clock, disk, engine, machine, network, promises, stored, zones
from trueup.server.doctor.finding import SEVERITIES, Finding
from trueup.server.doctor.stored import Asked

Look = Callable[[], Iterable[Finding]]


@dataclass(frozen=True)
class Examined:
    """What was found, errors first, how long it took, and what trueup stands on."""

    findings: tuple[Finding, ...]
    versions: dict[str, str]
    took_us: int

    @property
    def worst(self) -> int:
        """Return 0 where all is well, 1 where there are warnings only, 2 where there is an error."""
        severities = {each.severity for each in self.findings}
        return 2 if "error" in severities else 1 if severities else 0


def examine(settings: Settings, clock_url: str = "") -> Examined:
    """Look at everything; ``clock_url`` is a web server whose ``Date`` the clock is compared with.

    Raises:
        StartError: That server does not tell the time.
    """
    begun_ns = time.monotonic_ns()
    versions = machine.versions()
    with ThreadPoolExecutor(max_workers=4, thread_name_prefix="doctor") as beside:
        apart = [beside.submit(list, look()) for look in _disk_and_clock(settings, clock_url)]
        asked = Asked()
        found = [*machine.old(versions), *_stored(settings, asked)]
        apart += [beside.submit(list, look()) for look in _network(settings, asked)]
        found += zones.zones([*asked.zones, "UTC"], datetime.now(UTC))
        for each in apart:
            found += each.result()
    order = list(SEVERITIES)
    found.sort(key=lambda each: (each.severity != "error", order.index(each.id)))
    return Examined(tuple(found), versions, (time.monotonic_ns() - begun_ns) // 1000)


def _disk_and_clock(settings: Settings, clock_url: str) -> Iterator[Look]:
    data = settings.data
    yield clock.synchronised
    if clock_url:
        yield lambda: clock.against(clock_url, settings)
    if data.is_dir():
        yield lambda: disk.space(data)
        yield lambda: disk.owner(data)
        yield lambda: disk.key(settings.key_file)
        yield lambda: disk.writable(data)
    else:
        yield lambda: [
            Finding(
                "data-missing",
                f"There is no data directory {data}.",
                "Run `trueup up`, which makes it, or name yours with --data.",
            )
        ]


def _stored(settings: Settings, asked: Asked) -> Iterator[Finding]:
    yield from stored.database(asked)
    pid = engine.holder(settings.data)
    if asked.usable:
        yield from stored.checks(asked)
        yield from promises.contracts(time.time_ns() // 1000)
        yield from promises.signing_key(settings.data / "keys")
        yield from clock.behind()
        yield from clock.against_database()
        yield from engine.engine(settings.data, pid)
    yield from stored.configuration(settings, asked)
    yield from machine.open_files(asked.times)
    yield from machine.port(settings.listen, ours=pid is not None)


def _network(settings: Settings, asked: Asked) -> Iterator[Look]:
    from trueup.engine.witnesses import witnesses

    places: Sequence[str] = ()
    if asked.usable and asked.kinds:
        places = tuple(witnesses(settings.witnesses)[0]())
    yield lambda: network.resolvers(settings, asked.targets)
    yield lambda: network.witnesses(settings, places)
    yield lambda: network.ping(settings, asked.kinds)
