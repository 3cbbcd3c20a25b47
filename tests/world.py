"""A small world in the database: a site, its components, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction

from trueup.domain.result import State
from trueup.store.models import (
    Blip,
    Check,
    CheckRevision,
    Component,
    ConfigRevision,
    LedgerEntry,
    Region,
    Series,
    SeriesState,
    Site,
    Vital,
)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
INTERVAL = MINUTE
LATENCY = 143_200

Span = tuple[State, int, int | None]


def at(text: str) -> int:
    """Return an instant of UTC in microseconds: ``2026-11-23 14:32:05``."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * SECOND)


class World:
    """Writes rows as configuration and the engine would; every check has one region."""

    def __init__(self, now_us: int, name: str = "THE BOT", timezone: str = "UTC") -> None:
        self.now_us = now_us
        self.edge_us = INTERVAL  # how long before its end a state was probed last
        self._at = datetime.fromtimestamp(now_us / SECOND, UTC)
        self._regions = [self._region(Region.LOCAL), self._region(Region.VERDICT)]
        Site.objects.update_or_create(id=1, defaults={"name": name, "timezone": timezone})
        self.applied()

    def applied(self) -> None:
        """Note that a configuration was applied."""
        ConfigRevision.objects.create(applied_at=self._at, source="trueup.yaml", digest="0" * 64)

    def engine(self, tick_us: int | None = None, wall_us: int | None = None) -> None:
        """Let the engine have given a sign of life, by its clock and by that of the machine."""
        values = {
            "pid": 1,
            "host": "here",
            "started_us": 0,
            "tick_us": self.now_us if tick_us is None else tick_us,
            "details": {} if wall_us is None else {"wall_us": wall_us},
        }
        Vital.objects.update_or_create(process="engine", defaults=values)

    def component(self, slug: str, name: str = "", down_when: str = "any", position: int = 0) -> Component:
        """Create a component without checks."""
        return Component.objects.create(
            slug=slug, name=name or slug.title(), down_when=down_when, position=position, created_at=self._at
        )

    def check(
        self,
        component: Component,
        slug: str = "",
        since_us: int = 0,
        *,
        counts: bool = True,
        target: str = "http://127.0.0.1/",
        options: dict[str, object] | None = None,
    ) -> Check:
        """Create a check with its revision and its two series; nothing is known of it yet."""
        slug = slug or component.slug
        check = Check.objects.create(
            component=component, slug=slug, name=slug, counts=counts, created_at=self._at
        )
        CheckRevision.objects.create(
            owner=check, number=1, valid_from_us=since_us, kind="http", target=target,
            options=options or {}, interval_us=INTERVAL, timeout_us=10 * SECOND,
        )  # fmt: skip
        for region in self._regions:
            Series.objects.create(owner=check, region=region, created_us=since_us)
        return check

    def happened(self, check: Check, spans: Iterable[Span], **edges: int) -> None:
        """Write what a check was, oldest first; the probes at each edge are one interval apart."""
        found = list(spans)
        states = [State.UNKNOWN, *(state for state, _, _ in found), State.UNKNOWN]
        with transaction.atomic():
            for series in check.series.all():
                for index, span in enumerate(found):
                    self._entry(series, span, states[index], states[index + 2])
            self._stand(check, found[-1], **edges)

    def blip(self, check: Check, at_us: int, **values: object) -> None:
        """Write one failing probe that was not confirmed."""
        for series in check.series.all():
            Blip.objects.create(
                series=series, state="down", probes=1, recorded_us=at_us,
                before_asked_us=at_us - INTERVAL, before_answered_us=at_us - INTERVAL + LATENCY,
                first_asked_us=at_us, first_answered_us=at_us + LATENCY,
                last_asked_us=at_us, last_answered_us=at_us + LATENCY,
                after_asked_us=at_us + INTERVAL, after_answered_us=at_us + INTERVAL + LATENCY,
                **values,
            )  # fmt: skip

    def watched(self, slug: str, name: str = "", spans: Iterable[Span] | None = None, **check: str) -> Check:
        """Create a component with one check that has been up for 100 days, or was what is given."""
        found = list(spans) if spans is not None else [(State.UP, self.now_us - 100 * DAY, None)]
        since_us = min((start_us for _, start_us, _ in found), default=self.now_us)
        created = self.check(
            self.component(slug, name), check.get("slug", ""), since_us, target=check.get("target", "")
        )
        if found:
            self.happened(created, found)
        return created

    def _region(self, slug: str) -> Region:
        return Region.objects.get_or_create(slug=slug, defaults={"created_at": self._at})[0]

    def _entry(self, series: Series, span: Span, before: State, after: State) -> None:
        state, start_us, end_us = span
        values: dict[str, int | None] = {}
        if state not in (State.UNKNOWN, State.PAUSED):
            values |= _probe("first", start_us)
            if before not in (State.UNKNOWN, State.PAUSED):
                values |= _probe("before", start_us - INTERVAL)
            if end_us is not None:
                values |= _probe("last", end_us - self.edge_us)
                if after not in (State.UNKNOWN, State.PAUSED):
                    values |= _probe("after", end_us)
        LedgerEntry.objects.create(
            series=series, state=state.value, start_us=start_us, end_us=end_us,
            recorded_us=start_us, closed_us=end_us, **values,
        )  # fmt: skip

    def _stand(
        self,
        check: Check,
        span: Span,
        covered_us: int | None = None,
        silent_us: int | None = None,
        latency_us: int = LATENCY,
    ) -> None:
        state, start_us, _ = span
        blind = state in (State.UNKNOWN, State.PAUSED)
        covered_us = self.now_us + INTERVAL // 2 if covered_us is None else covered_us
        good = state in (State.UP, State.DEGRADED)
        SeriesState.objects.update_or_create(
            series=check.series.get(region__slug=Region.LOCAL),
            defaults={
                "state": state.value, "since_us": start_us, "floor_us": start_us,
                "covered_until_us": covered_us,
                "silent_at_us": None if blind else silent_us or covered_us + INTERVAL // 2,
                "last_asked_us": covered_us - INTERVAL - LATENCY, "last_answered_us": covered_us - INTERVAL,
                "good_us": covered_us - INTERVAL if good else None,
                "good_latency_us": latency_us if good else None,
            },
        )  # fmt: skip


def _probe(name: str, asked_us: int) -> dict[str, int | None]:
    return {f"{name}_asked_us": asked_us, f"{name}_answered_us": asked_us + LATENCY}
