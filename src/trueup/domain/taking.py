"""From when on a changed contract holds: never inside a closed window, by default from the next one on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trueup.domain import calendar
from trueup.domain.interval import Span
from trueup.domain.terms import Window
from trueup.domain.versions import Version, around, day, version_at

_SEARCHED_US = 800 * calendar.DAY_US  # a common start of two calendars lies within two years, or never


class TakingError(ValueError):
    """A change that cannot hold from then on: what, why and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A changed contract: its window, and what the file says of when it is to hold.

    ``from_us`` is ``effective``, ``begins_us`` is ``contract_from``; both microseconds UTC.
    """

    window: Window
    fixed: Span | None = None
    from_us: int | None = None
    begins_us: int | None = None
    split: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """When a version takes effect, and the numbers of those that it replaces before they did."""

    valid_from_us: int
    replaces: tuple[int, ...] = ()


def first(wanted: Wanted, applied_us: int, watched_us: int) -> Taking:
    """Return when the first version of a contract takes effect.

    From ``effective`` or ``contract_from`` on, where one is written. Else from the start of the window in
    which it was first applied, or from when on all its components are watched, whichever is later: time
    before is neither kept nor broken.
    """
    explicit = wanted.from_us if wanted.from_us is not None else wanted.begins_us
    if explicit is not None:
        return Taking(explicit)
    if wanted.window.type == "fixed" and wanted.fixed is not None:
        return Taking(wanted.fixed.start_us)
    window = around(wanted.window, applied_us)
    start_us = applied_us if window is None else window[1].start_us
    return Taking(max(start_us, min(watched_us, applied_us)))


def change(held: Sequence[Version], wanted: Wanted, now_us: int) -> Taking:
    """Return when a changed contract takes effect.

    Args:
        held: The versions that hold or will, in the order of their instants; at least one.
        wanted: The change.
        now_us: When it is applied, microseconds UTC.

    Raises:
        TakingError: It would rewrite a closed window, or begin inside one without ``split``.
    """
    current = version_at(held, now_us)
    if current is None:  # nothing holds yet: the whole contract is still to come
        begins = wanted.from_us if wanted.from_us is not None else wanted.begins_us
        since_us = held[0].valid_from_us if begins is None else begins
        return Taking(since_us, tuple(each.number for each in held))
    at_us = (
        _asked(current, held[0], wanted, wanted.from_us, now_us)
        if wanted.from_us is not None
        else _next(current, wanted, now_us)
    )
    replaced = [each for each in held if each.valid_from_us > now_us or each.valid_from_us >= at_us]
    return Taking(at_us, tuple(each.number for each in replaced))


def _next(current: Version, wanted: Wanted, now_us: int) -> int:
    """Return the next instant at which a window begins, by what holds and by what is wanted."""
    old, new = current.window, wanted.window
    if old.type == "rolling" and new.type == "rolling":
        return now_us
    if old.type == "fixed":
        raise TakingError(_over(current, now_us))
    if new.type == "fixed" and wanted.fixed is not None:
        return max(wanted.fixed.start_us, now_us)
    if new.type == "rolling":
        return next(_starts(old, now_us))
    if old.type == "rolling" or old == new:
        return next(_starts(new, now_us))
    shared = sorted(set(_starts(old, now_us)) & set(_starts(new, now_us)))
    if not shared:
        raise TakingError(
            f"a {new.period} of {new.timezone} never begins with a {old.period} of {old.timezone}: "
            "write effective: with the day from which it holds, and split: true"
        )
    return shared[0]


def _over(current: Version, now_us: int) -> str:
    if current.fixed is not None and current.fixed.end_us <= now_us:
        return "its one window is closed, and a closed window is never rewritten: write a new contract"
    return (
        "its one window has begun, and a change would hold inside it: write effective: with a day, "
        "and split: true, which makes two windows of it; or write a new contract"
    )


def _asked(current: Version, oldest: Version, wanted: Wanted, at_us: int, now_us: int) -> int:
    """Return the instant that was written, if a version may begin there."""
    zone = wanted.window.timezone or current.window.timezone
    open_window = around(current.window, now_us, current.fixed)
    if current.window.type == "fixed" and open_window is None:
        raise TakingError(_over(current, now_us))
    open_us = now_us if open_window is None else open_window[1].start_us
    if current is not oldest:  # what was split off before it is closed, too
        open_us = max(open_us, current.valid_from_us)
    if at_us < open_us:
        raise TakingError(
            f"effective {day(at_us, zone)} lies in what is closed: what may still change begins on "
            f"{day(open_us, zone)}. Write that day or a later one, or leave effective out"
        )
    at_us = max(at_us, oldest.valid_from_us)
    if at_us == oldest.valid_from_us or wanted.split:
        return at_us
    for window, fixed in ((current.window, current.fixed), (wanted.window, wanted.fixed)):
        inside = around(window, at_us, fixed)
        if inside is not None and inside[1].start_us != at_us:
            label, span = inside
            days = [day(each, zone) for each in (span.start_us, span.end_us) if each >= open_us]
            raise TakingError(
                f"effective {day(at_us, zone)} lies inside the window {label}: write "
                f"{' or '.join(days)}, where one begins, or split: true, which makes two windows of it"
            )
    return at_us


def _starts(window: Window, from_us: int) -> Iterator[int]:
    """Yield the starts of a calendar's windows from an instant on, for two years."""
    within = Span(from_us, from_us + _SEARCHED_US)
    for each in calendar.windows(window.period, window.timezone, within):
        start_us = each.spans.pairs[0][0]
        if start_us >= from_us:
            yield start_us
