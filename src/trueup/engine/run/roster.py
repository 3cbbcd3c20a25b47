"""All checks of a worker: what it remembers of each, and when each is asked next."""

from __future__ import annotations

from collections.abc import Sequence

from trueup.domain.result import State
from trueup.engine.run.extras import Extras
from trueup.engine.run.plan import SECOND_US, Assignment, Plan
from trueup.engine.run.slots import Slots, Start
from trueup.engine.run.track import Track

_SOON_US = 250_000  # a slot so young may not have started its base probe, to whom its first key belongs


class Roster:
    """The tracks of all series with their two calendars: the base grid, and the probes beside it."""

    def __init__(self, now_us: int) -> None:
        self._tracks: dict[int, Track] = {}
        self._retired: dict[int, Track] = {}  # keys must go on where a check comes back
        self._plan = Plan()
        self._slots = Slots(self._plan)
        self._extras = Extras(now_us)

    def __len__(self) -> int:
        return len(self._tracks)

    @property
    def missed(self) -> int:
        """Return how many slots nobody served."""
        return self._plan.missed

    def assign(self, assignments: Sequence[Assignment], now_us: int) -> None:
        """Hold exactly these; what is new or changed is asked soon, beside the grid."""
        wanted = {each.series: each for each in assignments}
        for series in self._tracks.keys() - wanted.keys():
            self._retired[series] = self._tracks.pop(series)
            self._plan.drop(series)
            self._extras.forget(series)
        for series, assignment in wanted.items():
            track = self._tracks.get(series)
            if track is None:
                self._add(assignment, now_us)
            elif track.assignment != assignment:
                self._change(track, assignment, now_us)
        self._extras.set_pace(self._plan.per_second, now_us)

    def next_us(self, now_us: int) -> int | None:
        """Return when there is something to start, or ``None``."""
        base, extra = self._slots.next_us(), self._extras.next_us(now_us)
        if base is None or extra is None:
            return base if extra is None else extra
        return min(base, extra)

    def fill(self, now_us: int) -> None:
        """Take from the plan what is due."""
        self._slots.fill(now_us)

    def pop_base(self, now_us: int) -> tuple[Start, Track] | None:
        """Return the next base probe that may start, or ``None``."""
        while (start := self._slots.pop(now_us)) is not None:
            track = self._tracks.get(start.series)
            if track is not None:
                return start, track
        return None

    def pop_extra(self, now_us: int) -> Track | None:
        """Return the next check to ask beside its grid, under its next key, or ``None``."""
        while (series := self._extras.take(now_us)) is not None:
            track = self._ready(series, now_us)
            if track is not None:
                return track
        return None

    def urge(self, series: int, now_us: int) -> Track | None:
        """Return a check to ask at once, under its next key; ``None`` where it is being asked."""
        track = self._ready(series, now_us)
        if track is not None:
            self._extras.charge(now_us)
            self._extras.forget(series)
        return track

    def wish(self, series: int, now_us: int) -> None:
        """Have a series asked as soon as the limit of extra probes allows."""
        if series in self._tracks:
            self._extras.wish(series, now_us)

    def hurry(self, track: Track, now_us: int) -> None:
        """Have a check asked soon: after what is in flight, which cannot tell what we want to know."""
        if track.flight is None:
            self._extras.wish(track.assignment.series, now_us)
        else:
            track.again = True

    def answered(self, track: Track, state: State, answered_us: int) -> bool:
        """Decide by an answer when to look again; return whether that is before the next slot."""
        series, again_us = track.assignment.series, None
        if state is not State.UNKNOWN and not track.assignment.probe.patient:
            again_us = track.edge.after(state, answered_us, recover=track.assignment.recover)
        if track.again:
            track.again, again_us = False, answered_us
        if series not in self._tracks or again_us is None:
            self._extras.forget(series)
            return False
        self._extras.wish(series, again_us)
        return True

    def stepped(self, now_us: int, *, back: bool) -> None:
        """Go on after a step of the clock: what is in flight will be asked again.

        Where engine time went along, the whole plan lies in the past and every state is old.
        """
        if not back:
            self._slots.clear()
            self._plan.realign(now_us)
        for track in self._tracks.values():
            if not back or track.flight is not None:
                self.hurry(track, now_us)

    def stalled(self, late_us: int, now_us: int) -> None:
        """Have those asked soon that missed a slot while the loop stood still."""
        for track in self._tracks.values():
            if late_us > track.assignment.interval_us:
                self.hurry(track, now_us)

    def clear(self) -> int:
        """Start nothing more; return how many slots were waiting."""
        waiting = self._slots.clear()
        self._tracks.clear()
        self._extras.clear()
        return waiting

    def _add(self, assignment: Assignment, now_us: int) -> None:
        series = assignment.series
        self._plan.put(series, assignment.uuid, assignment.interval_us, now_us)
        track = self._retired.pop(series, None)
        if track is None:
            track = Track(assignment, now_us)
        else:
            track.assign(assignment)
        self._tracks[series] = track
        # one that was asked in this very slot, perhaps before we started, needs no hurry
        if self._plan.due_before(series, now_us) // SECOND_US > track.slot:
            self.hurry(track, now_us)

    def _change(self, track: Track, assignment: Assignment, now_us: int) -> None:
        before = track.assignment
        track.assign(assignment)
        if (before.interval_us, before.uuid) != (assignment.interval_us, assignment.uuid):
            self._plan.put(assignment.series, assignment.uuid, assignment.interval_us, now_us)
        self.hurry(track, now_us)

    def _ready(self, series: int, now_us: int) -> Track | None:
        track = self._tracks.get(series)
        if track is None or track.flight is not None:
            return None
        slot = self._plan.due_before(series, now_us - _SOON_US) // SECOND_US
        return track if track.number_in(slot, base=False) else None
