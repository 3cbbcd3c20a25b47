"""Components and checks, as they are configured and as they are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from trueup.admin import reading
from trueup.admin.reading import ReadOnly
from trueup.config.excerpt import masked_address
from trueup.domain import duration
from trueup.store.models import CheckRevision, Region, SeriesState

_SEALED = "$secret"
_REVISIONS = 50  # of one check, the newest first


class ComponentAdmin(ReadOnly):
    """Components."""

    list_display = ("name", "slug", "down_when", "managed", "archived_at")
    ordering = ("position", "id")
    search_fields = ("slug", "name")
    shown = (
        "name", "slug", "description", "down_when", "managed", "public_id", "uuid", "created_at",
        "archived_at", "all_checks",
    )  # fmt: skip

    @admin.display(description="checks")
    def all_checks(self, row: Any) -> SafeString:
        """Return the slugs of its checks, a line each."""
        return _lines(row.checks.order_by("position", "id")[:200].values_list("slug", flat=True))


class CheckAdmin(ReadOnly):
    """Checks, with what they ask and where they stand."""

    list_display = ("slug", "component_name", "kind", "target", "interval", "counts", "stands", "answered")
    list_select_related = ("component",)
    ordering = ("component__position", "position", "id")
    search_fields = ("slug", "name")
    shown = (
        "name", "slug", "component_name", "stands", "answered", "kind", "target", "interval", "counts",
        "managed", "public_id", "uuid", "created_at", "archived_at", "revisions",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the checks with their newest revision and where their series in the own region stands."""
        newest = CheckRevision.objects.filter(owner=OuterRef("pk")).order_by("-number")
        stands = SeriesState.objects.filter(series__owner=OuterRef("pk")).exclude(
            series__region__slug=Region.VERDICT
        )
        rows: QuerySet[Any] = super().get_queryset(request)
        found: QuerySet[Any] = rows.annotate(
            asked_kind=Subquery(newest.values("kind")[:1]),
            asked_target=Subquery(newest.values("target")[:1]),
            asked_interval_us=Subquery(newest.values("interval_us")[:1]),
            stands_state=Subquery(stands.values("state")[:1]),
            stands_answered_us=Subquery(stands.values("last_answered_us")[:1]),
        )
        return found

    @admin.display(description="component")
    def component_name(self, row: Any) -> str:
        """Return the name of its component."""
        return str(row.component.name)

    @admin.display(description="kind")
    def kind(self, row: Any) -> str:
        """Return the kind of its newest revision."""
        return row.asked_kind or "-"

    @admin.display(description="target")
    def target(self, row: Any) -> str:
        """Return its target, without what looks like a secret."""
        return masked_address(row.asked_target or "-")

    @admin.display(description="interval")
    def interval(self, row: Any) -> str:
        """Return how often it asks."""
        return duration.text(row.asked_interval_us) if row.asked_interval_us else "-"

    @admin.display(description="state")
    def stands(self, row: Any) -> SafeString:
        """Return its state in the ledger."""
        return reading.state(row.stands_state or "unknown")

    @admin.display(description="last answer")
    def answered(self, row: Any) -> str:
        """Return when its newest result was complete."""
        return reading.instant(row.stands_answered_us)

    @admin.display(description="what it asks")
    def revisions(self, row: Any) -> SafeString:
        """Return its revisions, the newest first; secrets are not shown."""
        return _lines(map(_revision, row.revisions.order_by("-number")[:_REVISIONS]))


def _revision(row: CheckRevision) -> str:
    options = ", ".join(f"{name}: {_plain(value)}" for name, value in sorted(row.options.items()))
    parts = (
        f"{row.number}, from {reading.instant(row.valid_from_us)}",
        f"{row.kind} {masked_address(row.target)}",
        f"every {duration.text(row.interval_us)}, time-out {duration.text(row.timeout_us)}",
        f"confirm {row.confirm}, recover {row.recover}",
        *(["expect " + " and ".join(row.expect)] if row.expect else []),
        *([options] if options else []),
    )
    return "; ".join(parts)


def _plain(value: Any) -> Any:
    """Return the value of an option; a secret only by its reference, if that is what it is."""
    if isinstance(value, dict):
        if value.keys() == {_SEALED}:
            source = str(value[_SEALED])
            return source if source.startswith("${") else "***"
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _lines(found: Any) -> SafeString:
    return format_html_join("", "{}<br>", ((each,) for each in found))
