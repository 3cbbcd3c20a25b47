"""Pages of the admin that only show, whose cost does not grow with the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trueup.domain import text
from trueup.store.models import Series

_COUNTED = 10_000  # rows; nobody turns so many pages
_SERIES = 1_000  # that one search may mean
_COLOURS = {"up": "#3f8f5f", "degraded": "#b7791f", "down": "#c0392b"}

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Model]
    _Pages = Paginator[Any]
else:
    _Admin, _Pages = admin.ModelAdmin, Paginator


class BoundedPaginator(_Pages):
    """Counts no more rows than anybody looks at."""

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, or the limit where there are more."""
        rows = self.object_list
        return rows[:_COUNTED].count() if isinstance(rows, QuerySet) else len(rows)


class ReadOnly(_Admin):
    """Shows, newest first; ``shown`` names what the page of one row shows."""

    shown: tuple[str, ...] = ()
    ordering: ClassVar[Any] = ("-id",)
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    sortable_by: ClassVar[Any] = ()  # a column without an index would be sorted by reading all of it
    actions = None
    view_on_site = False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Return what the page of one row shows."""
        return self.shown

    def get_readonly_fields(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Model | None = None,  # noqa: ARG002
    ) -> tuple[str, ...]:
        """Return the same: nothing can be written."""
        return self.shown

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Return that nobody may add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Return that nobody may change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Return that nobody may delete."""
        return False


class OfSeries(ReadOnly):
    """Rows of series: found by the slug of their check, through the index that they have."""

    list_select_related = ("series__owner", "series__region")
    search_fields = ("series",)  # so that the field is there; what it means stands below
    search_help_text = "The slug of a check, or a part of it"

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows of the checks whose slug holds what was written."""
        if not search_term.strip():
            return queryset, False
        series = Series.objects.filter(owner__slug__icontains=search_term.strip())[:_SERIES]
        return queryset.filter(series__in=list(series.values_list("id", flat=True))), False

    @admin.display(description="check")
    def of_check(self, row: Any) -> str:
        """Return the slug of the check."""
        return str(row.series.owner.slug)

    @admin.display(description="region")
    def region(self, row: Any) -> str:
        """Return the slug of the region."""
        return str(row.series.region.slug)


def instant(at_us: int | None) -> str:
    """Return an instant as people and programs read it, a dash without one."""
    return "-" if at_us is None else text.instant(at_us)


def state(name: str) -> SafeString:
    """Return a state with its colour."""
    return format_html('<span style="color:{}">&#9679;</span> {}', _COLOURS.get(name, "#7a7f87"), name)


def sentence(stored: Mapping[str, Any] | None) -> str:
    """Return a stored sentence in words."""
    return text.render(text.from_json(stored)) if stored else "-"
