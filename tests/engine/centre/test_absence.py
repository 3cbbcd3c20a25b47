"""Calls while no engine ran: what was stored counts, and what is missing proves nothing."""

from __future__ import annotations

import pytest
from tests.engine.centre.calling import HOUR, at, call, heartbeat, late, watch
from tests.engine.centre.platform import T0, S
from tests.engine.centre.test_ingest import ledger

from trueup.engine.centre.awaited import PATIENCE_US
from trueup.engine.centre.ingest import Centre
from trueup.store.models import (
    Beat,
    Journal,
    SeriesState,
    Vital,
)

pytestmark = pytest.mark.usefixtures("database")


def test_a_restart_remembers_what_is_waited_for() -> None:
    made = heartbeat(period="1h", limit="10m")
    call(made, 60)
    call(made, 120, "start", run="a")
    Centre().take_calls(at(120))

    assert Centre().tick(at(130)) == at(720) + 1 + PATIENCE_US
    call(made, 400, run="a")
    centre = Centre()
    centre.take_calls(at(400))

    assert SeriesState.objects.get(series=made.series).good_latency_us == 280 * S
    assert centre.tick(at(401)) == late(400 + HOUR)


def test_a_call_that_waited_for_the_engine_counts_from_when_it_was_made() -> None:
    made = heartbeat()
    call(made, 60)
    call(made, HOUR)
    call(made, 3 * HOUR)

    Centre().take_calls(at(4 * HOUR))

    assert ledger(made.series)[1:] == [
        ("up", 60, 2 * HOUR), ("down", 2 * HOUR, 3 * HOUR), ("up", 3 * HOUR, None),
    ]  # fmt: skip


def test_time_in_which_the_engine_did_not_run_is_unknown_and_not_late() -> None:
    made = heartbeat()
    call(made, 60)
    Centre().take_calls(at(60))
    Vital.objects.create(process="engine", pid=1, host="", started_us=T0, tick_us=at(HOUR - 60))

    centre = Centre()
    centre.tick(at(2 * HOUR))
    centre.tick(at(2 * HOUR))

    assert ledger(made.series)[1:] == [("up", 60, 60 + HOUR), ("unknown", 60 + HOUR, None)]
    assert centre.tick(at(2 * HOUR)) == late(3 * HOUR)
    watch(centre, 2 * HOUR, late(3 * HOUR))
    assert ledger(made.series)[-1] == ("down", 3 * HOUR, None)


def test_a_call_that_came_late_while_the_engine_did_not_run_ends_time_that_is_unknown() -> None:
    made = heartbeat()
    call(made, 60)
    Centre().take_calls(at(60))
    Vital.objects.create(process="engine", pid=1, host="", started_us=T0, tick_us=at(HOUR - 60))
    call(made, 60 + HOUR + 1200)

    Centre().take_calls(at(2 * HOUR))

    assert ledger(made.series)[1:] == [
        ("up", 60, 60 + HOUR),
        ("unknown", 60 + HOUR, 60 + HOUR + 1200),
        ("up", 60 + HOUR + 1200, None),
    ]


def test_an_absence_of_the_engine_long_before_excuses_nothing() -> None:
    made = heartbeat()
    call(made, 60)
    Centre().take_calls(at(60))
    Vital.objects.create(process="engine", pid=1, host="", started_us=T0, tick_us=at(120))

    centre = Centre()
    watch(centre, 1200, late(60 + HOUR))

    assert ledger(made.series)[-1] == ("down", 60 + HOUR, None)


def test_one_that_is_late_is_unknown_while_nobody_listened() -> None:
    made, centre = heartbeat(), Centre()
    centre.tick(late(HOUR))

    centre.withdraw(at(HOUR + 1000), at(HOUR + 1200), "door", at(HOUR + 1200))

    assert ledger(made.series)[1:] == [("down", HOUR, HOUR + 1000), ("unknown", HOUR + 1000, None)]
    assert Centre().tick(at(HOUR + 1201)) == late(2 * HOUR + 1200)


def test_a_withdrawn_span_outlives_a_restart() -> None:
    made = heartbeat()
    call(made, 60)
    Centre().take_calls(at(60))
    Centre().withdraw(at(HOUR), at(HOUR + 120), "door", at(HOUR + 120))

    Centre().tick(late(60 + HOUR))

    assert ledger(made.series)[-1] == ("unknown", 60 + HOUR, None)


class _Crash(BaseException):
    """The end of the process, as far as a transaction is concerned."""


def test_whatever_ends_the_engine_while_it_takes_calls_they_count_once() -> None:
    made = heartbeat()
    call(made, 60)
    call(made, 120, "fail")
    for number in range(30):
        left = [number]

        def crash(_: str, left: list[int] = left) -> None:
            if not left[0]:
                raise _Crash
            left[0] -= 1

        try:
            Centre(failpoint=crash).take_calls(at(180))
        except _Crash:
            if Beat.objects.filter(taken_us__isnull=True).exists():
                assert ledger(made.series) == [("unknown", 0, None)]
                assert not Journal.objects.exists()
                continue
        break

    Centre().take_calls(at(240))
    assert ledger(made.series) == [("unknown", 0, 60), ("up", 60, 120), ("down", 120, None)]
    assert SeriesState.objects.get(series=made.series).results == 2
    assert Journal.objects.count() == 1
