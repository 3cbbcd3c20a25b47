"""The centre takes the calls of heartbeats in, and notices those that do not come."""

from __future__ import annotations

import pytest
from tests.engine.centre.calling import GRACE, HOUR, at, call, heartbeat, late, revise, watch
from tests.engine.centre.platform import S
from tests.engine.centre.test_ingest import ledger

from trueup.domain.text import from_json, render
from trueup.engine.centre.awaited import PATIENCE_US
from trueup.engine.centre.ingest import Centre
from trueup.store.models import (
    Beat,
    Event,
    Evidence,
    Interruption,
    Journal,
    LedgerEntry,
    SeriesState,
)
from trueup.store.write import ledger as write_ledger

pytestmark = pytest.mark.usefixtures("database")


def test_a_call_is_up_until_the_next_one_is_due() -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60)

    assert centre.take_calls(at(61)) == 1

    assert ledger(made.series) == [("unknown", 0, 60), ("up", 60, None)]
    assert ledger(made.verdict) == ledger(made.series)
    assert SeriesState.objects.get(series=made.series).covered_until_us == at(60 + HOUR)
    assert centre.tick(at(62)) == late(60 + HOUR)


def test_a_call_within_the_grace_is_in_time() -> None:
    made, centre = heartbeat(), Centre()
    for seconds in (60, 60 + HOUR + GRACE):
        call(made, seconds)
        centre.take_calls(at(seconds))
        centre.tick(at(seconds))

    assert ledger(made.series) == [("unknown", 0, 60), ("up", 60, None)]


def test_one_that_does_not_come_is_down_from_its_due_instant() -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60)
    centre.take_calls(at(60))

    watch(centre, 60, late(60 + HOUR) - 1)
    assert ledger(made.series)[1:] == [("up", 60, None)]
    centre.tick(late(60 + HOUR))

    assert ledger(made.series)[1:] == [("up", 60, 60 + HOUR), ("down", 60 + HOUR, None)]
    assert ledger(made.verdict) == ledger(made.series)
    down = LedgerEntry.objects.get(series=made.series, state="down")
    assert (down.cause, down.before_asked_us, down.first_asked_us) == ("late", at(60), at(60 + HOUR))
    assert render(from_json(down.text or {})).startswith("nightly backup was due at ")
    assert Event.objects.filter(kind="check.down").count() == 1
    assert Evidence.objects.filter(series=made.series, role="failing").count() == 1
    assert Evidence.objects.filter(series=made.series, role="before").count() == 1


def test_one_that_never_called_is_unknown_until_its_first_due_instant() -> None:
    made, centre = heartbeat(), Centre()

    watch(centre, 0, late(HOUR) - 1)
    assert ledger(made.series) == [("unknown", 0, None)]
    centre.tick(late(HOUR))

    assert ledger(made.series) == [("unknown", 0, HOUR), ("down", HOUR, None)]


def test_the_first_good_call_recovers() -> None:
    made, centre = heartbeat(), Centre()
    centre.tick(late(HOUR))

    call(made, HOUR + 900)
    centre.take_calls(at(HOUR + 901))

    assert ledger(made.series)[1:] == [("down", HOUR, HOUR + 900), ("up", HOUR + 900, None)]


def test_while_it_is_late_it_stays_known_to_be_and_each_due_instant_is_a_result() -> None:
    made, centre = heartbeat(), Centre()
    watch(centre, 0, late(3 * HOUR))

    state = SeriesState.objects.get(series=made.series)
    assert ledger(made.series) == [("unknown", 0, HOUR), ("down", HOUR, None)]
    assert (state.results, state.last_cause) == (3, "late")
    assert state.covered_until_us == centre.tick(late(3 * HOUR)) == late(4 * HOUR)


def test_a_failure_is_down_at_once_and_says_why() -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60)
    call(made, 120, "fail", exit_status=3, body=b"disk full\n")

    centre.take_calls(at(120))

    assert ledger(made.series)[1:] == [("up", 60, 120), ("down", 120, None)]
    down = LedgerEntry.objects.get(series=made.series, state="down")
    said = "nightly backup said itself that it failed, with exit code 3: disk full."
    assert (down.cause, render(from_json(down.text or {}))) == ("reported", said)
    kept = Evidence.objects.get(series=made.series, role="failing")
    assert (bytes(kept.body_head), kept.status) == (b"disk full\n", 3)


