"""What a contract would have come to over a history from elsewhere: rows of component, start, end, state."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from trueup.domain import calendar, versions
from trueup.domain import terms as words
from trueup.domain.interval import Span
from trueup.domain.node import DocumentError, Node
from trueup.domain.result import State
from trueup.domain.sla import Case, Part, Record, Timeline
from trueup.domain.text import instant
from trueup.figures.sla import window
from trueup.figures.sla.case import Gathered
from trueup.figures.sla.deal import Contract
from trueup.figures.sla.fault import WindowError
from trueup.figures.sla.figure import Figure, figure

COLUMNS = ("component", "start", "end", "state")
_MOST = 20  # faults that are told


class HistoryError(ValueError):
    """A history that cannot be used, with every fault in its line."""


@dataclass(frozen=True, slots=True)
class History:
    """What components were, by their names in the file, and the time from the first instant to the last."""

    records: Mapping[str, tuple[Record, ...]]
    span: Span


def read(text: str) -> History:
    """Return the history that a CSV holds; rows may overlap, and come in any order.

    An empty end means that it goes on. Where states overlap, down counts before degraded, up, paused and
    unknown.

    Raises:
        HistoryError: Something in it cannot be used; each fault with its line.
    """
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: dict[str, list[Record]] = {}
    faults: list[str] = []
    try:
        header = [each.strip().lower() for each in next(rows, [])]
        _check_header(header)
        for row in rows:
            if any(each.strip() for each in row):
                try:
                    component, record = _record(dict(zip(header, row, strict=True)))
                    found.setdefault(component, []).append(record)
                except ValueError as error:
                    faults.append(f"line {rows.line_num}: {_sentence(error, len(row), len(header))}")
    except csv.Error as error:
        faults.append(f"line {rows.line_num}: it is no CSV ({error}). Check its quotes.")
    if faults:
        more = f"\n... and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
        raise HistoryError("\n".join(faults[:_MOST]) + more)
    if not found:
        raise HistoryError("there is no row below the heading. Write one for each outage.")
    return History({name: tuple(each) for name, each in found.items()}, _span(found))


def components_of(history: History, contract: Contract) -> None:
    """Refuse a history that names components which the contract does not have.

    Raises:
        HistoryError: It does.
    """
    known = contract.newest.components
    for name in history.records:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"It has {', '.join(known)}."
            raise HistoryError(f"component {name!r} is not in the contract {contract.slug}. {hint}")


def backtest(
    history: History, contract: Contract, otherwise: State, until_us: int | None = None
) -> list[Figure]:
    """Return what each window came to that the history reaches into, in order.

    Args:
        history: What was.
        contract: Under which terms.
        otherwise: What a component was where nothing is written.
        until_us: Where the history ends, within its last window; by default that window is over.

    Raises:
        WindowError: The contract has no windows in that time.
        CaseError: The components do not fit the terms.
    """
    within = history.span if until_us is None else Span(history.span.start_us, until_us)
    if until_us is not None and until_us <= history.span.start_us:
        raise WindowError(
            f"{instant(until_us)} is no later than the history, which begins at "
            f"{instant(history.span.start_us)}. Write a later --until."
        )
    found = list(versions.windows(contract.versions, within, contract.until_us))
    if not found:
        raise WindowError(
            f"{contract.slug} has no window in the history. A rolling one ends whenever it is looked at: "
            "write a calendar one."
        )
    own = contract.newest
    parts = tuple(
        Part(name, (Timeline(history.records.get(name, ())),), default_state=otherwise)
        for name in own.components
    )
    figures = []
    for ruled in found:
        looked = window.own(ruled)
        hours = own.terms.schedule
        open_window = until_us is not None and until_us < looked.span.end_us
        case = Case(
            terms=own.terms,
            window=looked.spans,
            components=parts,
            schedule=None if hours is None else calendar.schedule(hours, looked.span),
            as_of_us=until_us if open_window else None,
            fee=own.fee,
            period=looked.period,
        )
        figures.append(figure(Gathered(contract, own, looked, case, {}, {}, (), ())))
    return figures


def profile(history: History, timezone: str) -> Mapping[str, Any]:
    """Return the expanded document of the built-in profile over everything in a history."""
    document = {
        **words.DEFAULTS,
        "window": {"type": "calendar", "period": "month", "timezone": timezone},
        "aggregation": {"type": "any"},
    }
    return {"terms": document, "components": list(history.records), "settle_seconds": 86_400}


def _check_header(header: list[str]) -> None:
    if sorted(header) != sorted(COLUMNS):
        shown = ", ".join(header)[:100] or "nothing"
        raise HistoryError(f"line 1: the heading is {shown}. Write {','.join(COLUMNS)}.")


def _record(row: Mapping[str, str]) -> tuple[str, Record]:
    component, state = row["component"].strip(), row["state"].strip().lower()
    if not component:
        raise DocumentError((), "it names no component. Write its slug.")
    if state not in set(State):
        near = get_close_matches(state, list(State), 1)
        hint = f"Did you mean {near[0]}?" if near else f"Write one of {', '.join(State)}."
        raise DocumentError((), f"{state[:40]!r} is no state. {hint}")
    start_us = Node(row["start"].strip()).instant_us()
    end_us = Node(row["end"].strip()).instant_us() if row["end"].strip() else None
    if end_us is not None and end_us < start_us:
        raise DocumentError((), f"it ends at {row['end']}, before it starts at {row['start']}. Swap them.")
    if end_us == start_us:
        raise DocumentError(
            (), f"it ends when it starts, at {row['end']}. Write a later end, or leave it out."
        )
    return component, Record(State(state), start_us, end_us)


def _sentence(error: ValueError, cells: int, wanted: int) -> str:
    if isinstance(error, DocumentError):
        return error.message
    return f"it has {cells} cells where the heading has {wanted}. Write {','.join(COLUMNS)}."


def _span(found: Mapping[str, list[Record]]) -> Span:
    instants = list(_instants(found))
    return Span(min(instants), max(*instants, min(instants) + 1))


def _instants(found: Mapping[str, list[Record]]) -> Iterator[int]:
    for records in found.values():
        for record in records:
            yield record.start_us
            if record.end_us is not None:
                yield record.end_us
