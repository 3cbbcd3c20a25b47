"""All that one transaction of the centre will write, gathered series by series, written set-wise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from trueup.domain.result import Detail, FailureClass, Result, State
from trueup.domain.state import Blip, Change
from trueup.domain.text import Text
from trueup.domain.timeline import Probed
from trueup.store import standing
from trueup.store.rows import Row, Table
from trueup.store.standing import NO_PROBE, Standing
from trueup.store.words import as_json

_NO_DETAIL = Detail()
_OPEN_END: tuple[int | None, ...] = (None, *NO_PROBE, *NO_PROBE)
Failpoint = Callable[[str], None]  # told the name of each statement, before and after it
Rest = Callable[[], None]  # called within long work: others in this process may have their turn

_OPEN = "t.end_us IS NULL AND t.superseded_us IS NULL"
_EDGES = {f"{which}_{what}_us": "bigint" for which in ("before", "first") for what in ("asked", "answered")}
_ENDING = {f"{which}_{what}_us": "bigint" for which in ("last", "after") for what in ("asked", "answered")}

_ENTRY = {"series_id": "bigint", "state": "text", "start_us": "bigint", "end_us": "bigint", "cause": "text"}
ENTRIES = Table(
    "trueup_ledgerentry",
    {**_ENTRY, "text": "jsonb", **_EDGES, **_ENDING, "recorded_us": "bigint", "closed_us": "bigint"},
)
CLOSING = Table(
    "trueup_ledgerentry", {"end_us": "bigint", **_ENDING, "closed_us": "bigint", "series_id": "bigint"}
)
EMPTIED = Table("trueup_ledgerentry", {"superseded_us": "bigint", "series_id": "bigint"})
SUPERSEDED = Table("trueup_ledgerentry", {"superseded_us": "bigint", "id": "bigint"})
BLIPS = Table(
    "trueup_blip",
    {
        "series_id": "bigint",
        "state": "text",
        "cause": "text",
        **_EDGES,
        **_ENDING,
        "probes": "integer",
        "recorded_us": "bigint",
    },
)
SUPERSEDED_BLIPS = Table("trueup_blip", {"superseded_us": "bigint", "id": "bigint"})
EVIDENCE = Table(
    "trueup_evidence",
    {
        "series_id": "bigint",
        "run_us": "bigint",
        "role": "text",
        "number": "integer",
        "asked_us": "bigint",
        "duration_us": "bigint",
        "state": "text",
        "cause": "text",
        "status": "integer",
        "phases": "jsonb",
        "address": "text",
        "text": "jsonb",
        "certificate": "jsonb",
        "body_sha256": "text",
        "body_head": "bytea",
        "picture": "bytea",
    },
)
OUTLIVED = Table("trueup_evidence", {"series_id": "bigint", "run_us": "bigint", "number": "integer"})
EVENTS = Table(
    "trueup_event",
    {
        "key": "text",
        "kind": "text",
        "at_us": "bigint",
        "recorded_us": "bigint",
        "subject": "text",
        "payload": "jsonb",
    },
)


@dataclass(frozen=True, slots=True)
class Span:
    """One entry as it is to be written."""

    state: State
    start_us: int
    end_us: int | None
    cause: FailureClass | None
    text: str | None  # as its column holds it
    before: Probed | None
    first: Probed | None
    last: Probed | None
    after: Probed | None


class Draft:
    """Gathers what a transaction writes; ``write`` writes it in one order, statement by statement.

    Args:
        now_us: When it is recorded.
        rest: Called now and then while it works.
    """

    def __init__(self, now_us: int, rest: Rest = lambda: None) -> None:
        self.now_us = now_us
        self.rest = rest
        self._standings: list[Row] = []
        self._changes: dict[tuple[int, ...], tuple[int, list[Change]]] = {}
        self._spans: list[Row] = []
        self._superseded: list[Row] = []
        self._blips: list[Row] = []
        self._superseded_blips: list[Row] = []
        self._evidence: list[Row] = []
        self._outlived: list[Row] = []
        self._events: list[Row] = []
        self._texts: dict[int, tuple[Text, str]] = {}

    def standing(self, series: int, standing_: Standing, patience_us: int) -> None:
        """Rewrite the row of a series; once a draft."""
        self._standings.append(standing.row(series, standing_, patience_us))

    def changes(self, series: tuple[int, ...], since_us: int, changes: Iterable[Change]) -> None:
        """Close the open entry of a series, which began at ``since_us``, and go on with its changes.

        Several series, always the same ones together, if their ledgers say the same.
        """
        _, gathered = self._changes.setdefault(series, (since_us, []))
        gathered.extend(changes)

    def span(self, series: int, span: Span) -> None:
        """Insert one entry as it is."""
        closed_us = None if span.end_us is None else self.now_us
        self._spans.append(_span_row(series, span, self.now_us, closed_us))

    def supersede(self, entries: Iterable[int], blips: Iterable[int] = ()) -> None:
        """Put entries and blips, by id, out of force."""
        self._superseded.extend((self.now_us, entry) for entry in entries)
        self._superseded_blips.extend((self.now_us, blip) for blip in blips)

    def blip(self, series: int, blip: Blip) -> None:
        """Insert one blip."""
        edges = (*(blip.before or NO_PROBE), *blip.first, *blip.last, *(blip.after or NO_PROBE))
        cause = blip.cause.value if blip.cause else ""
        self._blips.append((series, blip.state.value, cause, *edges, blip.probes, self.now_us))

    def evidence(self, series: int, run_us: int, role: str, number: int, result: Result) -> None:
        """Keep one result of a run; a second of the same role and number is left out."""
        self._evidence.append((series, run_us, role, number, *self._seen(result)))

    def outlive(self, series: int, run_us: int, number: int) -> None:
        """Let one result of a run go, where it was kept only as one of the last."""
        self._outlived.append((series, run_us, number))

    def event(self, kind: str, key: str, at_us: int, subject: str, payload: Mapping[str, Any]) -> None:
        """Note that something happened; the same key is noted once, ever."""
        self._events.append((key, kind, at_us, self.now_us, subject, as_json(payload)))

    def write(self, failpoint: Failpoint) -> None:
        """Write all of it, inside the transaction of the caller."""
        closing, emptied, spans = self._written_changes()
        statements: tuple[tuple[str, Callable[..., None], list[Row], dict[str, Any]], ...] = (
            ("standings", standing.TABLE.update, self._standings, {}),
            ("closing", CLOSING.update, closing, {"where": _OPEN}),
            ("emptied", EMPTIED.update, emptied, {"where": _OPEN}),
            ("superseded", SUPERSEDED.update, self._superseded, {}),
            ("entries", ENTRIES.insert, spans, {}),
            ("superseded blips", SUPERSEDED_BLIPS.update, self._superseded_blips, {}),
            ("blips", BLIPS.insert, self._blips, {}),
            ("evidence", EVIDENCE.insert, self._evidence, {"ignore": True}),
            ("outlived", OUTLIVED.delete, self._outlived, {"where": "t.role = 'recent'"}),
            ("events", EVENTS.insert, self._events, {"ignore": True}),
        )
        with connection.cursor() as cursor:
            for name, act, rows, options in statements:
                if rows:
                    failpoint(f"before {name}")
                    act(cursor, rows, **options)
                    failpoint(f"after {name}")

    def _seen(self, result: Result) -> tuple[Any, ...]:
        """Return the columns of an evidence row that come from its result."""
        detail = result.detail or _NO_DETAIL
        cause = result.cause
        return (
            result.asked_us,
            result.duration_us,
            str(result.state),
            "" if cause is None else str(cause),
            result.status,
            as_json(result.phases),
            detail.address,
            self._text(detail.text),
            None if detail.certificate is None else as_json(detail.certificate),
            detail.body_sha256,
            detail.body_head,
            detail.picture or None,
        )

    def _written_changes(self) -> tuple[list[Row], list[Row], list[Row]]:
        """Return the rows that close open entries, that take away empty ones, and the new entries."""
        now_us = self.now_us
        closing: list[Row] = []
        emptied: list[Row] = []
        spans = list(self._spans)
        for together, (since_us, changes) in self._changes.items():
            self.rest()
            first = changes[0]
            if first.start_us > since_us:
                ending = _ending(first)
                closing += [(*ending, now_us, series) for series in together]
            else:
                emptied += [(now_us, series) for series in together]  # it lasted no time at all
            for change, after in zip(changes, (*changes[1:], None), strict=True):
                if after is None or after.start_us > change.start_us:
                    entry = self._entry(change, after)
                    spans += [(series, *entry) for series in together]
        return closing, emptied, spans

    def _entry(self, change: Change, after: Change | None) -> tuple[Any, ...]:
        """Return an entry's columns but the first: from one change to the one after it."""
        end_us, *ending = _OPEN_END if after is None else _ending(after)
        cause = change.cause
        return (
            str(change.state),
            change.start_us,
            end_us,
            "" if cause is None else str(cause),
            self._text(change.text),
            *(change.before or NO_PROBE),
            *(change.first or NO_PROBE),
            *ending,
            self.now_us,
            None if after is None else self.now_us,
        )

    def _text(self, text: Text | None) -> str | None:
        """Return a sentence as JSON; the same one is in several rows."""
        if text is None:
            return None
        found = self._texts.get(id(text))
        if found is None:
            found = (text, as_json(text))  # held, so that its id stays its own
            self._texts[id(text)] = found
        return found[1]


def _ending(after: Change) -> tuple[int | None, ...]:
    """Return end, last and after of the entry that a change ends."""
    return (after.start_us, *(after.before or NO_PROBE), *(after.first or NO_PROBE))


def _span_row(series: int, span: Span, now_us: int, closed_us: int | None) -> Row:
    return (
        series,
        span.state.value,
        span.start_us,
        span.end_us,
        span.cause.value if span.cause else "",
        span.text,
        *(span.before or NO_PROBE),
        *(span.first or NO_PROBE),
        *(span.last or NO_PROBE),
        *(span.after or NO_PROBE),
        now_us,
        closed_us,
    )
