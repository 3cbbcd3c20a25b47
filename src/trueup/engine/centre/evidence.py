"""Which results are kept as long as the ledger.

Of each run of results that are not up: the last good one before, the first 20, then one a minute, the
last 20, and the first good one after. Pictures are kept of the first three that are not up.
"""

from __future__ import annotations

from dataclasses import replace

from trueup.domain.result import Result, State
from trueup.store.standing import Standing
from trueup.store.write.draft import Draft

FIRST = 20
LAST = 20
PICTURES = 3
_MINUTE_US = 60_000_000


def keep(draft: Draft, series: int, standing: Standing, result: Result) -> None:
    """Keep what is evidence of one result that counts, and let go what it outlives."""
    if result.state is State.UP:
        if standing.run_us is not None:
            draft.evidence(series, standing.run_us, "after", 0, result)
            end(standing)
        return
    if standing.run_us is None:
        standing.run_us = result.asked_us
        if result.before is not None:
            draft.evidence(series, result.asked_us, "before", 0, result.before)
    number = standing.run_count
    standing.run_count += 1
    lasting = number < FIRST or result.asked_us - standing.run_kept_us >= _MINUTE_US
    if lasting:
        standing.run_kept_us = result.asked_us
    if number >= PICTURES and result.detail is not None and result.detail.picture:
        result = replace(result, detail=replace(result.detail, picture=b""))
    draft.evidence(series, standing.run_us, "failing" if lasting else "recent", number, result)
    if number >= FIRST + LAST:
        draft.outlive(series, standing.run_us, number - LAST)


def end(standing: Standing) -> None:
    """End the run of results that are not up: by a good one, a silence or a pause."""
    standing.run_us = None
    standing.run_count = 0
    standing.run_kept_us = 0
