"""What a contract comes to, from Python; and what people say about outages."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from trueup.public.door import Door
from trueup.public.export import rows_as_text, window
from trueup.public.fault import UptimeError

if TYPE_CHECKING:
    from trueup.figures.sla.book import Book
    from trueup.figures.sla.deal import Contract
    from trueup.figures.sla.figure import Figure

T = TypeVar("T")


class SLACalculator:
    """Reads what a contract comes to: figures, verdict, credit, with the error bars they have.

    It speaks of one contract: the one that is named; else the one marked `default`; else the only one;
    else of the built-in profile, 99.9 % a month over everything that is watched. Nothing happens until
    the first call; then it finds its database as `UptimeMonitor` does.

    Every method raises `UptimeError` where people must mend something first: its sentence says what.

    Args:
        contract: The slug of a contract.
        config: The configuration file; by default what `TRUEUP_CONFIG` says, else `./trueup.yaml`.
        data: The directory of the database; by default what `TRUEUP_DATA` says, else `./data`.
    """

    def __init__(
        self,
        contract: str | None = None,
        *,
        config: str | Path | None = None,
        data: str | Path | None = None,
    ) -> None:
        self._contract = contract
        self._door = Door(config, data)
        self._book: Book | None = None

    def calculate_monthly_sla(self, year: int, month: int) -> dict[str, Any]:
        """Return what a month comes to, or has so far.

        Keys are those of `monthly_sla` in the API: `uptime_percent`, `uptime_tier`, `status` (`met`,
        `at_risk`, `breached` or `no_data`), `downtime_minutes` with `used`, `allowed` and `remaining`,
        `service_credit` in percent of the fee, and more beside. Without data they are None, and `reason`
        says why. Percentages and what remains are cut off, what is used is rounded up.

        Args:
            year: Of the contract's own calendar, in its time zone.
            month: 1 to 12.

        Raises:
            UptimeError: There is no such month, it has not begun, or the contract does not hold in it.
        """
        return self._period(f"{_whole('year', year, 1900, 9990):04d}-{_whole('month', month, 1, 12):02d}")

    def calculate_quarterly_sla(self, year: int, quarter: int) -> dict[str, Any]:
        """Return what a quarter comes to, or has so far, under the same terms; keys as for a month.

        `settles` says whether the contract is settled by it.

        Args:
            year: As for a month.
            quarter: 1 to 4.

        Raises:
            UptimeError: As for a month.
        """
        return self._period(f"{_whole('year', year, 1900, 9990):04d}-Q{_whole('quarter', quarter, 1, 4)}")

    def calculate_annual_sla(self, year: int) -> dict[str, Any]:
        """Return what a year comes to, or has so far, under the same terms; keys as for a month.

        Args:
            year: As for a month.

        Raises:
            UptimeError: As for a month.
        """
        return self._period(f"{_whole('year', year, 1900, 9990):04d}")

    def calculate_uptime_percentage(self, since: datetime | str, until: datetime | str) -> float | None:
        """Return the availability between two instants in percent, cut off; None where nothing is known.

        Args:
            since: From when on, with a time zone or in ISO 8601 with one.
            until: Up to when, this instant not included.

        Raises:
            UptimeError: An instant cannot be understood, or the contract does not hold then.
        """
        start_us, end_us = window(since, until, _now_us())

        def percent(book: Book, contract: Contract) -> float | None:
            found: float | None = _summary(book.between(contract, start_us, end_us))["uptime_percent"]
            return found

        return self._asked(percent)

    def check_sla_breach(self) -> dict[str, Any]:
        """Return how the current window of the contract stands.

        `breached` is true once the promise is broken for good, false while it is kept or can be, None
        where there is no verdict; `message` says it in a sentence. The other keys are those of a month:
        among them `status`, `uptime_tier`, `service_credit` and `credit_amount`.
        """

        def stands(book: Book, contract: Contract) -> dict[str, Any]:
            from trueup.figures.sla.metrics import outside

            found = book.current(contract) if contract.newest.components else None
            if found is None:
                why = outside(contract, book.now_us)
                return {"breached": None, "status": "no_data", "message": why, "reason": why}
            told = _summary(found)
            return {"breached": _breached(told["status"]), "message": _sentence(told), **told}

        return self._asked(stands)

    def create_incident(
        self,
        component: str | Sequence[str],
        severity: str = "P3",
        title: str = "",
        description: str = "",
        *,
        publish: bool = True,
    ) -> dict[str, Any]:
        """Open an incident, and return it; outages of its components that go on belong to it.

        Args:
            component: The slug of a component, or several.
            severity: `P1` (critical), `P2` (high), `P3` (medium) or `P4` (low), or the word.
            title: What people notice; by default the components and the severity.
            description: The first update.
            publish: Whether the public sees it; else it is a draft.

        Raises:
            UptimeError: There is no such component or severity.
        """
        slugs = [component] if isinstance(component, str) else list(component)

        def opened() -> dict[str, Any]:
            from trueup.public import incidents

            return incidents.opened(slugs, severity, title, description, publish=publish)

        return self._opened(opened)

    def close_incident(self, incident: str, message: str = "", root_cause: str = "") -> dict[str, Any]:
        """Resolve an incident, and return it.

        Args:
            incident: Its id, as `create_incident` returned it.
            message: The last update.
            root_cause: What it was, for those inside.

        Raises:
            UptimeError: There is no such incident, or it cannot be resolved from where it stands.
        """

        def closed() -> dict[str, Any]:
            from trueup.public import incidents

            return incidents.closed(incident, message, root_cause)

        return self._opened(closed)

    def get_incidents(self, *, open_only: bool = False) -> list[dict[str, Any]]:
        """Return the incidents, newest first, drafts too.

        Each has `id`, `title`, `severity`, `status`, `components`, `started_at`, `resolved_at`,
        `duration_minutes` (None while it goes on), `root_cause` and `updates`.
        """

        def every() -> list[dict[str, Any]]:
            from trueup.public import incidents

            return incidents.every(open_only=open_only)

        return self._opened(every)

    def export(self, format: str = "json", months: int = 12) -> str:  # noqa: A002 (the name that callers write)
        """Return the months up to now as text, newest first: `json` (an array), `jsonl` or `csv`.

        Args:
            format: `json`, `jsonl` or `csv`.
            months: How many, the current one counted.

        Raises:
            UptimeError: The format is not known, or there are no such months.
        """
        most = _whole("months", months, 1, 1_200)

        def text(book: Book, contract: Contract) -> str:
            now = book.period(contract, "month") if contract.newest.components else None
            figures = [] if now is None else [now, *book.past(now, "month", most - 1)]
            return rows_as_text([_flat(_summary(each)) for each in figures], format)

        return self._asked(text)

    def export_incidents(self, format: str = "json") -> str:  # noqa: A002 (as for export)
        """Return every incident as text: `json` (an array), `jsonl` or `csv`, newest first.

        Args:
            format: `json`, `jsonl` or `csv`.

        Raises:
            UptimeError: The format is not known.
        """
        return rows_as_text([_flat(each) for each in self.get_incidents()], format)

    def _period(self, label: str) -> dict[str, Any]:
        def period(book: Book, contract: Contract) -> dict[str, Any]:
            parts = [_summary(each) for each in book.named(contract, label)]
            return {**parts[-1], "parts": parts} if len(parts) > 1 else parts[-1]

        return self._asked(period)

    def _asked(self, work: Callable[[Book, Contract], T]) -> T:
        """Ask the book of now; only one thread works on it."""

        def asked() -> T:
            with self._door.one:
                self._door.open()
                from trueup.figures.sla.book import Book, now

                self._book = self._book or Book()
                self._book.turn(*now(_now_us()))
                return work(self._book, self._book.contract(self._contract))

        return self._door.apart(asked)

    def _opened(self, work: Callable[[], T]) -> T:
        def opened() -> T:
            self._door.open()
            return work()

        return self._door.apart(opened)


def _summary(figure: Figure) -> dict[str, Any]:
    from trueup.figures.sla.summary import summary

    return summary(figure, money=True)


def _breached(status: str) -> bool | None:
    return None if status == "no_data" else status == "breached"


def _sentence(told: dict[str, Any]) -> str:
    window, percent, target = told["period"], told["uptime_percent"], told["sla_target"]
    if told["status"] == "no_data":
        return str(told["reason"])
    so_far = f"{percent} % in {window}, {target} % are promised"
    if told["status"] == "breached":
        return f"Broken: {so_far}; the credit is {told['service_credit']} %."
    if told["status"] == "at_risk":
        left = told["downtime_minutes"]["remaining"]
        return f"Below the objective so far: {so_far}; {left} min may still be lost by the end."
    return f"Kept: {so_far}."


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose inner objects are columns of their own: ``downtime_minutes_used``."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {f"{name}_{inner}": each for inner, each in value.items()}
        else:
            found[name] = value
    return found


def _whole(name: str, value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise UptimeError(f"{name} {value!r} is none. Write a whole number from {least} to {most}.")
    return value


def _now_us() -> int:
    return time.time_ns() // 1000
