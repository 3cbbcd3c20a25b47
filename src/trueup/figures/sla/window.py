"""Which window of a contract is meant: one of its own, or another period looked at under its terms."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from trueup.domain import calendar, versions
from trueup.domain.interval import Span, Spans
from trueup.domain.sla.case import LINE
from trueup.domain.text import instant
from trueup.domain.versions import Ruled
from trueup.figures.sla.deal import Contract
from trueup.figures.sla.fault import WindowError


@dataclass(frozen=True, slots=True)
class Looked:
    """A window and the version that rules it.

    ``own`` tells whether the contract is settled by it. Any other period, as the year of a contract by
    the month, is looked at under the terms that held last in it, and decides nothing.
    """

    label: str
    period: str
    number: int
    spans: Spans
    own: bool

    @property
    def span(self) -> Span:
        """Return the time from its first to its last instant."""
        return Span(self.spans.pairs[0][0], self.spans.pairs[-1][1])


def current(contract: Contract, now_us: int) -> Looked | None:
    """Return the window in which an instant lies, None before the contract and after it."""
    version = versions.version_at(contract.versions, now_us)
    if version is None or (contract.until_us is not None and now_us >= contract.until_us):
        return None
    if version.window.type == "rolling":
        return _rolling(contract, version.number, now_us)
    found = versions.windows(contract.versions, Span(now_us, now_us + 1), contract.until_us)
    return next((own(each) for each in found), None)


def touched(contract: Contract, within: Span, now_us: int) -> list[Looked]:
    """Return the windows of a contract that a time touches and that have begun; of a rolling one, now's."""
    if contract.newest.version.window.type != "rolling":
        ruled = versions.windows(contract.versions, within, contract.until_us)
        return [own(each) for each in ruled if each.start_us < now_us]
    rolling = current(contract, now_us)
    return [] if rolling is None or not rolling.span.clip(within).length_us else [rolling]


def named(contract: Contract, label: str, now_us: int) -> tuple[Looked, ...]:
    """Return the windows of a period by its label; several where the contract was changed inside it.

    Raises:
        WindowError: It is none, or the contract does not hold in it.
    """
    newest = contract.deals[-1].version.window
    if newest.type == "rolling" and label == "rolling":
        now = current(contract, now_us)
        return () if now is None else (now,)
    with suppress(WindowError):
        return (_other(contract, label),)
    try:
        return tuple(map(own, versions.window_of(contract.versions, label, contract.until_us)))
    except ValueError as error:
        raise WindowError(f"{contract.slug}: {_refused(contract, label) or error}") from None


def _refused(contract: Contract, label: str) -> str:
    """Return why a period that is none of the contract's own cannot be looked at either, "" of its own."""
    kind = kind_of(label.partition("/")[0])
    if kind is None and contract.deals[-1].version.window.type == "calendar":
        return f"{label!r} is no period. Write one such as 2026-03, 2026-Q1, 2026, 2026-W14 or 2026-03-31."
    if kind is None or any(
        each.window.type == "calendar" and each.window.period == kind for each in contract.versions
    ):
        return ""
    began_us, until_us = contract.deals[0].version.valid_from_us, contract.until_us
    if until_us is not None and calendar.period(label, kind, zone(contract)).pairs[0][0] >= until_us:
        return f"{label} lies after the contract, which ends at {instant(until_us)}. Take an earlier period."
    return f"{label} lies before the contract, which begins at {instant(began_us)}. Take a later period."


def between(contract: Contract, start_us: int, end_us: int) -> Looked:
    """Return the time between two instants under the version that held last in it.

    Raises:
        WindowError: The contract does not hold then.
    """
    ends_us = LINE.end_us if contract.until_us is None else contract.until_us
    held = Span(start_us, end_us).clip(Span(contract.deals[0].version.valid_from_us, ends_us))
    if not held.length_us:
        raise WindowError(
            f"{contract.slug}: nothing is promised from {instant(start_us)} to {instant(end_us)}. "
            f"The contract holds from {instant(contract.deals[0].version.valid_from_us)} on."
        )
    version = versions.version_at(contract.versions, held.end_us - 1)
    assert version is not None, "the contract holds in it"
    return Looked(f"{start_us}/{end_us}", "fixed", version.number, Spans([held]), own=False)


def period_of(contract: Contract, period: str, now_us: int) -> Looked | None:
    """Return the day, week, month, quarter or year of now; None where the contract does not hold in it.

    A period that the contract is settled by and that was split is looked at by the part of now.
    """
    now = current(contract, now_us)
    if now is not None and _is_by(contract, now, period):
        return now
    with suppress(WindowError):
        return _other(contract, calendar.label_of(now_us, period, zone(contract)), period)
    return None


def past(contract: Contract, looked: Looked, period: str, most: int) -> list[Looked]:
    """Return the windows before one, of the same kind, newest first."""
    found: list[Looked] = []
    label = looked.period
    while len(found) < most and looked.number and label != "rolling":
        label = calendar.before(label, period)
        try:
            parts = named(contract, label, looked.span.start_us)
        except WindowError:
            break
        found += reversed(parts)
    return found[:most]


def zone(contract: Contract) -> str:
    """Return the zone in which a contract counts its days: that of its window, or of its hours, or UTC."""
    terms = contract.deals[-1].terms
    if terms.window.type == "calendar":
        return terms.window.timezone
    return terms.schedule.timezone if terms.schedule is not None else "UTC"


def kind_of(label: str) -> str | None:
    """Return whether a label is that of a day, week, month, quarter or year; None if of nothing."""
    for period in calendar.PERIODS:
        with suppress(ValueError):
            calendar.period(label, period, "UTC")
            return period
    return None


def _is_by(contract: Contract, looked: Looked, period: str) -> bool:
    window = contract.deal(looked.number).version.window
    return looked.own and window.type == "calendar" and window.period == period


def own(ruled: Ruled) -> Looked:
    """Return a window of the contract itself."""
    return Looked(ruled.label, ruled.period, ruled.number, ruled.spans, own=True)


def _rolling(contract: Contract, number: int, now_us: int) -> Looked | None:
    window = contract.deal(number).version.window
    began_us = contract.deals[0].version.valid_from_us
    span = (max(now_us - window.length_us, began_us), now_us)
    return Looked("rolling", "rolling", number, Spans([span]), own=True) if span[0] < span[1] else None


def _other(contract: Contract, label: str, period: str | None = None) -> Looked:
    """Return a period that no version is settled by, under the version that held last in it."""
    period = period or kind_of(label)
    if period is None or any(
        each.window.type == "calendar" and each.window.period == period for each in contract.versions
    ):
        raise WindowError(f"{label} is a window of the contract itself, or none.")
    spans = calendar.period(label, period, zone(contract))
    began_us = contract.deals[0].version.valid_from_us
    ends_us = LINE.end_us if contract.until_us is None else contract.until_us
    held = spans.clip(Span(began_us, ends_us))
    if not held:
        raise WindowError(f"{label} lies before or after the contract.")
    version = versions.version_at(contract.versions, held.pairs[-1][1] - 1)
    assert version is not None, "the contract holds in it"
    return Looked(label, label, version.number, held, own=False)
