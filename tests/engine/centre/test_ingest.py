"""The centre takes results in."""

from __future__ import annotations

import pytest
from tests.engine.centre.platform import MINUTE, T0, S, make_check, result

from trueup.domain.result import State
from trueup.engine.centre.ingest import Centre
from trueup.store.models import Blip, Event, Journal, LedgerEntry, SeriesState

pytestmark = pytest.mark.usefixtures("database")

UP, DOWN, DEGRADED, UNKNOWN, PAUSED = State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN, State.PAUSED


def ledger(series: int) -> list[tuple[str, float, float | None]]:
    rows = LedgerEntry.objects.filter(series=series, superseded_us__isnull=True).order_by("start_us")
    return [
        (row.state, (row.start_us - T0) / S, None if row.end_us is None else (row.end_us - T0) / S)
        for row in rows
    ]


def test_a_first_result_ends_the_unknown_of_creation() -> None:
    made = make_check()
    centre = Centre()

    centre.take("m1", [result(made.series, 1)], T0 + 2 * S)

    assert ledger(made.series) == [("unknown", 0, 1), ("up", 1, None)]
    assert ledger(made.verdict) == ledger(made.series)
    state = SeriesState.objects.get(series=made.series)
    assert (state.state, state.covered_until_us) == ("up", T0 + 61 * S + 12_345)


def test_an_outage_is_backdated_to_its_first_probe_and_knows_the_probes_at_its_edges() -> None:
    made = make_check()
    centre = Centre()

    for index, (at_s, state) in enumerate([(1, UP), (61, DOWN), (62, DOWN), (67, DOWN), (72, UP)]):
        centre.take(f"m{index}", [result(made.series, at_s, state)], T0 + int(at_s + 1) * S)

    assert ledger(made.series) == [("unknown", 0, 1), ("up", 1, 61), ("down", 61, 72), ("up", 72, None)]
    down = LedgerEntry.objects.get(series=made.series, state="down")
    asked = (down.before_asked_us, down.first_asked_us, down.last_asked_us, down.after_asked_us)
    assert asked == tuple(T0 + at * S for at in (1, 61, 67, 72))
    assert down.after_answered_us == T0 + 72 * S + 12_345
    assert down.cause == "timeout"
    assert down.text == {"id": "timeout", "params": {"at": 61}}
    kinds = Event.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["check.up", "check.down", "check.up"]


def test_a_batch_offered_again_has_no_effect() -> None:
    made = make_check()
    centre = Centre()
    first = centre.take("m1", [result(made.series, 1)], T0 + 2 * S)

    again = centre.take("m1", [result(made.series, 1)], T0 + 3 * S)

    assert (first.repeated, again.repeated) == (False, True)
    assert Journal.objects.count() == 1
    assert SeriesState.objects.get(series=made.series).results == 1


def test_a_single_failure_is_a_blip() -> None:
    made = make_check()
    centre = Centre()

    centre.take("m1", [result(made.series, at, state) for at, state in ((1, UP), (61, DOWN), (62, UP))], T0)

    assert ledger(made.series)[-1] == ("up", 1, None)
    blip = Blip.objects.get(series=made.series)
    assert (blip.state, blip.first_asked_us, blip.probes) == ("down", T0 + 61 * S, 1)
    assert Blip.objects.filter(series=made.verdict).count() == 1


def test_silence_is_unknown_from_where_the_coverage_ended() -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, 0, duration_us=0)], T0)

    due_us = centre.tick(T0 + MINUTE)
    assert due_us == T0 + 90 * S + 15 * S + 1
    assert centre.tick(due_us - 1) == due_us
    assert ledger(made.series)[-1] == ("up", 0, None)
    assert centre.tick(due_us) is None

    assert ledger(made.series)[-2:] == [("up", 0, 60), ("unknown", 60, None)]


def test_a_restarted_centre_books_its_gap() -> None:
    made = make_check()
    Centre().take("m1", [result(made.series, 0, duration_us=0)], T0)

    Centre().take("m2", [result(made.series, 600, duration_us=0)], T0 + 601 * S)

    assert ledger(made.series) == [("up", 0, 60), ("unknown", 60, 600), ("up", 600, None)]


def test_results_that_come_after_silence_was_told_close_it_again() -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, 0, duration_us=0)], T0)
    centre.tick(T0 + 10 * MINUTE)
    assert ledger(made.series)[-1] == ("unknown", 60, None)

    batch = [result(made.series, 60 * k, duration_us=0) for k in range(1, 11)]
    taken = centre.take("m2", batch, T0 + 10 * MINUTE + S)

    assert taken.late == 10
    assert ledger(made.series) == [("up", 0, None)]
    assert ledger(made.verdict) == [("up", 0, None)]
    assert Event.objects.filter(kind="check.restated").count() == 1
