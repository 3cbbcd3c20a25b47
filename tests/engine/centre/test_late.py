"""Results that come after newer ones."""

from __future__ import annotations

import pytest
from tests.engine.centre.platform import MINUTE, T0, S, make_check, result, revise
from tests.engine.centre.replay import assert_replayed
from tests.engine.centre.test_ingest import ledger

from trueup.domain.result import State
from trueup.engine.centre.events import Notice
from trueup.engine.centre.ingest import Centre
from trueup.store.models import Blip, Event, LedgerEntry, SeriesState
from trueup.store.write.compact import compact
from trueup.store.write.ledger import pause, resume
from trueup.store.write.retention import retain

pytestmark = pytest.mark.usefixtures("database")

UP, DOWN, UNKNOWN = State.UP, State.DOWN, State.UNKNOWN
DAY = 24 * 60 * MINUTE


def test_a_late_failure_makes_the_blip_before_it_an_outage() -> None:
    made = make_check()
    centre = Centre()
    on_time = [result(made.series, at, state) for at, state in ((0, UP), (60, UP), (120, DOWN), (180, UP))]
    centre.take("m1", on_time, T0)
    assert Blip.objects.filter(series=made.series).count() == 1

    taken = centre.take("m2", [result(made.series, 150, DOWN, number=1)], T0 + 200 * S)

    assert taken.late == 1
    assert ledger(made.series) == [("up", 0, 120), ("down", 120, 180), ("up", 180, None)]
    assert_replayed(made, ended=False)
    assert Event.objects.filter(kind="check.restated").count() == 1
    superseded = LedgerEntry.objects.filter(series=made.series, superseded_us=T0 + 200 * S)
    assert superseded.values_list("state", "start_us", "end_us").get() == ("up", T0, None)


def test_a_late_result_that_changes_nothing_supersedes_nothing() -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, at) for at in (0, 60, 120)], T0)
    before = LedgerEntry.objects.count()

    centre.take("m2", [result(made.series, 90, number=1)], T0 + 130 * S)

    assert LedgerEntry.objects.count() == before
    assert not Event.objects.filter(kind="check.restated").exists()
    assert SeriesState.objects.get(series=made.series).results == 4


def test_a_repeated_result_in_another_batch_counts_once() -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, at) for at in (0, 60)], T0)
    compact()

    centre.take("m2", [result(made.series, 60), result(made.series, 0)], T0 + 70 * S)

    assert SeriesState.objects.get(series=made.series).results == 2
    assert_replayed(made, ended=False)


def test_a_change_and_an_older_result_in_one_batch_find_their_places() -> None:
    made = make_check(confirm=1)
    centre = Centre()
    centre.take("a", [result(made.series, 0)], T0)

    centre.take("b", [result(made.series, 120, DOWN), result(made.series, 60, State.DEGRADED)], T0 + 130 * S)

    assert ledger(made.series) == [("up", 0, 60), ("degraded", 60, 120), ("down", 120, None)]
    assert_replayed(made, ended=False)


def test_a_state_that_late_results_change_is_told() -> None:
    made = make_check()
    notices: list[Notice] = []
    centre = Centre(told=notices.append)
    centre.take("m1", [result(made.series, 0), result(made.series, 60, DOWN)], T0)

    centre.take("m2", [result(made.series, 50, DOWN, number=1)], T0 + 70 * S)

    assert [(one.before, one.state, one.start_us) for one in notices[1:]] == [(UP, DOWN, T0 + 50 * S)]
    assert Event.objects.filter(kind="check.down").count() == 1


def test_results_of_a_pause_do_not_reopen_the_ledger() -> None:
    made = make_check()
    centre = Centre()
    centre.take("m1", [result(made.series, 0)], T0)
    pause([made.check.id], T0 + 30 * S)
    centre.reload(T0 + 31 * S)
    resume([made.check.id], T0 + 600 * S)
    centre.reload(T0 + 601 * S)

    centre.take("m2", [result(made.series, at, DOWN) for at in (31, 60, 400)], T0 + 610 * S)
    centre.take("m3", [result(made.series, 20, number=1)], T0 + 611 * S)

    assert ledger(made.series) == [("up", 0, 30), ("paused", 30, 600), ("unknown", 600, None)]
    assert_replayed(made, ended=False)


def test_a_revision_that_was_valid_before_the_centre_knew_it_holds_for_its_results() -> None:
    made = make_check(confirm=3)
    centre = Centre()
    centre.take("m1", [result(made.series, 0)], T0)
    revise(made.check, 2, T0 + 60 * S, confirm=1)
    centre.take("m2", [result(made.series, 61, DOWN)], T0 + 62 * S)
    assert ledger(made.series)[-1] == ("up", 0, None)

    assert Centre().reload(T0 + 63 * S) in (True, False)

    assert ledger(made.series) == [("up", 0, 61), ("down", 61, None)]
    assert_replayed(made, ended=False)


def test_a_result_older_than_the_samples_that_are_kept_changes_nothing() -> None:
    made = make_check(interval_s=3600)
    centre = Centre()
    centre.take("m1", [result(made.series, 3600 * k) for k in range(1, 24 * 100)], T0)
    compact()
    retain(T0 + 100 * DAY)
    before = ledger(made.series)

    centre.take("m2", [result(made.series, 1800 + 60 * k, DOWN, number=1) for k in range(5)], T0 + 100 * DAY)

    assert ledger(made.series) == before
