"""Apply configurations from texts, and look at what is stored then."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.config.loading import NAME, spec

from trueup.config.apply import Applied, apply
from trueup.store.models import CheckRevision, Series, SeriesState
from trueup.store.seal import Seal, ensure_key

T0 = 1_700_000_000_000_000
SECOND = 1_000_000


class Installation:
    """A key, and a configuration that is applied again and again, a minute apart."""

    def __init__(self, folder: Path) -> None:
        self.key_file = folder / "keys" / "secret.key"
        ensure_key(self.key_file)
        self.seal = Seal(self.key_file)
        self.now_us = T0

    def apply(self, text: str, environ: Mapping[str, str] = {}, *, archive: bool = False) -> Applied:
        """Apply a text a minute after the last one."""
        self.now_us += 60 * SECOND
        return apply(spec(text, environ=environ), self.now_us, NAME, archive=archive, seal=self.seal)

    def lines(self, text: str, *, archive: bool = False) -> list[str]:
        """Apply a text and return what it did."""
        return [change.line for change in self.apply(text, archive=archive).changes]


def measured(check: str) -> None:
    """Let a check, by slug, have a result."""
    SeriesState.objects.filter(series__owner__slug=check).update(results=1)


def revisions(check: str) -> list[CheckRevision]:
    """Return the revisions of a check, by slug, oldest first."""
    return list(CheckRevision.objects.filter(owner__slug=check).order_by("number"))


def regions(check: str) -> list[str]:
    """Return the regions in which a check, by slug, has a series."""
    return sorted(Series.objects.filter(owner__slug=check).values_list("region__slug", flat=True))
