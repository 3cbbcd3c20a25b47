"""A case as a document: read from JSON with every fault in its place."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from trueup.domain import calendar, terms
from trueup.domain.interval import Span, Spans
from trueup.domain.node import DocumentError, Node
from trueup.domain.result import State
from trueup.domain.sla.case import Case, Exclusion, Maintenance, Part
from trueup.domain.sla.judge import CaseError, check
from trueup.domain.status import needed
from trueup.domain.terms import Terms, TermsError
from trueup.domain.timeline import Blip, Probed, Record, Timeline

STATES = tuple(State)
REMARKS = ("id", "group", "name", "notes", "expected", "resolution_seconds", "hand_checked", "about")
CASE_KEYS = (
    *REMARKS, "contract", "period", "window", "as_of", "contract_from", "contract_to", "fee", "components",
    "maintenance", "exclusions", "resolved",
)  # fmt: skip
PART_KEYS = ("id", "name", "about", "default_state", "down_when", "checks", "maintenance")
CHECK_KEYS = ("intervals", "blips", "since", "until", "covered_until")
RECORD_KEYS = ("state", "start", "end", "a", "b", "c", "d", "about")


def read_case(document: Any, path: tuple[str | int, ...] = ()) -> Case:
    """Return the case that a document holds; what is only remarked is not looked at.

    Args:
        document: As JSON has it; numbers as text, whole numbers or ``Decimal``.
        path: Where it stands in a larger document, for the words of an error.

    Raises:
        CaseError: Something in it cannot be used; the first such place.
    """
    try:
        case = _case(Node(document, path))
        check(case)
    except DocumentError as error:
        at = error.path if error.path[: len(path)] == path else (*path, *error.path)
        raise CaseError(at, error.message) from None
    return case


def _case(node: Node) -> Case:
    node.mapping(CASE_KEYS, ("contract", "components"))
    words = _terms(node.get("contract"))
    as_of_us, fee = _instant(node.get("as_of")), node.get("fee")
    window, schedule = _resolved(node, words, as_of_us)
    period = node.get("period")
    case = Case(
        terms=words,
        window=window,
        components=tuple(_part(each) for each in node.get("components").each()),
        maintenance=_maintenance(node.get("maintenance")),
        exclusions=tuple(_exclusion(each) for each in _listed(node.get("exclusions"))),
        schedule=schedule,
        as_of_us=as_of_us,
        contract_from_us=_instant(node.get("contract_from")),
        contract_to_us=_instant(node.get("contract_to")),
        fee=None if fee.absent else _fee(fee),
        period=None if period.absent else period.text(),
    )
    starts, ends = case.contract_from_us, case.contract_to_us
    if starts is not None and ends is not None and starts >= ends:
        raise node.get("contract_to").wrong("the contract ends before it begins. Write a later instant.")
    return case


def _terms(node: Node) -> Terms:
    try:
        return terms.read(node.value)
    except TermsError as error:
        raise DocumentError((*node.path, *error.path), error.message) from None


def _resolved(node: Node, words: Terms, as_of_us: int | None) -> tuple[Spans, Spans | None]:
    """Return window and business hours as instants: as they are written, else by the zone's clock."""
    given = node.get("resolved")
    if not given.absent:
        given.mapping(("window", "schedule"), ("window", "schedule"))
        hours = given.get("schedule")
        return _spans(given.get("window")), None if hours.absent else _spans(hours)
    window = _window(node, words, as_of_us)
    if words.schedule is None or not window:
        return window, None
    reach = Span(window.pairs[0][0], window.pairs[-1][1])
    return window, calendar.schedule(words.schedule, reach)


def _window(node: Node, words: Terms, as_of_us: int | None) -> Spans:
    kind, label, written = words.window.type, node.get("period"), node.get("window")
    if kind == "calendar":
        if label.absent:
            raise node.wrong(
                f"the contract counts by the {words.window.period}, but no period is written. Add it."
            )
        name = label.text()
        try:
            return calendar.period(name, words.window.period, words.window.timezone)
        except ValueError as error:
            raise label.wrong(str(error)) from None
    if kind == "rolling":
        if as_of_us is None:
            raise node.wrong("a rolling window ends at as_of, which is missing. Add it.")
        return Spans([(as_of_us - words.window.length_us, as_of_us)])
    if written.absent:
        raise node.wrong("the contract counts over a fixed window, which is missing. Add it.")
    written.mapping(("start", "end"), ("start", "end"))
    return Spans([_span(written)])


def _spans(node: Node) -> Spans:
    """Return instants written as ``[start, end]``, or as a list of such pairs."""
    pairs = list(node.each())
    if pairs and not isinstance(pairs[0].value, list | tuple):
        pairs = [node]
    return Spans(_pair(each) for each in pairs)


