"""One line of CSV for billing, the same bytes on every machine."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from trueup.reports.canonical import Document

COLUMNS = (
    "statement_id", "revision", "contract", "party", "period", "uptime_exact", "uptime_percent", "outcome",
    "credit_percent", "fee", "currency", "credit_amount", "hash", "key_id",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@")  # how a cell begins that a spreadsheet computes


def write_csv(files: Iterable[Document]) -> str:
    """Return statements as CSV (RFC 4180), a line each; what does not apply is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(map(_row, files))
    return out.getvalue()


def _row(file: Document) -> dict[str, str | None]:
    statement = file["statement"]
    contract, result = statement["contract"], statement["result"]
    party = contract["provider" if contract["direction"] == "supplier" else "customer"] or {}
    return {
        "statement_id": statement["id"],
        "revision": statement["revision"],
        "contract": contract["slug"],
        "party": _inert(party.get("name")),
        "period": statement["period"],
        **{key: result.get(key) for key in ("uptime_exact", "uptime_percent", "outcome", "credit_percent")},
        "fee": contract["fee"],
        "currency": contract["currency"],
        "credit_amount": result.get("credit_amount"),
        "hash": file["hash"],
        "key_id": statement["key_id"],
    }


def _inert(words: str | None) -> str | None:
    """Return words that no spreadsheet takes for a formula: an apostrophe before those that begin as one."""
    return f"'{words}" if words and words.lstrip().startswith(_FORMULA) else words
