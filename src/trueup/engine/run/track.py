"""One check under way: what the worker remembers of it between two probes."""

from __future__ import annotations

from trueup.domain.expect import accepted
from trueup.engine.run.edge import Edge
from trueup.engine.run.evidence import Trail
from trueup.engine.run.plan import SECOND_US, Assignment
from trueup.engine.run.witness import host_of

_NUMBERS = 32_768  # what records and tables hold


class Flight:
    """One probe in flight, with all that its result needs, as it was when it began."""

    __slots__ = (
        "asks",
        "assignment",
        "begun_ns",
        "begun_us",
        "blind",
        "epoch",
        "number",
        "over",
        "slot",
        "steps",
        "suspect",
        "track",
    )

    def __init__(self, track: Track, begun_us: int, begun_ns: int, epoch: int, steps: int) -> None:
        self.track = track
        self.assignment = track.assignment
        self.asks = track.asks
        self.slot = track.slot
        self.number = track.number
        self.begun_us = begun_us
        self.begun_ns = begun_ns
        self.epoch = epoch
        self.steps = steps
        self.blind = False  # the loop stood still meanwhile
        self.suspect = False  # it should have ended a slot ago
        self.over = False


class Track:
    """The running state of one series; it outlives a change of its check."""

    __slots__ = (
        "accepts",
        "again",
        "asks",
        "assignment",
        "edge",
        "flight",
        "host",
        "number",
        "said",
        "slot",
        "trail",
    )

    def __init__(self, assignment: Assignment, now_us: int) -> None:
        self.assign(assignment)
        stored = assignment.slot * SECOND_US <= now_us  # else it was stored by a clock that was ahead
        self.slot = assignment.slot if stored else 0
        self.number = assignment.number if stored else 0
        self.edge = Edge()
        self.trail = Trail()
        self.flight: Flight | None = None
        self.again = False  # what flies asks an old question
        self.said = False  # of a fault in trueup: once is enough

    def assign(self, assignment: Assignment) -> None:
        """Ask something else from now on."""
        self.assignment = assignment
        self.accepts = accepted(assignment.expect, assignment.degraded_when)
        self.host = host_of(assignment.probe.target)
        self.asks = assignment.probe.asks

    def number_in(self, slot: int, *, base: bool) -> bool:
        """Move to the next key in a slot; return whether there is one left.

        Keys rise in time: where the grid was changed, a slot that lies before the last one used, or in
        the same second, is not opened again.
        """
        if slot > self.slot:
            self.slot, self.number = slot, 0 if base else 1
            return True
        if self.number + 1 >= _NUMBERS:
            return False
        self.number += 1
        return True
