"""A job that calls often and then falls silent: what was said of it, against what it truly was."""

from __future__ import annotations

from tests.engine.run.simulated import EPOCH_US, SECOND
from tests.sla.scripted import judged

from trueup.domain import heartbeat
from trueup.domain.heartbeat import Call, Rules
from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.domain.state import Change, opened
from trueup.domain.text import Text
from trueup.domain.timeline import Record, Timeline

HOUR = 3_600 * SECOND
MINUTE = 60 * SECOND


def test_silence_of_half_a_day_is_half_a_day_however_often_it_calls() -> None:
    """Uptime Kuma counts each call as a sample and each missed minute as one: 85.714 % where it is 50 %."""
    rules = Rules(lambda at_us: at_us + MINUTE, 0)
    for every_s in (10, 20, 60):
        track = opened(EPOCH_US)
        changes: list[Change] = []
        for at_us in range(EPOCH_US, EPOCH_US + 12 * HOUR + 1, every_s * SECOND):
            made = heartbeat.end(track, Call(at_us, at_us, State.UP), rules)
            track, changes = made.track, [*changes, *made.changes]
        due = heartbeat.awaited(track, rules)
        assert due is not None
        made = heartbeat.miss(track, due, Text("late.call", {}), rules, 0)
        changes += made.changes
        (up, down) = changes
        records = [
            Record(up.state, up.start_us, down.start_us, up.before, up.first, down.before, down.first),
            Record(down.state, down.start_us, None, down.before, down.first),
        ]
        day = Span(EPOCH_US, EPOCH_US + 24 * HOUR)
        figures = judged([Timeline(records, since_us=EPOCH_US)], day)

        assert figures.downtime_us == 12 * HOUR - MINUTE  # from when the call was due
        assert figures.downtime_least_us <= 12 * HOUR <= figures.downtime_most_us
