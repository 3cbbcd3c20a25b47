"""A good answer like the one before it takes a shorter way, and leaves what the longer one leaves."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from trueup.domain import record
from trueup.domain.expect import accepted, judge, parse
from trueup.domain.result import Facts, Phases, Result, State
from trueup.engine.run.evidence import Trail, detail_of

LENGTHS = st.none() | st.integers(0, 2**40)
RULES = st.sampled_from(
    ["status == 200", "status in 200..399", "status in [200, 204]", "status != 500", "status >= 300"]
)


@given(
    st.tuples(st.integers(1, 2**31), st.integers(0, 2**31), st.integers(0, 32_767), st.integers(0, 32_767)),
    st.integers(0, 2**40),
    st.builds(Phases, LENGTHS, LENGTHS, LENGTHS, LENGTHS),
    st.integers(0, 70_000),
)
def test_record_of_a_good_result_needs_no_result(
    key: tuple[int, int, int, int], duration_us: int, phases: Phases, status: int
) -> None:
    asked_us = key[1] * 1_000_000 + 5_000
    result = Result(*key, asked_us, duration_us, State.UP, None, status, phases)

    assert record.packed_good(key, asked_us, duration_us, status, phases) == record.packed(result)


@given(st.lists(RULES, max_size=3), st.lists(RULES, max_size=2), st.integers(0, 999))
def test_accepted_statuses_are_those_that_are_judged_up(
    wanted: list[str], bad: list[str], status: int
) -> None:
    expect = tuple(parse(each) for each in wanted)
    degraded_when = tuple(parse(each) for each in bad)
    judged = judge(Facts(values={"status": status}), 1, 1, expect, degraded_when)

    assert (status in accepted(expect, degraded_when)) == (judged.state is State.UP)


def test_where_more_than_the_status_is_expected_no_status_is_enough() -> None:
    for source in ("latency < 1 s", "body contains 'ok'", "len(body) > 1", "$.status == 1"):
        assert not accepted((parse("status == 200"), parse(source)))
        assert not accepted((parse("status == 200"),), (parse(source),))


def test_failure_carries_the_newest_good_result_that_was_never_an_object() -> None:
    facts = Facts(values={"status": 200}, address="192.0.2.1", body=b"ok")
    detail = detail_of(facts, None)
    first = Result(1, 100, 0, 0, 100_000_000, 900, State.UP, None, 200)
    trail = Trail()
    trail.attach(first, detail)
    newer = dataclasses.replace(first, slot=160, asked_us=160_000_000)

    assert trail.repeats(facts)
    trail.goes_on(record.packed(newer))
    failing, changed = trail.attach(dataclasses.replace(newer, slot=220, state=State.DOWN), None)

    assert changed
    assert failing.before == dataclasses.replace(newer, detail=detail)
    assert not trail.repeats(facts)


def test_other_body_address_or_certificate_is_no_repetition() -> None:
    facts = Facts(address="192.0.2.1", body=b"ok")
    trail = Trail()
    assert not trail.repeats(facts)
    trail.attach(Result(1, 1, 0, 0, 1_000_000, 1, State.UP), detail_of(facts, None))

    assert trail.repeats(facts)
    assert not trail.repeats(dataclasses.replace(facts, body=b"other"))
    assert not trail.repeats(dataclasses.replace(facts, address="192.0.2.2"))
    assert not trail.repeats(dataclasses.replace(facts, body=b"x" * 5_000))