def _pair(node: Node) -> tuple[int, int]:
    both = list(node.each())
    if len(both) != 2:
        raise node.wrong(f"{node.shown} is no pair. Write two instants: [start, end].")
    start_us, end_us = (each.instant_us() for each in both)
    if end_us < start_us:
        raise node.wrong(f"it ends at {both[1].value}, before it starts. Write a later end.")
    return start_us, end_us


def _span(node: Node) -> tuple[int, int]:
    start_us, end_us = node.get("start").instant_us(), node.get("end").instant_us()
    if end_us < start_us:
        raise node.get("end").wrong(
            f"it ends at {node.value['end']}, before it starts at {node.value['start']}. Write a later end."
        )
    return start_us, end_us


def _part(node: Node) -> Part:
    node.mapping((*PART_KEYS, *CHECK_KEYS), ("id",))
    default, rule, checks = node.get("default_state"), node.get("down_when"), node.get("checks")
    if not checks.absent:
        for key in CHECK_KEYS:
            if key in node.value:
                raise node.get(key).wrong("it stands beside checks. Move it into one of them.")
        listed = [each.mapping((*CHECK_KEYS, "id", "about"), ("id",)) for each in checks.each()]
    elif "intervals" in node.value:
        listed = [node]
    else:
        raise node.wrong("the key 'intervals' is missing, and 'checks' as well. Add one of them.")
    return Part(
        id=node.get("id").text(),
        checks=tuple(_timeline(each) for each in listed),
        down_when="any" if rule.absent else _rule(rule),
        default_state=State.UNKNOWN if default.absent else State(default.choice(STATES)),
        maintenance=_maintenance(node.get("maintenance")),
        check_ids=() if checks.absent else tuple(each.get("id").text() for each in listed),
    )


def _rule(node: Node) -> str:
    words = (
        str(node.value) if isinstance(node.value, int) and not isinstance(node.value, bool) else node.text()
    )
    try:
        needed(words, 1)
    except ValueError as error:
        raise node.wrong(str(error)) from None
    return words


def _timeline(node: Node) -> Timeline:
    since_us, until_us = _instant(node.get("since")), _instant(node.get("until"))
    if since_us is not None and until_us is not None and until_us < since_us:
        raise node.get("until").wrong("it lies before since. Write a later instant.")
    return Timeline(
        records=[_record(each) for each in _listed(node.get("intervals"))],
        blips=[_blip(each) for each in _listed(node.get("blips"))],
        since_us=since_us,
        until_us=until_us,
        covered_until_us=_instant(node.get("covered_until")),
    )


def _record(node: Node) -> Record:
    node.mapping(RECORD_KEYS, ("state", "start"))
    state = State(node.get("state").choice(STATES))
    start_us, end_us = node.get("start").instant_us(), _instant(node.get("end"))
    if end_us is not None and end_us < start_us:
        _span(node)
    a, b, c, d = (_probed(node.get(key)) for key in "abcd")
    return Record(state, start_us, end_us, a, b, c, d)


def _blip(node: Node) -> Blip:
    node.mapping(("state", "a", "b", "c", "d", "about"), ("state", "b", "c"))
    a, b, c, d = (_probed(node.get(key)) for key in "abcd")
    if b is None or c is None:
        raise node.wrong("a blip needs its first and its last probe, b and c. Add both.")
    return Blip(State(node.get("state").choice(STATES)), b, c, a, d)


def _probed(node: Node) -> Probed | None:
    return None if node.absent else Probed(*_pair(node))


def _maintenance(node: Node) -> tuple[Maintenance, ...]:
    found = []
    for each in _listed(node):
        each.mapping(("id", "start", "end", "announced_at", "cancelled", "about"), ("start", "end"))
        cancelled, name = each.get("cancelled"), each.get("id")
        found.append(
            Maintenance(
                *_span(each),
                announced_us=_instant(each.get("announced_at")),
                cancelled=not cancelled.absent and cancelled.flag(),
                id="" if name.absent else name.text(),
            )
        )
    return tuple(found)


def _exclusion(node: Node) -> Exclusion:
    node.mapping(("id", "start", "end", "approved", "reason", "about"), ("start", "end"))
    approved, reason, name = node.get("approved"), node.get("reason"), node.get("id")
    return Exclusion(
        *_span(node),
        approved=approved.absent or approved.flag(),
        reason="" if reason.absent else reason.text(),
        id="" if name.absent else name.text(),
    )


def _fee(node: Node) -> Fraction:
    fee = node.number()
    if fee < 0:
        raise node.wrong(f"{node.shown} is below 0. Write what is paid for the window.")
    return fee


def _instant(node: Node) -> int | None:
    return None if node.absent else node.instant_us()


def _listed(node: Node) -> Iterator[Node]:
    """Yield the members of a list that may be left out."""
    return iter(()) if node.absent else node.each()
