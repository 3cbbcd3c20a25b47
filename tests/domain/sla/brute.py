"""The model read word by word, one tick after the other: slow, and nothing of it is shared with the product.

A tick is a microsecond of a world that lasts a few dozen. What happens is looked up for each tick from
the lists of a case alone; runs and slices are found by walking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from trueup.domain.interval import Spans
from trueup.domain.result import State
from trueup.domain.sla import Case, Part, Record, Timeline

EARLY, LATE = -16, 56  # far enough from every window, so that outages are seen whole
DOWN, DEGRADED, UP, PAUSED, UNKNOWN = State.DOWN, State.DEGRADED, State.UP, State.PAUSED, State.UNKNOWN
ORDER = (DOWN, DEGRADED, UP, PAUSED, UNKNOWN)


@dataclass
class Answer:
    """Ticks, counted."""

    window: int = 0
    out_of_schedule: int = 0
    exclusion: int = 0
    maintenance: int = 0
    component: int = 0
    committed: int = 0
    counted: int = 0
    up: int = 0
    degraded: int = 0
    tolerated: int = 0
    down: int = 0
    unknown: int = 0
    future: int = 0
    risk: int = 0
    exhausted: Any = None
    downtime: dict[str, Fraction] = field(default_factory=dict)

    def uptime(self, reading: str = "point") -> Fraction | None:
        whole = self.counted if reading == "point" else self.committed
        return 1 - self.downtime[reading] / whole if whole else None


# --- what one check says at one tick ----------------------------------------------------------------


def stop(check: Timeline, record: Record, case: Case) -> int:
    if record.end_us is not None:
        return record.end_us
    return check.covered_until_us if check.covered_until_us is not None else horizon(case)


def horizon(case: Case) -> int:
    return LATE if case.as_of_us is None else case.as_of_us


def lies(record: Record, edge: str) -> tuple[int, int | None]:
    """Return where a record lies under an edge rule; None at its end: it goes on."""
    start, end = record.start_us, record.end_us
    if record.state is not DOWN or edge == "observed":
        return start, end
    if edge == "midpoint":
        if record.a:
            start = min(start, (record.a.asked_us + start) // 2)
        if end is not None and record.c and record.d:
            end = min(end, (record.c.asked_us + end) // 2)
    elif edge == "conservative":
        start = min(start, record.a.asked_us) if record.a else start
        end = max(end, record.d.answered_us) if end is not None and record.d else end
    else:
        start = max(start, record.b.answered_us) if record.b else start
        end = min(end, record.c.asked_us) if end is not None and record.c else end
    return start, end


def beside(
    check: Timeline, part: Part, case: Case, next_to: int, matches: Callable[[Record], bool]
) -> State | None:
    found = [each.state for each in check.records if each.state is not DOWN and matches(each)]
    if not found and part.default_state not in (DOWN, UNKNOWN) and not told_at(check, case, next_to):
        return part.default_state
    return min(found, key=ORDER.index) if found else None


def told_at(check: Timeline, case: Case, t: int) -> bool:
    return any(record.start_us <= t < stop(check, record, case) for record in check.records)


def given_up(check: Timeline, part: Part, case: Case, record: Record, edge: str, t: int) -> State | None:
    """Return the state that takes a tick which an outage gives up under an edge rule."""
    start, end = lies(record, edge)
    if end is not None and start >= end:
        assert record.end_us is not None
        start = end = min(max(start, record.start_us), record.end_us)
    if record.start_us <= t < start:
        touches = beside(check, part, case, record.start_us - 1, lambda each: each.end_us == record.start_us)
        return touches or (UP if record.a else None)
    if end is not None and record.end_us is not None and end <= t < record.end_us:
        touches = beside(check, part, case, record.end_us, lambda each: each.start_us == record.end_us)
        return touches or (UP if record.d else None)
    return None


def states_at(check: Timeline, part: Part, case: Case, t: int, edge: str) -> State | None:
    """Return the state of a check, or None where it does not exist."""
    if check.since_us is not None and t < check.since_us:
        return None
    if check.until_us is not None and t >= check.until_us:
        return None
    found = []
    for record in check.records:
        start, end = lies(record, edge)
        if start <= t < (stop(check, record, case) if end is None else end):
            found.append(record.state)
        if record.state is DOWN and (state := given_up(check, part, case, record, edge, t)):
            found.append(state)
    if part.default_state is not UNKNOWN and not told_at(check, case, t):
        found.append(part.default_state)
    return min(found, key=ORDER.index) if found else UNKNOWN


def longest(check: Timeline, case: Case, t: int) -> bool:
    for record in check.records:
        start, end = record.start_us, stop(check, record, case)
        if record.state is DOWN:
            start = record.a.asked_us if record.a else start
            end = record.d.answered_us if record.d else end
            if start <= t < end:
                return True
    return any(
        blip.state is DOWN and (blip.a or blip.b).asked_us <= t < (blip.d or blip.c).answered_us
        for blip in check.blips
    )


def shortest(check: Timeline, part: Part, case: Case, t: int) -> bool:
    for blip in check.blips:
        if blip.state is not DOWN and (blip.a or blip.b).asked_us <= t < (blip.d or blip.c).answered_us:
            return False
    if part.default_state is DOWN and not told_at(check, case, t):
        return True  # the default state is exact
    return any(
        record.state is DOWN
        and (record.b.answered_us if record.b else record.start_us) <= t
        and t < (record.c.asked_us if record.c else stop(check, record, case))
        for record in check.records
    )


# --- what a component says ----------------------------------------------------------------------------


def kleene(states: Iterable[State], k: int) -> State:
    said = list(states)
    if said.count(DOWN) >= k:
        return DOWN
    if said.count(DOWN) + said.count(UNKNOWN) >= k:
        return UNKNOWN
    return DEGRADED if DOWN in said or DEGRADED in said else UP


def enough(rule: str, voices: int) -> int:
    return {"any": 1, "all": voices}.get(rule) or min(int(rule), voices)


SEEN: dict[tuple[int, int, str], State | None] = {}  # what was looked up already, of one case


def component_at(case: Case, part: Part, t: int, reading: str) -> State | None:
    """Return what a component is at a tick, None where it takes no part."""
    key = (id(part), t, reading if reading.startswith("band") else "raw")
    if key not in SEEN:
        SEEN[key] = look_up(case, part, t, reading)
    return SEEN[key]


def look_up(case: Case, part: Part, t: int, reading: str) -> State | None:
    edge = case.terms.edge
    own = any(each.start_us <= t < each.end_us and admitted(case, each) for each in part.maintenance)
    everyone = [(check, states_at(check, part, case, t, edge)) for check in part.checks or (Timeline(()),)]
    there = [(check, state) for check, state in everyone if state is not None]
    voices = [(check, state) for check, state in there if state is not PAUSED]
    paused = bool(there) and not voices
    if own or (paused and case.terms.paused == "exclude"):
        return None
    if not voices:
        return UNKNOWN
    if reading in ("band_lo", "band_hi"):
        voices = [(check, banded(check, part, case, t, state, reading)) for check, state in voices]
    return kleene([state for _, state in voices], enough(part.down_when, len(voices)))


def banded(check: Timeline, part: Part, case: Case, t: int, state: State, reading: str) -> State:
    if reading == "band_lo":
        return DOWN if state in (DOWN, UNKNOWN) or longest(check, case, t) else state
    if state is DOWN:
        return DOWN if shortest(check, part, case, t) else UP
    return UP if state is UNKNOWN else state


def substituted(case: Case, part: Part, t: int, reading: str) -> State | None:
    """Return what a component is at a tick once unknown time has the meaning of a reading."""
    state = component_at(case, part, t, reading)
    if state is not UNKNOWN:
        return state
    policy = (
        case.terms.unknown if reading == "point" else {"lo": "down", "band_lo": "down"}.get(reading, "up")
    )
    if reading == "raw" or policy == "exclude":
        return UNKNOWN
    if policy != "carry":
        return DOWN if policy == "down" else UP
    before = t
    while before >= EARLY:
        earlier = known_at(case, part, before)
        if earlier not in (UNKNOWN, None):
            return earlier
        before -= 1
    return UNKNOWN


def known_at(case: Case, part: Part, t: int) -> State | None:
    """Return what was known of a component, also during its own maintenance."""
    return look_up(case, replace(part, maintenance=()), t, "raw")


def service_at(case: Case, parts: Iterable[Part], t: int, reading: str) -> State | None:
    present = [state for part in parts if (state := substituted(case, part, t, reading)) is not None]
    if not present:
        return None
    kind = case.terms.aggregation
    k = {"all": len(present), "quorum": min(kind.k, len(present))}.get(kind.type, 1)
    return kleene(present, k)


def admitted(case: Case, each: Any) -> bool:
    if each.cancelled:
        return False
    notice = case.terms.maintenance.notice_us
    return notice == 0 or (each.announced_us is not None and each.start_us - each.announced_us >= notice)


# --- the window -----------------------------------------------------------------------------------------


def within(case: Case, t: int) -> bool:
    window = case.window
    pairs = window.pairs if isinstance(window, Spans) else ((window.start_us, window.end_us),)
    if case.contract_from_us is not None and t < case.contract_from_us:
        return False
    if case.contract_to_us is not None and t >= case.contract_to_us:
        return False
    return any(start <= t < end for start, end in pairs)


def ticks(case: Case) -> dict[int, str]:
    """Return what becomes of every tick of the whole window before components are asked."""
    terms, found, left = case.terms, {}, case.terms.maintenance.cap_us
    for t in range(EARLY, LATE):
        if not within(case, t):
            continue
        if case.schedule is not None and not any(start <= t < end for start, end in case.schedule.pairs):
            found[t] = "closed"
        elif terms.exclusions_mode != "ignore" and any(
            each.approved and each.start_us <= t < each.end_us for each in case.exclusions
        ):
            found[t] = "exclusion"
        elif terms.maintenance.mode != "ignore" and any(
            admitted(case, each) and each.start_us <= t < each.end_us for each in case.maintenance
        ):
            found[t] = "open" if left == 0 else "maintenance"
            left = None if left is None else max(left - 1, 0)
        else:
            found[t] = "open"
    return found


def answer(case: Case, parts: tuple[Part, ...] | None = None) -> Answer:
    """Return what some components, by default all, come to together."""
    SEEN.clear()
    parts = case.components if parts is None else parts
    terms, days, now = case.terms, ticks(case), horizon(case)
    found, base, forgiven = Answer(), [], set()
    modes = {"exclusion": terms.exclusions_mode, "maintenance": terms.maintenance.mode}
    ahead = []
    for t, day in sorted(days.items()):
        excused = modes.get(day) == "count_as_up"
        gone = modes.get(day) == "exclude" or day == "closed"
        if t >= now and case.as_of_us is not None:
            away = all(
                any(each.start_us <= t < each.end_us and admitted(case, each) for each in part.maintenance)
                for part in parts
            )
            if not gone and not away:
                found.future += 1
                found.risk += not excused
                ahead += [] if excused else [t]
            continue
        found.window += 1
        if day == "closed":
            found.out_of_schedule += 1
        elif gone:
            setattr(found, day, getattr(found, day) + 1)
        elif service_at(case, parts, t, "raw") is None:
            found.component += 1
        else:
            base.append(t)
            forgiven |= {t} if excused else set()
    count(case, parts, found, base, forgiven, first=min(days))
    spend(case, found, ahead)
    return found


def count(case: Case, parts: Any, found: Answer, base: list[int], forgiven: set[int], first: int) -> None:
    found.committed = len(base)
    found.unknown = sum(service_at(case, parts, t, "raw") is UNKNOWN for t in base)
    for reading in ("point", "lo", "hi", "band_lo", "band_hi"):
        line = {t: service_at(case, parts, t, reading) for t in range(EARLY, horizon(case))}
        counted = [t for t in base if t in forgiven or line[t] is not UNKNOWN]
        judged = [t for t in counted if t not in forgiven]
        down = {t for t in judged if line[t] is DOWN}
        kept = bad_slices(case, long_enough(case, line, down), counted, first) - forgiven
        tolerated = down - kept
        degraded = {t for t in judged if line[t] is DEGRADED} - kept
        weight = case.terms.degraded_weight
        found.downtime[reading] = len(kept) + weight * (len(degraded) + len(tolerated))
        if reading == "point":
            found.counted = len(counted)
            found.down, found.tolerated, found.degraded = len(kept), len(tolerated), len(degraded)
            found.up = len(counted) - len(kept | tolerated | degraded)


def long_enough(case: Case, line: dict[int, State | None], down: set[int]) -> set[int]:
    least = case.terms.min_outage
    if not least.length_us:
        return down
    runs: list[list[int]] = []
    for t in sorted(line):
        if (t in down) if least.basis == "counted" else line[t] is DOWN:
            if runs and runs[-1][-1] == t - 1:
                runs[-1].append(t)
            else:
                runs.append([t])
    kept = [run for run in runs if len(run) >= least.length_us]
    skipped = least.length_us if least.counting == "excess" else 0
    return {t for run in kept for t in run[skipped:]} & down


def bad_slices(case: Case, down: set[int], counted: list[int], first: int) -> set[int]:
    slices = case.terms.slices
    if slices is None:
        return down
    bad: set[int] = set()
    for start in range(first, LATE, slices.length_us):
        inside = [t for t in counted if start <= t < start + slices.length_us]
        lost = [t for t in inside if t in down]
        above = slices.bad_above_ratio
        if inside and (len(lost) == len(inside) if above is None else len(lost) > above * len(inside)):
            bad |= set(inside)
    return bad


def spend(case: Case, found: Answer, ahead: list[int]) -> None:
    """Walk from now on, down all the time, until the budget is used up."""
    allowed = (1 - case.terms.objective_ratio) * (found.counted + found.future)
    left = allowed - found.downtime["point"]
    if left <= 0:
        found.exhausted = "already"
        return
    for t in ahead:
        if left <= 1:
            found.exhausted = t + int(left)
            return
        left -= 1