def test_start_and_end_give_the_time_that_a_run_took() -> None:
    made, centre = heartbeat(degraded_when=("runtime > 10 min",), period="1h"), Centre()
    call(made, 60, "start", run="a")
    call(made, 90, "start", run="b")
    call(made, 120, run="a")
    centre.take_calls(at(120))
    state = SeriesState.objects.get(series=made.series)
    assert (state.state, state.good_latency_us) == ("up", 60 * S)

    call(made, 700, run="b")
    centre.take_calls(at(700))

    assert ledger(made.series)[1:] == [("up", 120, 700), ("degraded", 700, None)]
    degraded = LedgerEntry.objects.get(series=made.series, state="degraded")
    assert "runtime was 10 min 10 s" in render(from_json(degraded.text or {}))


def test_a_run_that_began_in_time_is_waited_for() -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60)
    call(made, HOUR, "start")
    centre.take_calls(at(HOUR))
    centre.tick(late(60 + HOUR))
    call(made, HOUR + 3000)
    centre.take_calls(at(HOUR + 3000))

    assert ledger(made.series) == [("unknown", 0, 60), ("up", 60, None)]


def test_a_run_that_does_not_end_within_its_limit_is_down_from_there() -> None:
    made, centre = heartbeat(period="1h", limit="10m"), Centre()
    call(made, 60)
    call(made, 120, "start")
    centre.take_calls(at(120))

    watch(centre, 120, at(120 + 600) + 1 + PATIENCE_US)

    assert ledger(made.series)[1:] == [("up", 60, 720), ("down", 720, None)]
    assert (LedgerEntry.objects.get(series=made.series, state="down").text or {})["id"] == "late.run"


def test_runs_that_never_end_do_not_put_off_the_due_instant_for_ever() -> None:
    made, centre = heartbeat(), Centre()
    for number in range(5):
        call(made, 60 + number * 1800, "start", run=f"run-{number}")
        centre.take_calls(at(60 + number * 1800))
        watch(centre, 60 + number * 1800, at(59 + (number + 1) * 1800))

    assert ledger(made.series) == [("unknown", 0, 60 + HOUR), ("down", 60 + HOUR, None)]


def test_calls_are_taken_before_anything_is_late() -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60)
    centre.take_calls(at(60))
    call(made, HOUR)

    centre.tick(late(60 + HOUR))

    assert ledger(made.series)[1:] == [("up", 60, None)]
    assert not Beat.objects.filter(taken_us__isnull=True).exists()


def test_a_pause_stops_the_waiting_and_its_end_begins_it_anew() -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60, "start")
    centre.take_calls(at(60))
    write_ledger.pause([made.check.id], at(600))
    centre.reload(at(600))
    assert centre.tick(at(601)) is None
    call(made, 700)
    centre.take_calls(at(700))

    write_ledger.resume([made.check.id], at(5 * HOUR))
    centre.reload(at(5 * HOUR))

    assert ledger(made.series) == [
        ("unknown", 0, 600), ("paused", 600, 5 * HOUR), ("unknown", 5 * HOUR, None),
    ]  # fmt: skip
    assert Interruption.objects.filter(taken_us__isnull=True).count() == 0
    centre.tick(at(5 * HOUR + 1))
    assert centre.tick(at(5 * HOUR + 1)) == late(6 * HOUR)


def test_a_new_schedule_counts_from_when_it_holds() -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60)
    centre.take_calls(at(60))
    revise(made.check, 2, at(1800), period="30m")

    centre.reload(at(1800))

    assert SeriesState.objects.get(series=made.series).covered_until_us == at(3600)
    assert centre.tick(at(1801)) == late(3600)


def test_calls_of_one_second_are_results_of_their_own_and_words_are_none() -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60)
    call(made, 60.4)
    call(made, 60.7, "log", body=b"only words")
    centre.take_calls(at(61))

    assert SeriesState.objects.get(series=made.series).results == 2
    assert Journal.objects.count() == 1
    assert centre.take_calls(at(61)) == 0


@pytest.mark.parametrize("seconds", [-50, 0, 10 * HOUR])
def test_a_call_of_a_clock_that_is_wrong_counts_in_its_order_and_not_in_the_future(seconds: int) -> None:
    made, centre = heartbeat(), Centre()
    call(made, 60)
    call(made, seconds, "fail")

    centre.take_calls(at(120))

    start = ledger(made.series)[-1][1]
    assert ledger(made.series)[-1][0] == "down"
    assert start == (120 if seconds > 120 else 60.001)
