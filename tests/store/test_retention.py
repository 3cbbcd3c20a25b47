"""What is let go, and what never is."""

from __future__ import annotations

import pytest
from tests.engine.centre.platform import AT, MINUTE, T0, make_check, result

from trueup.domain.result import State
from trueup.engine.centre.ingest import Centre
from trueup.store.models import (
    Batch,
    Beat,
    Block,
    Channel,
    Delivery,
    Event,
    Evidence,
    Journal,
    LedgerEntry,
    Repeated,
)
from trueup.store.read.samples import sample_rows
from trueup.store.write.compact import compact
from trueup.store.write.retention import retain

DAY = 24 * 60 * MINUTE
pytestmark = pytest.mark.usefixtures("database")


def test_samples_of_ninety_whole_days_are_kept_then_their_summary_for_ever() -> None:
    series = lived(days=92)
    edge_us = (T0 // DAY + 91) * DAY  # the day of T0 is the first that is too old

    assert retain(edge_us - 1).samples == 0
    assert retain(edge_us).samples == 1

    first, *others = Block.objects.filter(series=series).order_by("day")
    assert (first.samples, first.n, first.up, first.latency_n) == (None, 5, 3, 3)
    assert all(block.samples is not None for block in others)
    assert len(sample_rows([series], 0, T0 + 99 * DAY)[series]) == 5 * 91


def test_clock_years_ahead_costs_no_sample() -> None:
    series = lived(days=3)
    ahead_us = T0 + 9_000 * DAY
    Centre().take("ahead", [result(series, 9_000 * 86_400)], ahead_us)
    compact()

    assert retain(ahead_us, samples_days=3).samples == 0
    assert retain(ahead_us, samples_days=2).samples == 1  # it counts as one day like any other


def test_ledger_and_evidence_outlive_everything() -> None:
    lived(days=1)
    kept = LedgerEntry.objects.count(), Evidence.objects.count(), Block.objects.count()
    assert min(kept) > 0

    retain(T0 + 9_000 * DAY)

    assert (LedgerEntry.objects.count(), Evidence.objects.count(), Block.objects.count()) == kept


def test_results_of_a_day_whose_samples_are_gone_change_no_summary() -> None:
    series = lived(days=2)
    retain(T0 + 100 * DAY, samples_days=0)

    Centre().take("late", [result(series, 600)], T0 + 100 * DAY)
    compacted = compact()

    assert (compacted.late, Journal.objects.count()) == (1, 0)
    assert [block.n for block in Block.objects.filter(series=series)] == [5, 5]


def test_only_what_is_done_and_old_is_forgotten() -> None:
    now_us = T0 + 500 * DAY
    channel = Channel.objects.create(slug="slack", kind="slack", created_at=AT)
    check = make_check().check
    for name, at_us in (("old", T0), ("new", now_us)):
        Batch.objects.create(msg_id=name, recorded_us=at_us)
        Event.objects.create(key=name, kind="state", at_us=at_us, recorded_us=at_us, subject="check:api")
        for state in ("pending", "sent"):
            Delivery.objects.create(group=f"{name} {state}", channel=channel, due_us=at_us, state=state)
        for taken_us in (None, at_us):
            Beat.objects.create(owner=check, at_us=at_us, kind="success", taken_us=taken_us)
        Repeated.objects.create(actor="ci", key=name, digest="", at_us=at_us)

    dropped = retain(now_us)

    assert dropped[1:] == (1, 1, 1, 1, 1)
    assert list(Batch.objects.values_list("msg_id", flat=True)) == ["new"]
    assert list(Event.objects.values_list("key", flat=True)) == ["new"]
    assert list(Repeated.objects.values_list("key", flat=True)) == ["new"]
    assert set(Delivery.objects.values_list("group", flat=True)) == {"old pending", "new pending", "new sent"}
    assert set(Beat.objects.values_list("at_us", "taken_us")) == {
        (T0, None),
        (now_us, None),
        (now_us, now_us),
    }


def test_stop_is_heeded_before_anything_is_let_go() -> None:
    lived(days=1)

    assert sum(retain(T0 + 9_000 * DAY, stopped=lambda: True)) == 0


def lived(*, days: int) -> int:
    """Let a check be watched for five minutes of each day, down in two of them; return its series."""
    made = make_check(confirm=1)
    centre = Centre()
    for day in range(days):
        states = (State.UP, State.DOWN, State.DOWN, State.UP, State.UP)
        some = [result(made.series, day * 86_400 + 60 * minute, state) for minute, state in enumerate(states)]
        centre.take(f"batch-{day}", some, T0 + day * DAY + 10 * MINUTE)
    compact()
    return made.series
