"""The ledger and its evidence."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from trueup.admin import reading
from trueup.admin.reading import OfSeries
from trueup.domain import text
from trueup.store.read.entries import EDGES


class LedgerAdmin(OfSeries):
    """The entries of the ledger: in which state every series was, and how it is known."""

    list_display = ("start", "end", "of_check", "region", "stood", "lasted", "why", "superseded")
    shown = (
        "of_check",
        "region",
        "stood",
        "start",
        "end",
        "lasted",
        "cause",
        "why",
        "edges",
        "recorded",
        "superseded",
    )

    @admin.display(description="state")
    def stood(self, row: Any) -> SafeString:
        """Return the state."""
        return reading.state(row.state)

    @admin.display(description="start")
    def start(self, row: Any) -> str:
        """Return when it began."""
        return reading.instant(row.start_us)

    @admin.display(description="end")
    def end(self, row: Any) -> str:
        """Return when it ended."""
        return "open" if row.end_us is None else reading.instant(row.end_us)

    @admin.display(description="length")
    def lasted(self, row: Any) -> str:
        """Return how long it lasted."""
        return "-" if row.end_us is None else text.duration(row.end_us - row.start_us)

    @admin.display(description="why")
    def why(self, row: Any) -> str:
        """Return the sentence of its first probe."""
        return reading.sentence(row.text)

    @admin.display(description="probes at its edges")
    def edges(self, row: Any) -> str:
        """Return when the probes at its edges were asked."""
        asked = ((name, getattr(row, f"{name}_asked_us")) for name in EDGES)
        return ", ".join(f"{name} {reading.instant(at_us)}" for name, at_us in asked if at_us) or "-"

    @admin.display(description="recorded")
    def recorded(self, row: Any) -> str:
        """Return when it was written."""
        return reading.instant(row.recorded_us)

    @admin.display(description="superseded")
    def superseded(self, row: Any) -> str:
        """Return when another entry took its place."""
        return reading.instant(row.superseded_us)


class EvidenceAdmin(OfSeries):
    """What was seen at the edges of outages, degraded spans and blips."""

    list_display = ("asked", "of_check", "role", "stood", "cause", "status", "took", "address", "why")
    shown = (
        "of_check", "region", "role", "number", "asked", "took", "stood", "cause", "status", "address", "why",
        "spent", "served", "body_sha256", "body",
    )  # fmt: skip

    @admin.display(description="asked")
    def asked(self, row: Any) -> str:
        """Return when it was asked."""
        return reading.instant(row.asked_us)

    @admin.display(description="took")
    def took(self, row: Any) -> str:
        """Return how long it took."""
        return text.duration(row.duration_us)

    @admin.display(description="state")
    def stood(self, row: Any) -> SafeString:
        """Return the state."""
        return reading.state(row.state)

    @admin.display(description="why")
    def why(self, row: Any) -> str:
        """Return the sentence."""
        return reading.sentence(row.text)

    @admin.display(description="phases")
    def spent(self, row: Any) -> str:
        """Return where the time went."""
        known = ((name.removesuffix("_us"), us) for name, us in row.phases.items() if us is not None)
        return ", ".join(f"{name} {text.duration(us)}" for name, us in known) or "-"

    @admin.display(description="certificate")
    def served(self, row: Any) -> str:
        """Return the certificate that was served."""
        return json.dumps(row.certificate, ensure_ascii=False) if row.certificate else "-"

    @admin.display(description="begin of the body")
    def body(self, row: Any) -> str:
        """Return what was kept of the body; what is no text is escaped."""
        return bytes(row.body_head).decode("utf-8", "backslashreplace") or "-"
