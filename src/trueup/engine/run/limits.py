"""How many probes may be in flight: what time-outs and intervals need, within what this machine gives."""

from __future__ import annotations

import logging
import resource
import sys
from collections.abc import Iterable, Sequence
from typing import Protocol

from trueup.engine.run.extras import FLOOR
from trueup.engine.run.plan import SECOND_US, Assignment

_log = logging.getLogger(__name__)

RESERVE = 128  # files for the database, the log and ourselves


def raise_open_files() -> int:
    """Raise the soft limit of open files to the hard one; return what holds then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return sys.maxsize
    if soft == hard:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as error:  # an unlimited hard limit may lie above the kernel's own
        _log.info("open files stay limited to %d, the hard limit %d cannot be had: %s.", soft, hard, error)
        return soft
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


class Timed(Protocol):
    """Anything that is asked in an interval and waits for a time-out, microseconds."""

    @property
    def interval_us(self) -> int:
        """Return how often it is asked."""

    @property
    def timeout_us(self) -> int:
        """Return how long it waits."""


def needed(assignments: Iterable[Timed]) -> int:
    """Return how many probes are in flight when every target hangs until its time-out.

    The base grid alone holds the sum of timeout over interval; extra probes may start as often again.
    """
    share_ppm = rate_ppm = timeout_us = 0
    for each in assignments:
        share_ppm += min(1_000_000, each.timeout_us * 1_000_000 // each.interval_us)
        rate_ppm += SECOND_US * 1_000_000 // each.interval_us
        timeout_us = max(timeout_us, each.timeout_us)
    extra_ppm = max(rate_ppm, FLOOR * 1_000_000) * timeout_us // SECOND_US
    return -(-(share_ppm + extra_ppm) // 1_000_000)


def allowed(assignments: Sequence[Assignment], open_files: int) -> int:
    """Return how many probes may be in flight; say so where the machine gives less than is needed."""
    need = needed(assignments)
    have = max(16, open_files - RESERVE)
    if min(need, len(assignments)) > have:  # a check has one in flight at most
        _log.warning(
            "up to %d probes can be in flight at once, but %d open files leave room for %d: when many "
            "targets hang, others are asked late. Raise the limit of open files (LimitNOFILE, ulimit -n).",
            min(need, len(assignments)),
            open_files,
            have,
        )
    return min(need, have)
