"""What a contract said when: which version rules a window, and from when on a change may hold.

A version holds from its instant until the next one does. The windows of a version are those of its own
calendar, clipped to the time in which it holds: a change at a window's start leaves whole windows, a
change inside one (``split``) makes two of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from trueup.domain import calendar
from trueup.domain.interval import Span, Spans
from trueup.domain.terms import Window

FOREVER_US = 253_402_300_800_000_000  # the year 10000


@dataclass(frozen=True, slots=True)
class Version:
    """A version as far as time is concerned; ``fixed`` is the one window of a contract with a fixed one."""

    number: int
    valid_from_us: int
    window: Window
    split: bool = False
    fixed: Span | None = None


@dataclass(frozen=True, slots=True)
class Ruled:
    """A window and the version that rules it.

    ``label`` names it within its contract: the period, with ``/1``, ``/2`` behind it where it is split.
    ``spans`` are its instants, already clipped; ``start_us`` and ``end_us`` are what to hand to a case as
    ``contract_from`` and ``contract_to`` beside ``period``. ``whole`` tells whether nothing was clipped.
    """

    label: str
    period: str
    number: int
    spans: Spans
    whole: bool

    @property
    def start_us(self) -> int:
        """Return its first instant, microseconds UTC."""
        return self.spans.pairs[0][0]

    @property
    def end_us(self) -> int:
        """Return the first instant after it, microseconds UTC."""
        return self.spans.pairs[-1][1]

    @property
    def span(self) -> Span:
        """Return the time from its first to its last instant."""
        return Span(self.start_us, self.end_us)


def digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document's canonical JSON, in hexadecimal.

    Its keys are ASCII and its values texts, whole numbers, flags and nulls: for these it is RFC 8785.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def version_at(versions: Sequence[Version], at_us: int) -> Version | None:
    """Return the version that holds at an instant, None before the first; versions in order of instants."""
    held = [each for each in versions if each.valid_from_us <= at_us]
    return held[-1] if held else None


def windows(versions: Sequence[Version], within: Span, until_us: int | None = None) -> Iterator[Ruled]:
    """Yield every window that has an instant in a span, with its version, in order.

    A rolling contract has no windows of its own: for it nothing is yielded.

    Args:
        versions: Those that hold or will, in the order of their instants.
        within: Which windows are wanted; they come whole, also where only a part lies in it.
        until_us: When the contract ends, if it does.
    """
    for reign, version in _reigns(versions, until_us):
        for period, spans, whole in _of(version, reign, within):
            starts = [] if whole else _parts(versions, period, until_us)
            part = f"/{starts.index(spans.pairs[0][0]) + 1}" if len(starts) > 1 else ""
            yield Ruled(period + part, period, version.number, spans, whole)


def window_of(versions: Sequence[Version], label: str, until_us: int | None = None) -> tuple[Ruled, ...]:
    """Return the windows of a period by its label, several where it was split; ``2026-03/2`` names one.

    Raises:
        ValueError: The label is none of the contract's periods, or it lies before or after the contract.
    """
    if not versions:
        raise ValueError("the contract has no version yet. Apply the configuration first.")
    period, _, part = label.partition("/")
    span = _span_of(versions, period)
    found = tuple(each for each in windows(versions, span, until_us) if each.period == period)
    wanted = tuple(each for each in found if not part or each.label == label)
    if wanted:
        return wanted
    if found:
        raise ValueError(f"{period} has no part {part}. It has {', '.join(each.label for each in found)}.")
    began_us, zone = versions[0].valid_from_us, versions[0].window.timezone
    if span.end_us <= began_us:
        raise ValueError(
            f"{period} lies before the contract, which begins on {day(began_us, zone)}. Take a later period."
        )
    assert until_us is not None, "only an end cuts off what comes later"
    ends = day(until_us, versions[-1].window.timezone)
    raise ValueError(f"{period} lies after the contract, which ends on {ends}. Take an earlier period.")


def around(window: Window, at_us: int, fixed: Span | None = None) -> tuple[str, Span] | None:
    """Return label and time of the window in which an instant lies; None for a rolling one, or outside."""
    if window.type == "fixed":
        return None if fixed is None or not fixed.start_us <= at_us < fixed.end_us else ("fixed", fixed)
    if window.type != "calendar":
        return None
    label = calendar.label_of(at_us, window.period, window.timezone)
    spans = calendar.period(label, window.period, window.timezone)
    return label, Span(spans.pairs[0][0], spans.pairs[-1][1])


def day(at_us: int, timezone: str) -> str:
    """Return an instant as a date where it is midnight in a zone, else with its time and the zone."""
    zone = timezone or "UTC"
    date = calendar.label_of(at_us, "day", zone)
    first_us = calendar.period(date, "day", zone).pairs[0][0]
    if at_us == first_us:
        return date
    minutes = (at_us - first_us) // 60_000_000
    return f"{date} {minutes // 60:02d}:{minutes % 60:02d} {zone}"


def _reigns(versions: Sequence[Version], until_us: int | None) -> Iterator[tuple[Span, Version]]:
    """Yield how long each version holds."""
    last_us = FOREVER_US if until_us is None else until_us
    starts = [*(each.valid_from_us for each in versions), last_us]
    for version, (start_us, end_us) in zip(versions, pairwise(starts), strict=True):
        span = Span(start_us, min(end_us, last_us))
        if span.length_us:
            yield span, version


def _of(version: Version, reign: Span, within: Span) -> Iterator[tuple[str, Spans, bool]]:
    """Yield the windows of one version: period, instants in its reign, whether these are the whole period."""
    wanted = reign.clip(within)
    if version.window.type == "fixed":
        wholes = [] if version.fixed is None else [("fixed", Spans([version.fixed]))]
    elif version.window.type == "calendar" and wanted.length_us:
        wholes = list(calendar.windows(version.window.period, version.window.timezone, wanted))
    else:
        return
    for label, spans in wholes:
        held = spans.clip(reign)
        if held.clip(within):
            yield label, held, held == spans


def _parts(versions: Sequence[Version], period: str, until_us: int | None) -> list[int]:
    """Return the first instants of all parts into which changes cut a period."""
    found = []
    for reign, version in _reigns(versions, until_us):
        if version.window.type == "fixed" and period == "fixed" and version.fixed is not None:
            held = Spans([version.fixed]).clip(reign)
        elif version.window.type == "calendar" and _is_of(version.window, period):
            held = calendar.period(period, version.window.period, version.window.timezone).clip(reign)
        else:
            continue
        found += [held.pairs[0][0]] if held else []
    return found


def _is_of(window: Window, label: str) -> bool:
    try:
        calendar.period(label, window.period, window.timezone)
    except ValueError:
        return False
    return True


def _span_of(versions: Sequence[Version], period: str) -> Span:
    """Return the time of a period by its label, in the calendar of the last version that knows it."""
    for version in reversed(versions):
        if version.window.type == "fixed" and version.fixed is not None and period == "fixed":
            return version.fixed
        if version.window.type == "calendar" and _is_of(version.window, period):
            spans = calendar.period(period, version.window.period, version.window.timezone)
            return Span(spans.pairs[0][0], spans.pairs[-1][1])
    newest = versions[-1].window
    if newest.type == "calendar":
        calendar.period(period, newest.period, newest.timezone)  # its error says what to write
    raise ValueError(
        f"{period!r} is no period of a contract with a {newest.type} window. "
        + ("Write fixed." if newest.type == "fixed" else "Its window ends whenever it is looked at.")
    )
