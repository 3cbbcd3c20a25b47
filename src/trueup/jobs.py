"""The table of periodic work, and the thread that does it outside the engine's process."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trueup import conf

log = logging.getLogger("trueup.jobs")

Stopped = Callable[[], bool]
_HOUR_S = 3600.0
_DAY_S = 24 * _HOUR_S
_AGAIN_S = (60.0, 300.0, 900.0, 3600.0)  # after a failure; the last one from then on
_LONGEST_WAIT_S = _HOUR_S  # the wall clock may be set while we wait


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of periodic work; ``run`` looks at ``stopped`` between slices and says what it did."""

    name: str
    every_s: float
    run: Callable[[Stopped], Mapping[str, object]]


@dataclass(slots=True)
class _Row:
    job: Job
    due_s: float  # of the wall clock
    failures: int = 0


class Runner:
    """Does each job when it is due, one at a time; a failure is said and tried again later.

    Args:
        jobs: The table.
        last_s: When each job was last done, by name, seconds since 1970 UTC; one never done has to
            wait its whole period: there is nothing to do yet.
        done: Told after each run what ``last_s`` will be the next time.
        wall: Gives seconds since 1970 UTC.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        last_s: Mapping[str, float],
        done: Callable[[Mapping[str, float]], None],
        wall: Callable[[], float],
    ) -> None:
        self._last_s = {job.name: last_s.get(job.name, wall()) for job in jobs}
        self._rows = [_Row(job, self._last_s[job.name] + job.every_s) for job in jobs]
        self._done = done
        self._wall = wall
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Note when each job was last done, so that a restart does not put it off, and start the thread."""
        self._done(self._last_s)
        self._thread.start()

    def stop(self, timeout_s: float = 3.0) -> None:
        """Ask the job at work to end and wait for it; what it has not committed is undone."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def turn(self) -> float:
        """Do what is due and return how many seconds there is nothing to do after that."""
        for row in self._rows:
            # Where the wall clock was set back, what was due by the old one would not come for long.
            row.due_s = min(row.due_s, self._wall() + row.job.every_s)
            if row.due_s <= self._wall() and not self._stop.is_set():
                self._do(row)
        next_s = min((row.due_s for row in self._rows), default=self._wall() + _LONGEST_WAIT_S)
        return min(max(0.0, next_s - self._wall()), _LONGEST_WAIT_S)

    def _run(self) -> None:
        while not self._stop.wait(self.turn()):
            pass

    def _do(self, row: _Row) -> None:
        started_s = self._wall()
        try:
            did = row.job.run(self._stop.is_set)
            if self._stop.is_set():
                return  # cut short: due again at the next start
            self._last_s[row.job.name] = started_s
            self._done(self._last_s)
        except Exception:
            delay_s = _AGAIN_S[min(row.failures, len(_AGAIN_S) - 1)]
            row.failures += 1
            row.due_s = self._wall() + delay_s
            log.exception("job failed", extra={"job": row.job.name, "again_in_s": delay_s})
            return
        row.failures = 0
        row.due_s = started_s + row.job.every_s
        took_s = round(self._wall() - started_s, 3)
        log.info("job done", extra={"job": row.job.name, "took_s": took_s, **did})


def of_default_database() -> Runner:
    """Return the runner of every periodic work on Django's default database."""
    from trueup.store.read import vital

    started_us = time.time_ns() // 1000
    last_s = {name: float(at) for name, at in vital.details("jobs").items()}
    return Runner(table(), last_s=last_s, done=lambda done: _note(done, started_us), wall=time.time)


def table() -> list[Job]:
    """Return every kind of periodic work."""
    return [
        Job("compaction", 6 * _HOUR_S, _compact),
        Job("retention", _DAY_S, _retain),
        Job("integrity", 7 * _DAY_S, _integrity),
        Job("maintenance", _DAY_S, _lay_out),
        Job("statements", _HOUR_S, _state),
    ]


def _compact(stopped: Stopped) -> Mapping[str, object]:
    from trueup.store.write.compact import compact

    return compact(stopped=stopped)._asdict()


def _retain(stopped: Stopped) -> Mapping[str, object]:
    from trueup.store.write.retention import retain

    settings = conf.current()
    return retain(
        time.time_ns() // 1000,
        samples_days=settings.keep_samples_days,
        events_days=settings.keep_events_days,
        stopped=stopped,
    )._asdict()


def _state(stopped: Stopped) -> Mapping[str, object]:
    from trueup.reports import build
    from trueup.store.read import vital

    last_s = float(vital.details("jobs").get("statements", 0))
    since_us = int(max(0.0, last_s - _HOUR_S) * 1_000_000)  # an hour more: clocks of machines differ
    done = build.build_due(
        time.time_ns() // 1000, conf.current().data / "keys", since_us=since_us, stopped=stopped
    )
    return {"built": done.new, "revised": done.revised}


def _integrity(_stopped: Stopped) -> Mapping[str, object]:
    from trueup.store.read import integrity

    found = integrity.problems()
    if found:
        log.error("the database is damaged: restore a copy from DIR/backups", extra={"found": found[0]})
    return {"problems": len(found)}


def _lay_out(_stopped: Stopped) -> Mapping[str, object]:
    """Lay out maintenance that comes again, 400 days ahead."""
    from trueup.store.write import maintenance

    return {"occurrences": maintenance.expand_all(time.time_ns() // 1000)}


def _note(done: Mapping[str, float], started_us: int) -> None:
    from trueup.store.write import vital

    now_us = time.time_ns() // 1000
    host, pid = socket.gethostname(), os.getpid()
    vital.note(
        vital.Life(
            process="jobs", pid=pid, host=host, started_us=started_us, tick_us=now_us, details=dict(done)
        )
    )
