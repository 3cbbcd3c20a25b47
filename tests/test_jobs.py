"""Periodic work."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest
from tests.databases import Database

from trueup.jobs import Job, Runner, Stopped, of_default_database, table
from trueup.store.read import vital

JOBS = {"compaction", "retention", "integrity", "maintenance", "statements"}


class Clock:
    def __init__(self, now_s: float = 1_000_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


class Work:
    def __init__(self, *errors: Exception) -> None:
        self.calls = 0
        self.errors = list(errors)

    def __call__(self, stopped: Stopped) -> Mapping[str, object]:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return {"did": self.calls}


def runner(clock: Clock, work: Work, last_s: Mapping[str, float], done: dict[str, float]) -> Runner:
    return Runner([Job("tidy", 3600, work)], last_s=last_s, done=done.update, wall=clock)


def test_job_never_done_waits_its_whole_period() -> None:
    clock, work = Clock(), Work()

    assert runner(clock, work, {}, {}).turn() == 3600
    assert work.calls == 0


def test_job_that_became_due_while_we_were_down_is_done_at_once_and_noted() -> None:
    clock, work, done = Clock(), Work(), dict[str, float]()

    wait_s = runner(clock, work, {"tidy": clock.now_s - 4000}, done).turn()

    assert (work.calls, wait_s, done) == (1, 3600, {"tidy": clock.now_s})


def test_failure_is_said_and_tried_again_after_a_minute_then_later(caplog: pytest.LogCaptureFixture) -> None:
    clock, work, done = Clock(), Work(ValueError("full"), ValueError("full")), dict[str, float]()
    each = runner(clock, work, {"tidy": 0}, done)

    assert each.turn() == 60
    clock.now_s += 60
    assert each.turn() == 300
    clock.now_s += 300
    assert each.turn() == 3600

    assert work.calls == 3
    assert [record.message for record in caplog.records].count("job failed") == 2
    assert done == {"tidy": clock.now_s}


def test_job_does_not_wait_for_a_time_from_which_the_wall_clock_was_set_back() -> None:
    clock, work, done = Clock(), Work(), dict[str, float]()
    each = runner(clock, work, {"tidy": clock.now_s + 1e8}, done)

    assert each.turn() == 3600
    clock.now_s += 3600
    each.turn()
    assert work.calls == 1
    clock.now_s -= 500_000
    assert each.turn() == 3600


def test_job_that_was_cut_short_is_due_again_at_the_next_start() -> None:
    clock, done = Clock(), dict[str, float]()
    began, end = threading.Event(), threading.Event()

    def slow(stopped: Stopped) -> Mapping[str, object]:
        began.set()
        while not stopped():
            end.wait(0.01)
        return {}

    each = Runner([Job("slow", 3600, slow)], last_s={"slow": 0}, done=done.update, wall=clock)
    each.start()
    began.wait(5)
    each.stop()

    assert done == {"slow": 0}


def test_thread_ends_when_there_is_nothing_to_do() -> None:
    each = runner(Clock(), Work(), {}, {})
    each.start()

    each.stop()

    assert not any(thread.name == "jobs" for thread in threading.enumerate())


def test_job_never_done_is_noted_at_the_start_so_that_restarts_do_not_put_it_off() -> None:
    clock, work, done = Clock(), Work(), dict[str, float]()
    first = runner(clock, work, {}, done)
    first.start()
    first.stop()
    clock.now_s += 3700

    runner(clock, work, dict(done), done).turn()

    assert work.calls == 1


def test_every_job_runs_on_an_empty_database(database: Database) -> None:
    done = {job.name: job.run(lambda: False) for job in table()}

    assert set(done) == {job.name for job in table()} == JOBS
    assert done["integrity"] == {"problems": 0}


def test_runner_remembers_in_the_database_when_it_did_what(database: Database) -> None:
    first = of_default_database()
    first.start()
    first.stop()

    assert set(vital.details("jobs")) == JOBS
