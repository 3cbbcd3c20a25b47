"""What a request for incidents asks for: filters, and where to go on."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.http import QueryDict

from trueup.domain import incident as rules
from trueup.store.read.incident import IncidentRow, Wanted
from trueup.store.read.page import PageRow

FIELDS = ("severity", "status", "component", "since", "until", "limit", "cursor")
MOST, USUAL = 100, 50  # incidents of one answer
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_ID = 2**63 - 1


class FilterError(ValueError):
    """A filter that cannot be understood: its name, why and what to write instead."""

    def __init__(self, field: str, why: str, remedy: str) -> None:
        super().__init__(why)
        self.field, self.why, self.remedy = field, why, remedy


def read(query: QueryDict, page: PageRow) -> tuple[Wanted, int]:
    """Return which incidents of a page are wanted, and how many of them.

    Raises:
        FilterError: A filter is not known, or what it says cannot be understood.
    """
    unknown = next((name for name in query if name not in FIELDS), None)
    if unknown is not None:
        raise FilterError(
            unknown[:100], f"there is no filter {unknown[:100]!r}.", f"Use {', '.join(FIELDS)}."
        )
    wanted = Wanted(
        severities=tuple(_severity(each) for each in query.getlist("severity")),
        statuses=tuple(_status(each) for each in query.getlist("status")),
        components=_components(query.getlist("component"), page),
        since_us=_instant("since", query.get("since")),
        until_us=_instant("until", query.get("until")),
        after=_after(query.get("cursor")),
    )
    if wanted.since_us is not None and wanted.until_us is not None and wanted.until_us <= wanted.since_us:
        raise FilterError("until", "it does not lie after since.", "Write a later instant.")
    return wanted, _limit(query.get("limit"))


def cursor(row: IncidentRow) -> str:
    """Return what to send to go on after an incident."""
    return base64.urlsafe_b64encode(f"{row.started_us}.{row.id}".encode()).decode().rstrip("=")


def _severity(written: str) -> str:
    try:
        return rules.severity(written[:100])
    except rules.IncidentError as error:
        what, _, remedy = str(error).partition(". ")
        raise FilterError("severity", f"{what}.", remedy) from None


def _status(written: str) -> str:
    if written not in rules.STATUSES:
        raise FilterError(
            "status", f"{written[:100]!r} is no status.", f"Write one of {', '.join(rules.STATUSES)}."
        )
    return written


def _components(written: Sequence[str], page: PageRow) -> tuple[int, ...] | None:
    here = {each.slug: each.id for each in page.components}
    if not written:
        return None if page.everything else tuple(here.values())
    missing = next((slug for slug in written if slug not in here), None)
    if missing is not None:
        raise FilterError(
            "component",
            f"no component of this page has the slug {missing[:100]!r}.",
            "Write one that /api/system/uptime/components/ names.",
        )
    return tuple(here[slug] for slug in written)


def _instant(field: str, written: str | None) -> int | None:
    if written is None:
        return None
    try:
        # The + of an offset comes as a blank where nobody has escaped it.
        at = datetime.fromisoformat(written.replace(" ", "+"))
        if len(written) == len("2026-11-01"):
            at = at.replace(tzinfo=UTC)
        if at.tzinfo is not None:
            return (at - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        pass
    raise FilterError(
        field,
        f"{written[:100]!r} is no instant with a time zone.",
        "Write one as 2026-11-01T00:00:00Z, or a day of UTC as 2026-11-01.",
    )


def _limit(written: str | None) -> int:
    if written is None:
        return USUAL
    if not (written.isascii() and written.isdecimal() and len(written) <= 4 and 1 <= int(written) <= MOST):
        raise FilterError("limit", f"{written[:100]!r} is no such number.", f"Write one from 1 to {MOST}.")
    return int(written)


def _after(written: str | None) -> tuple[int, int] | None:
    if written is None:
        return None
    try:
        text = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode("ascii")
        start, _, row = text.partition(".")
        at = _EPOCH + timedelta(microseconds=int(start))
        if 0 < int(row) <= _LONGEST_ID:
            return (at - _EPOCH) // timedelta(microseconds=1), int(row)
    except (ValueError, OverflowError):
        pass
    raise FilterError(
        "cursor", "it is none that was given here.", "Send `next` of the answer before, as it was."
    )
