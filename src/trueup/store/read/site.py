"""What is configured for the whole installation."""

from __future__ import annotations

from trueup.store.models import Site


def witnesses() -> tuple[str, ...]:
    """Return the witnesses that people named, ``HOST:PORT``; none where they named none."""
    found = Site.objects.order_by("id").values_list("witnesses", flat=True).first()
    return tuple(found or ())
