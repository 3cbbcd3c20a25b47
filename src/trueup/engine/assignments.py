"""What the engine asks: the stored configuration as assignments."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from trueup.domain.expect import ExpectationError, parse
from trueup.engine.run.plan import Assignment
from trueup.probes.awaited import awaited_kinds
from trueup.probes.base import OptionError, build
from trueup.store.read import config, watermark
from trueup.store.read.config import CheckRow

log = logging.getLogger("trueup.engine")


@dataclass(frozen=True, slots=True)
class Assigned:
    """Everything that is asked, the component of each check by slug, and the series that are paused."""

    assignments: tuple[Assignment, ...]
    components: Mapping[str, str]
    paused: frozenset[int] = frozenset()


def read() -> Assigned:
    """Return what is to be asked now; a check that cannot be asked is said and left out."""
    slots = watermark.slots()
    awaited = frozenset(awaited_kinds())  # they are not asked: they call
    found: list[Assignment] = []
    paused: set[int] = set()
    components: dict[str, str] = {}
    for row in config.assignments():
        components[row.slug] = sys.intern(row.component)
        if row.paused:
            paused.add(row.series)
        if row.paused or row.kind in awaited:
            continue
        if (made := _assignment(row, slots)) is not None:
            found.append(made)
    return Assigned(tuple(found), components, frozenset(paused))


def _assignment(row: CheckRow, slots: Mapping[int, tuple[int, int]]) -> Assignment | None:
    slot, number = slots.get(row.series, (0, 0))
    if row.unusable:
        _leave_out(row, row.unusable)
        return None
    try:
        probe = build(row.kind, row.target, row.options)
        return Assignment(
            series=row.series,
            uuid=row.check_uuid,
            probe=probe,
            interval_us=row.interval_us,
            timeout_us=row.timeout_us,
            expect=tuple(parse(each, probe.provides) for each in row.expect),
            degraded_when=tuple(parse(each, probe.provides) for each in row.degraded_when),
            confirm=row.confirm,
            recover=row.recover,
            revision=row.revision,
            slot=slot,
            number=number,
        )
    except (OptionError, ExpectationError) as error:
        # It was valid where it was applied: a kind was removed since, or a file it names is gone.
        _leave_out(row, str(error))
        return None


def _leave_out(row: CheckRow, why: str) -> None:
    log.error("a check cannot be asked: its time is unknown", extra={"check": row.slug, "why": why})
