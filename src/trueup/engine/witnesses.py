"""Who is asked whether our own network lives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trueup.engine.run.witness import NetworkOfThisMachine
from trueup.store.read import site


def witnesses(settings: Sequence[str]) -> tuple[Callable[[], Sequence[str]], bool]:
    """Return who is asked whether our network lives, and whether people named them."""
    if settings == ("none",):
        # Nobody is asked: a failure counts, whoever caused it.
        return tuple, False
    if settings:
        return (lambda: settings), True
    configured = site.witnesses()
    if configured:
        return (lambda: configured), True
    return NetworkOfThisMachine(), False
