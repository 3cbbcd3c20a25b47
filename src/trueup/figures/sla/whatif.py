"""What a contract would come to if something were otherwise: nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trueup.domain import terms as words
from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.sla import Case, Exclusion, Maintenance, Part, Record, Timeline
from trueup.domain.text import instant
from trueup.figures.sla import deal, window
from trueup.figures.sla.book import Book
from trueup.figures.sla.fault import UnknownContractError, WindowError
from trueup.figures.sla.figure import Figure, figure


@dataclass(frozen=True, slots=True)
class Planned:
    """A maintenance that is thought of, announced at an instant; of all components if none is named."""

    span: Span
    announced_us: int
    components: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reclassified:
    """The record of a check, or of a component's checks, at an instant is of another state."""

    name: str
    at_us: int
    state: State


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise; empty, nothing is. ``terms`` replace keys of the terms as documents."""

    terms: Mapping[str, Any] | None = None
    maintenance: Sequence[Planned] = ()
    exclusions: Sequence[Span] = ()
    reclassified: Sequence[Reclassified] = ()


def what_if(live: Figure, change: Change) -> Figure:
    """Return the figure of the same window if something were otherwise.

    Raises:
        TermsError: The terms cannot be used.
        WindowError: There is no such component, check or record.
        CaseError: The components do not fit the terms.
    """
    gathered = live.gathered
    case, one = gathered.case, gathered.deal
    if change.terms:
        read = words.read({**words.document(case.terms), **change.terms})
        case, one = replace(case, terms=read), deal.with_terms(one, read)
    for each in change.reclassified:
        case = _otherwise(case, each)
    for planned in change.maintenance:
        case = _with(case, planned)
    thought = tuple(Exclusion(each.start_us, each.end_us, reason="what if") for each in change.exclusions)
    case = replace(case, exclusions=(*case.exclusions, *thought))
    return figure(replace(gathered, case=case, deal=one))


def if_excluded(book: Book, slug: str, excluded: Span) -> list[tuple[Figure, Figure]]:
    """Return the windows of a contract that a time touches, as they are and as if it were excluded.

    Windows that have not begun are left out; of a rolling one it is that of now. A contract that says
    nothing yet has none.
    """
    try:
        contract = book.contract(slug, archived=True)
    except UnknownContractError:
        return []
    change = Change(exclusions=(excluded,))
    figures = [book.figure(contract, each) for each in window.touched(contract, excluded, book.now_us)]
    return [(each, what_if(each, change)) for each in figures]


def _with(case: Case, planned: Planned) -> Case:
    """Return the case with a maintenance; naming components leads round no cap, as everywhere."""
    names = [part.id for part in case.components]
    for name in sorted(planned.components - set(names)):
        raise WindowError(f"{name!r} is no component of the contract. There are: {', '.join(names)}.")
    made = Maintenance(planned.span.start_us, planned.span.end_us, planned.announced_us, id="what if")
    if case.terms.maintenance.mode != "exclude" or case.terms.maintenance.cap_us is not None:
        return replace(case, maintenance=(*case.maintenance, made))
    return replace(
        case,
        components=tuple(
            replace(part, maintenance=(*part.maintenance, made))
            if not planned.components or part.id in planned.components
            else part
            for part in case.components
        ),
    )


def _otherwise(case: Case, wanted: Reclassified) -> Case:
    parts, hits = [], 0
    for part in case.components:
        checks = list(part.checks)
        for position in range(len(checks)):
            if wanted.name in (part.id, part.check_id(position)):
                checks[position], hit = _relabelled(checks[position], wanted, case.known.end_us)
                hits += hit
        parts.append(replace(part, checks=tuple(checks)))
    if not hits:
        raise WindowError(_missed(case, wanted))
    return replace(case, components=tuple(parts))


def _relabelled(check: Timeline, wanted: Reclassified, open_us: int) -> tuple[Timeline, int]:
    found, hits = [], 0
    for record in check.records:
        end_us = open_us if record.end_us is None else record.end_us
        if record.start_us <= wanted.at_us < end_us and record.state is State.DOWN:
            # Its probes said something else: with another state its edges are what was written.
            record, hits = Record(wanted.state, record.start_us, record.end_us), hits + 1
        found.append(record)
    return replace(check, records=found), hits


def _missed(case: Case, wanted: Reclassified) -> str:
    known = [part.id for part in case.components]
    known += [part.check_id(at) for part in case.components for at in range(len(part.checks))]
    if wanted.name not in known:
        there = ", ".join(dict.fromkeys(each for each in known if each))
        return f"{wanted.name!r} is no component or check of the contract. There are: {there}."
    outages = sorted({each.start_us for part in case.components for each in _down(part, wanted.name)})
    near = sorted(outages, key=lambda at_us: abs(at_us - wanted.at_us))[:3]
    hint = (
        f"Its nearest began {', '.join(map(instant, near))}."
        if near
        else "It has none in this window: look at another period."
    )
    return f"{wanted.name} has no outage at {instant(wanted.at_us)}. {hint}"


def _down(part: Part, name: str) -> Iterator[Record]:
    for position, check in enumerate(part.checks):
        if name in (part.id, part.check_id(position)):
            yield from (record for record in check.records if record.state is State.DOWN)
