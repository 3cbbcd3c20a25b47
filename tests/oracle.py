"""The ledger by definition: slow, and written apart from the program it judges.

Where ``domain.state`` walks from result to result and remembers runs, this looks at all results at once:
maximal runs of answers to two questions, and which of them are long enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from trueup.domain.result import FailureClass, Result, State
from trueup.domain.state import Rules

Edge = tuple[int, int]
RulesAt = Callable[[int], Rules]
NAMES = (State.UP, State.DEGRADED, State.DOWN)
LEVEL = {State.UP: 0, State.DEGRADED: 1, State.DOWN: 2}


@dataclass
class Entry:
    """One entry; edges as in the ledger."""

    state: State
    start_us: int
    end_us: int | None = None
    cause: FailureClass | None = None
    before: Edge | None = None
    first: Edge | None = None
    last: Edge | None = None
    after: Edge | None = None


@dataclass(frozen=True, order=True)
class Blip:
    """One run that was not confirmed."""

    first: Edge
    last: Edge
    state: State
    probes: int
    cause: FailureClass | None
    before: Edge | None
    after: Edge | None


@dataclass
class Ledger:
    """What follows from all results."""

    entries: list[Entry] = field(default_factory=list)
    blips: set[Blip] = field(default_factory=set)

    def go_on(self, entry: Entry, last: Edge | None) -> None:
        """End the open entry where another begins; an entry of no length was never there."""
        if self.entries:
            open_ = self.entries[-1]
            if open_.state is entry.state:
                return
            if open_.start_us == entry.start_us:
                self.entries.pop()
            else:
                open_.end_us, open_.last, open_.after = entry.start_us, last, entry.first
        self.entries.append(entry)


def replay(
    results: Iterable[Result],
    rules_at: RulesAt,
    created_us: int,
    *,
    pauses: Sequence[tuple[int, int | None]] = (),
    ended: bool = False,
) -> Ledger:
    """Return the ledger of one series.

    Args:
        results: All that is stored, in any order, repeated or not.
        rules_at: The rules valid when a probe was asked.
        created_us: The beginning of the ledger.
        pauses: When people had it paused.
        ended: No further result comes: the silence after the last one is told.
    """
    ledger = Ledger([Entry(State.UNKNOWN, created_us)])
    counting = {result.key: result for result in results if result.state in LEVEL}
    ordered = sorted(counting.values(), key=lambda one: (one.asked_us, one.epoch, one.slot, one.number))
    from_us = created_us
    for start_us, end_us in [*pauses, (None, None)]:
        here = [
            one
            for one in ordered
            if from_us <= one.asked_us and (start_us is None or one.asked_us < start_us)
        ]
        last = _segment(ledger, here, rules_at, start_us, ended)
        if start_us is None:
            break
        ledger.go_on(Entry(State.PAUSED, start_us, before=last), last)
        if end_us is None:
            break
        ledger.go_on(Entry(State.UNKNOWN, end_us), None)
        from_us = end_us
    return ledger


def _edge(result: Result) -> Edge:
    return (result.asked_us, result.answered_us)


def _covered_us(result: Result, rules_at: RulesAt) -> int:
    return result.answered_us + rules_at(result.asked_us).interval_us


def _silent(result: Result, at_us: int, rules_at: RulesAt) -> bool:
    """More than one and a half intervals passed between an answer and an instant."""
    return (at_us - result.answered_us) * 2 > 3 * rules_at(result.asked_us).interval_us


def _segment(
    ledger: Ledger, results: list[Result], rules_at: RulesAt, until_us: int | None, ended: bool
) -> Edge | None:
    """Add the time between two pauses; return the last probe of the state at its end."""
    stretches: list[list[Result]] = []
    for result in results:
        if stretches and not _silent(stretches[-1][-1], result.asked_us, rules_at):
            stretches[-1].append(result)
        else:
            stretches.append([result])
    last: Edge | None = None
    for index, stretch in enumerate(stretches):
        final = index == len(stretches) - 1
        over = not final or (ended if until_us is None else _silent(stretch[-1], until_us, rules_at))
        cut = over or until_us is not None
        last = _stretch(ledger, stretch, rules_at, cut)
        if over and ledger.entries[-1].state is not State.UNKNOWN:
            ledger.go_on(Entry(State.UNKNOWN, _covered_us(stretch[-1], rules_at), before=last), last)
            last = None
        elif over:
            last = None
    return last


def _stretch(ledger: Ledger, results: list[Result], rules_at: RulesAt, cut: bool) -> Edge | None:
    """Add a stretch without a gap, unknown at its beginning; return the last probe of its final state."""
    answers = {level: _answers(results, level, rules_at) for level in (1, 2)}
    states = [
        State.UNKNOWN if one is None else NAMES[bool(one) + bool(two)]
        for one, two in zip(answers[1][0], answers[2][0], strict=True)
    ]
    previous = State.UNKNOWN
    for index, (result, state) in enumerate(zip(results, states, strict=True)):
        if state is not previous:
            before = None if previous is State.UNKNOWN else _edge(results[index - 1])
            start = Entry(state, result.asked_us, cause=result.cause, before=before, first=_edge(result))
            ledger.go_on(start, before)
        previous = state
    told: dict[tuple[int, int], tuple[State, bool]] = {}
    trailing = 0
    for level in (1, 2):
        for begin, end, worse in answers[level][1]:
            if end == len(results) and not cut:
                trailing = max(trailing, end - begin)
                continue
            if end == len(results):
                trailing = max(trailing, end - begin)
            become = NAMES[level] if worse else NAMES[level - 1]
            if worse or (begin, end) not in told:
                told[begin, end] = (become, worse)
    for (begin, end), (become, _) in told.items():
        ledger.blips.add(
            Blip(
                first=_edge(results[begin]),
                last=_edge(results[end - 1]),
                state=become,
                probes=end - begin,
                cause=results[begin].cause,
                before=_edge(results[begin - 1]) if begin else None,
                after=_edge(results[end]) if end < len(results) else None,
            )
        )
    steady = len(results) - trailing - 1
    return None if previous is State.UNKNOWN or steady < 0 else _edge(results[steady])


def _answers(
    results: list[Result], level: int, rules_at: RulesAt
) -> tuple[list[bool | None], list[tuple[int, int, bool]]]:
    """Answer "is it at least this bad?" at every result; also the runs that contradict it unconfirmed."""
    held: bool | None = None if level == 1 else False
    answers: list[bool | None] = []
    contradicting = []
    begin = 0
    for worse, run in groupby(results, key=lambda one: LEVEL[one.state] >= level):
        length = len(list(run))
        end = begin + length
        if held is not worse:
            confirmed = any(
                nth + 1 >= _need(rules_at(results[begin + nth].asked_us), worse) for nth in range(length)
            )
            if confirmed:
                held = worse
            else:
                contradicting.append((begin, end, worse))
        answers += [held] * length
        begin = end
    return answers, contradicting


def _need(rules: Rules, worse: bool) -> int:
    return rules.confirm if worse else rules.recover
