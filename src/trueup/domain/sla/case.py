"""All that a figure of a contract is made of: nothing else enters it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from trueup.domain.interval import Span, Spans
from trueup.domain.result import State
from trueup.domain.terms import Terms
from trueup.domain.timeline import Timeline

LINE = Span(-(10**18), 10**18)  # all of time: an outage is measured whole, also outside the window


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned work, microseconds UTC; without ``announced_us`` it passes only where no notice is asked."""

    start_us: int
    end_us: int
    announced_us: int | None = None
    cancelled: bool = False
    id: str = ""

    def admitted(self, notice_us: int) -> bool:
        """Return whether it was announced early enough, and not called off."""
        if self.cancelled:
            return False
        early_us = None if self.announced_us is None else self.start_us - self.announced_us
        return notice_us == 0 or (early_us is not None and early_us >= notice_us)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Time that a contract does not hold against anybody, once it is approved; microseconds UTC."""

    start_us: int
    end_us: int
    approved: bool = True
    reason: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A component with the checks that count; a check has no voice while it is paused or not there.

    ``down_when`` is ``any``, ``all`` or a number. ``default_state`` holds where a check has no record.
    ``check_ids`` name the checks in traces, in their order.
    """

    id: str
    checks: tuple[Timeline, ...]
    down_when: str = "any"
    default_state: State = State.UNKNOWN
    maintenance: tuple[Maintenance, ...] = ()
    check_ids: tuple[str, ...] = ()

    def check_id(self, position: int) -> str:
        """Return the name of a check."""
        return self.check_ids[position] if position < len(self.check_ids) else ""


@dataclass(frozen=True, slots=True)
class Case:
    """One contract over one window.

    The window and the business hours are instants already; a window of a few odd zones has gaps and is
    given as ``Spans``. Without ``as_of_us`` the window is closed; with it, what comes later is not known.
    """

    terms: Terms
    window: Span | Spans
    components: tuple[Part, ...]
    maintenance: tuple[Maintenance, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    schedule: Spans | None = None  # None: around the clock
    as_of_us: int | None = None
    contract_from_us: int | None = None
    contract_to_us: int | None = None
    fee: Fraction | None = None
    period: str | None = None

    @property
    def spans(self) -> Spans:
        """Return the part of the window in which the contract holds."""
        window = Spans([self.window]) if isinstance(self.window, Span) else self.window
        start_us = LINE.start_us if self.contract_from_us is None else self.contract_from_us
        end_us = LINE.end_us if self.contract_to_us is None else self.contract_to_us
        return window.clip(Span(start_us, end_us))

    @property
    def known(self) -> Span:
        """Return the time of which anything is known: all of it, or what is before ``as_of_us``."""
        return LINE if self.as_of_us is None else Span(LINE.start_us, self.as_of_us)
