"""Expectations: what a check demands of an answer, read once and judged with every probe."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from trueup.domain.expect.error import ExpectationError
from trueup.domain.expect.form import Expectation
from trueup.domain.expect.grammar import read
from trueup.domain.expect.judging import MATCHED_BYTES, accepted, judge
from trueup.domain.expect.meaning import check

__all__ = ["MATCHED_BYTES", "Expectation", "ExpectationError", "accepted", "check", "judge", "parse"]

_read = lru_cache(maxsize=4096)(read)  # most checks expect the same


def parse(source: str, provides: Mapping[str, type] | None = None) -> Expectation:
    """Return an expectation; ``provides`` is what the check's kind of probe measures, where known.

    Raises:
        ExpectationError: It cannot be read or can never hold; it names the column and a remedy.
    """
    expectation = _read(source)
    check(expectation, provides)
    return expectation
