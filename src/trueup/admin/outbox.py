"""What happened: the events that alerts are made of."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin

from trueup.admin import reading
from trueup.admin.reading import ReadOnly


class EventAdmin(ReadOnly):
    """Events."""

    list_display = ("at", "kind", "subject", "told")
    search_fields = ("=subject",)
    search_help_text = "The whole subject, such as check:abc123def456"
    shown = ("kind", "subject", "at", "recorded", "told", "key", "content")

    @admin.display(description="at")
    def at(self, row: Any) -> str:
        """Return the instant of its cause."""
        return reading.instant(row.at_us)

    @admin.display(description="recorded")
    def recorded(self, row: Any) -> str:
        """Return when it was written."""
        return reading.instant(row.recorded_us)

    @admin.display(description="routed")
    def told(self, row: Any) -> str:
        """Return when it was routed."""
        return reading.instant(row.routed_us)

    @admin.display(description="content")
    def content(self, row: Any) -> str:
        """Return what it says."""
        return json.dumps(row.payload, ensure_ascii=False)
