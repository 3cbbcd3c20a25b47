"""From the revisions of a maintenance to the intervals that were announced, each with its own notice.

A revision says what holds from when it is entered on; the last one decides which time is maintenance. What
was announced when is decided instant by instant and component by component: from the revision on since
which it was in the plan without a break. So a longer end is an interval of its own, with the notice that it
had, and moving a maintenance away and back loses the notice that there was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from trueup.domain.interval import Spans

Plan = Mapping[int, Spans]  # by component: when it is in maintenance


@dataclass(frozen=True, slots=True)
class Revision:
    """A maintenance as announced at an instant; instants in microseconds UTC, ``[start, end)``.

    ``components`` are their ids. A cancelling one says nothing of when it is.
    """

    number: int
    start_us: int
    end_us: int
    announced_at_us: int
    cancelled: bool = False
    components: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Announced:
    """Time of maintenance that was announced at one instant; a cancelled one counts for nothing.

    ``revision`` is the number of the revision that announced it.
    """

    start_us: int
    end_us: int
    announced_at_us: int
    components: frozenset[int]
    revision: int
    cancelled: bool = False

    @property
    def is_retroactive(self) -> bool:
        """Return whether it had begun before it was announced."""
        return self.announced_at_us > self.start_us


def announced(revisions: Iterable[Revision], known_us: int | None = None) -> tuple[Announced, ...]:
    """Return the intervals that revisions of one maintenance announce, in order of their starts.

    What was cancelled stands among them, marked so, in as far as it lay ahead when it was cancelled; the
    part before the cancellation stays maintenance. ``known_us``: only what had been entered by then.
    """
    found = sorted(
        (each for each in revisions if known_us is None or each.announced_at_us <= known_us),
        key=lambda each: each.number,
    )
    plans = _plans(found)
    kept = _since_when(found, plans)
    lost: list[Announced] = []
    if found and found[-1].cancelled:
        gone = _without(plans[-2] if len(plans) > 1 else {}, plans[-1])
        before = [_only(plan, gone) for plan in plans[:-1]]
        lost = [replace(each, cancelled=True) for each in _since_when(found[:-1], before)]
    return tuple(sorted([*kept, *lost], key=lambda each: (each.start_us, each.end_us, each.revision)))


def _plans(revisions: Sequence[Revision]) -> list[dict[int, Spans]]:
    """Return what each revision makes the plan: a cancelling one leaves what was over by then."""
    plans: list[dict[int, Spans]] = []
    for each in revisions:
        if not each.cancelled:
            plans.append(dict.fromkeys(each.components, Spans([(each.start_us, each.end_us)])))
            continue
        last = plans[-1] if plans else {}
        begun = {
            component: [(start, min(end, each.announced_at_us)) for start, end in spans]
            for component, spans in last.items()
        }
        plans.append(
            {
                component: Spans([(start, end) for start, end in pairs if start < end])
                for component, pairs in begun.items()
            }
        )
    return plans


def _since_when(revisions: Sequence[Revision], plans: Sequence[Plan]) -> list[Announced]:
    """Return the last plan, each part with the first revision since which it has been planned."""
    if not plans:
        return []
    groups: dict[tuple[int, int, int], set[int]] = {}
    for component, left in plans[-1].items():
        rest = left
        for number in range(len(plans) - 1, -1, -1):
            # What the plan before did not hold was announced by this one.
            earlier = plans[number - 1].get(component, Spans()) if number else Spans()
            for start_us, end_us in rest - earlier:
                groups.setdefault((start_us, end_us, number), set()).add(component)
            rest = rest & earlier
    return [
        Announced(
            start_us,
            end_us,
            revisions[number].announced_at_us,
            frozenset(components),
            revisions[number].number,
        )
        for (start_us, end_us, number), components in groups.items()
    ]


def _without(plan: Plan, other: Plan) -> dict[int, Spans]:
    return {component: spans - other.get(component, Spans()) for component, spans in plan.items()}


def _only(plan: Plan, other: Plan) -> dict[int, Spans]:
    return {component: spans & other.get(component, Spans()) for component, spans in plan.items()}
