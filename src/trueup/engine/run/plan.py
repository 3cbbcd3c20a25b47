"""When every check is due: a fixed grid for each, gathered in slots so that few wake-ups serve many."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from trueup.domain.expect import Expectation
from trueup.probes.base import Probe

SECOND_US = 1_000_000
WIDTHS_US = (100_000, 50_000, 40_000, 25_000, 20_000)  # of a slot; each divides a second
TOGETHER = 17  # starts in a slot at most, as a rule: more cost fewer wake-ups, but show as latency


@dataclass(frozen=True, slots=True)
class Assignment:
    """One check as one region asks it.

    ``slot`` and ``number`` are those of the newest result that is stored, so that no key is used
    twice across a restart; they are no part of what is asked.
    """

    series: int
    uuid: UUID  # of the check: its phase comes from it
    probe: Probe
    interval_us: int
    timeout_us: int
    expect: tuple[Expectation, ...] = ()
    degraded_when: tuple[Expectation, ...] = ()
    confirm: int = 2
    recover: int = 1
    revision: int = 1
    slot: int = field(default=0, compare=False)
    number: int = field(default=0, compare=False)


class Due(NamedTuple):
    """One base probe to start: which series, and the instant of its grid."""

    series: int
    due_us: int


def phase_us(uuid: UUID, interval_us: int) -> int:
    """Return a check's fixed offset in its interval, whole milliseconds, from its uuid alone."""
    share = int.from_bytes(blake2b(uuid.bytes, digest_size=8).digest(), "big")
    return (interval_us // 1000 * share >> 64) * 1000


def due_before(now_us: int, interval_us: int, phase_us: int) -> int:
    """Return the last due instant at or before now."""
    return now_us - (now_us - phase_us) % interval_us


def width_us(rate_nano: int) -> int:
    """Return the width of a slot for so many starts a second (times 10^9), which holds TOGETHER of them."""
    for width in WIDTHS_US:
        if rate_nano * width <= (TOGETHER + 0.5) * 1e15:
            return width
    return WIDTHS_US[-1]


class Plan:
    """The base grid of all checks: a heap of due instants; time passed in.

    A slot ends at a whole multiple of its width, and what fell due in it starts then.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int]] = []  # due, series, token
        self._live: dict[int, tuple[int, int, int]] = {}  # series -> interval, phase, token
        self._token = 0
        self._rate_nano = 0
        self._width = WIDTHS_US[0]
        self.missed = 0  # slots that went by while we could not look

    def __len__(self) -> int:
        return len(self._live)

    @property
    def width(self) -> int:
        """Return the width of a slot in microseconds."""
        return self._width

    @property
    def per_second(self) -> int:
        """Return how many base probes start in a second, rounded up."""
        return -(-self._rate_nano // 1_000_000_000)

    def put(self, series: int, uuid: UUID, interval_us: int, now_us: int) -> None:
        """Plan a series, or plan it anew; its first due instant lies after now."""
        self.drop(series)
        phase = phase_us(uuid, interval_us)
        self._token += 1
        self._live[series] = (interval_us, phase, self._token)
        due = due_before(now_us, interval_us, phase) + interval_us
        heapq.heappush(self._heap, (due, series, self._token))
        self._add_rate(_rate_nano(interval_us))

    def drop(self, series: int) -> None:
        """Take a series out; do nothing when it is not in."""
        known = self._live.pop(series, None)
        if known is None:
            return
        self._add_rate(-_rate_nano(known[0]))
        if len(self._heap) > 2 * len(self._live) + 64:  # what was dropped waits for its hour otherwise
            live = self._live
            self._heap = [entry for entry in self._heap if entry[1] in live and live[entry[1]][2] == entry[2]]
            heapq.heapify(self._heap)

    def due_before(self, series: int, now_us: int) -> int:
        """Return the last due instant of a planned series at or before now.

        Raises:
            KeyError: The series is not planned.
        """
        interval, phase, _ = self._live[series]
        return due_before(now_us, interval, phase)

    def next_us(self) -> int | None:
        """Return the end of the first slot with something in it, or ``None``."""
        heap, live = self._heap, self._live
        while heap:
            due, series, token = heap[0]
            known = live.get(series)
            if known is not None and known[2] == token:
                return -(-due // self._width) * self._width
            heapq.heappop(heap)
        return None

    def take(self, now_us: int) -> list[Due]:
        """Return what is due up to the last end of a slot, in order.

        A check that is due for the second time or more is not asked now: its slots are missed and
        counted, and it comes again at its next one.
        """
        heap, live = self._heap, self._live
        until = now_us - now_us % self._width
        taken: list[Due] = []
        while heap and heap[0][0] <= until:
            due, series, token = heap[0]
            known = live.get(series)
            if known is None or known[2] != token:
                heapq.heappop(heap)
                continue
            interval = known[0]
            behind = (now_us - due) // interval
            heapq.heapreplace(heap, (due + (behind + 1) * interval, series, token))
            if behind:
                self.missed += behind + 1
            else:
                taken.append(Due(series, due))
        return taken

    def realign(self, now_us: int) -> None:
        """Plan everything from now on, without a count: the clock was moved, no time went by."""
        self._heap = [
            (due_before(now_us, interval, phase) + interval, series, token)
            for series, (interval, phase, token) in self._live.items()
        ]
        heapq.heapify(self._heap)

    def _add_rate(self, nano: int) -> None:
        self._rate_nano += nano
        self._width = width_us(self._rate_nano)


def _rate_nano(interval_us: int) -> int:
    return 1_000_000 * 1_000_000_000 // interval_us
