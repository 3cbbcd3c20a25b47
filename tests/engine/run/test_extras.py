"""Looking again at edges, and the limit of all such probes together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.run.simulated import SECOND

from trueup.domain.result import State
from trueup.engine.run.edge import ALLOWANCE, Edge
from trueup.engine.run.extras import Extras
from trueup.engine.run.limiter import Limiter

UP, DEGRADED, DOWN = State.UP, State.DEGRADED, State.DOWN
BURST = [1, 2, 4, 8, 15]


def looks(edge: Edge, states: list[State], start_s: int = 0) -> list[float]:
    """Let answers follow each other as the edge asks for them; return when, seconds after the first."""
    at_us, found = start_s * SECOND, []
    for state in states:
        again = edge.after(state, at_us)
        if again is None:
            break
        found.append(again / SECOND - start_s)
        at_us = again
    return found


def test_good_answers_are_not_looked_at_again():
    edge = Edge()

    assert [edge.after(UP, n * SECOND) for n in range(5)] == [None] * 5


def test_first_failure_is_looked_at_after_1_2_4_8_15_seconds_and_then_each_5():
    edge = Edge()
    edge.after(UP, 0)

    assert looks(edge, [DOWN] * 9, 60) == [*BURST, 20, 25, 30, 35]
    assert edge.failing


def test_recovery_is_looked_at_the_same_way_and_then_no_more():
    edge = Edge()
    looks(edge, [UP])
    looks(edge, [DOWN] * 12, 60)

    assert looks(edge, [UP] * 9, 120) == BURST
    assert not edge.failing


def test_looking_again_ends_ten_minutes_after_the_first_failure():
    edge = Edge()
    edge.after(UP, 0)

    assert looks(edge, [DOWN] * 1_000, 60)[-1] == 600
    assert edge.after(DOWN, 720 * SECOND) is None


def test_slow_answers_count_as_a_difference():
    edge = Edge()
    edge.after(UP, 0)

    assert looks(edge, [DEGRADED] * 6, 60) == [*BURST, 20]
    assert looks(edge, [DOWN] * 6, 100) == [*BURST, 20]


def test_first_answer_of_all_is_an_edge_when_it_fails_or_must_be_confirmed():
    assert Edge().after(UP, 0) is None
    assert Edge().after(DOWN, 0) == SECOND
    assert Edge().after(UP, 0, recover=2) == SECOND


def test_a_flapping_check_is_not_asked_every_second_for_ever():
    edge = Edge()
    edge.after(UP, 0)
    at_us, extra = SECOND, 0
    while at_us < 3_600 * SECOND:
        again = edge.after((UP, DOWN)[extra % 2], at_us)
        extra += again is not None
        at_us = again or at_us + 60 * SECOND

    assert extra <= 6 * (ALLOWANCE + 1)


def test_tokens_come_at_their_rate_and_gather_no_further_than_the_bucket():
    limiter = Limiter(20, 0)
    taken = sum(limiter.take(0) for _ in range(100))

    assert taken == limiter.capacity == 8
    assert limiter.next_us(0) == 50_000
    assert not limiter.take(49_999)
    assert limiter.take(50_000)
    assert sum(limiter.take(3_600 * SECOND) for _ in range(100)) == 8


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(1, 50)), max_size=60), st.integers(1, 2_000))
def test_no_more_tokens_are_taken_than_came(steps, rate):
    limiter, now, taken = Limiter(rate, 0), 0, 0
    for passes, wanted in steps:
        now += passes
        taken += sum(limiter.take(now) for _ in range(wanted))
        assert taken * SECOND <= limiter.capacity * SECOND + now * rate
        if not limiter.take(now):
            soon = limiter.next_us(now)
            assert soon > now
            assert limiter.take(soon)
            taken, now = taken + 1, soon
        else:
            taken += 1


def test_what_is_urgent_does_not_wait_but_is_charged():
    limiter = Limiter(20, 0)
    for _ in range(10):
        limiter.charge(0)

    assert not limiter.take(100_000)
    assert limiter.next_us(100_000) == 150_000


def drained(extras: Extras, now_us: int) -> list[int]:
    found = []
    while (series := extras.take(now_us)) is not None:
        found.append(series)
    return found


def test_wishes_come_in_order_and_wait_for_tokens():
    extras = Extras(0)
    for series in range(30):
        extras.wish(series, series * 1_000)

    assert drained(extras, 0) == [0]
    assert extras.next_us(0) == 20_000
    assert drained(extras, 40_000) == list(range(1, 8))
    assert extras.next_us(40_000) == 50_000  # a token, not a wish
    assert drained(extras, 50_000) == [8]


def test_a_new_wish_replaces_the_one_before():
    extras = Extras(0)
    extras.wish(1, SECOND)
    extras.wish(1, 5 * SECOND)
    extras.wish(2, 2 * SECOND)
    extras.forget(2)

    assert extras.next_us(0) == 5 * SECOND
    assert drained(extras, 4 * SECOND) == []
    assert drained(extras, 5 * SECOND) == [1]
    assert extras.next_us(6 * SECOND) is None
    assert len(extras) == 0


def test_a_forgotten_wish_that_waits_for_a_token_is_not_asked():
    extras = Extras(0)
    for series in range(12):
        extras.wish(series, 0)
    assert drained(extras, 0) == list(range(8))
    extras.forget(8)
    extras.wish(9, SECOND)

    assert drained(extras, 500_000) == [10, 11]
    assert drained(extras, SECOND) == [9]


def test_pace_of_extra_probes_is_that_of_the_base_grid_but_never_below_the_floor():
    extras = Extras(0)
    extras.set_pace(200, 0)
    for series in range(100):
        extras.wish(series, 0)

    assert len(drained(extras, 100_000)) == 20

    extras.set_pace(1, 100_000)

    assert len(drained(extras, SECOND + 100_000)) == 8
