"""Which version of a contract rules which window, and from when on a change may hold."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.interval import Span, Spans
from trueup.domain.taking import TakingError, Wanted, change, first
from trueup.domain.terms import Window
from trueup.domain.versions import FOREVER_US, Version, digest, version_at, window_of, windows

MONTHS = Window("calendar", "month", "UTC")
BERLIN = Window("calendar", "month", "Europe/Berlin")
QUARTERS = Window("calendar", "quarter", "UTC")
ROLLING = Window("rolling", length_us=30 * 86_400_000_000)
FIXED = Window("fixed")


def us(text: str) -> int:
    """Return an instant, UTC unless it says otherwise."""
    written = text if "T" in text else f"{text}T00:00:00"
    zoned = written if written[-1] == "Z" or "+" in written else f"{written}+00:00"
    return int(datetime.fromisoformat(zoned).timestamp()) * 1_000_000


def v(number: int, since: str, window: Window = MONTHS, *, split: bool = False) -> Version:
    return Version(number, us(since), window, split)


def labels(versions: list[Version], start: str, end: str, until: str = "") -> list[tuple[str, int]]:
    until_us = us(until) if until else None
    return [(each.label, each.number) for each in windows(versions, Span(us(start), us(end)), until_us)]


def test_a_version_rules_the_windows_that_begin_in_its_time() -> None:
    held = [v(1, "2026-01-01"), v(2, "2026-03-01")]

    assert labels(held, "2026-01-15", "2026-04-01") == [("2026-01", 1), ("2026-02", 1), ("2026-03", 2)]


def test_a_window_comes_whole_where_only_a_part_is_asked_for() -> None:
    (found,) = windows([v(1, "2026-01-01")], Span(us("2026-02-10"), us("2026-02-11")))

    assert (found.start_us, found.end_us, found.whole) == (us("2026-02-01"), us("2026-03-01"), True)


def test_a_split_makes_two_windows_of_one() -> None:
    held = [v(1, "2026-01-01"), v(2, "2026-03-10", split=True)]

    assert labels(held, "2026-02-01", "2026-05-01") == [
        ("2026-02", 1), ("2026-03/1", 1), ("2026-03/2", 2), ("2026-04", 2),
    ]  # fmt: skip
    assert [each.end_us for each in window_of(held, "2026-03")] == [us("2026-03-10"), us("2026-04-01")]


@pytest.mark.parametrize(("start", "end", "label"), [("03-01", "03-05", "/1"), ("03-20", "03-21", "/2")])
def test_a_part_has_the_same_label_whatever_was_asked_for(start: str, end: str, label: str) -> None:
    held = [v(1, "2026-01-01"), v(2, "2026-03-10", split=True)]

    assert [each[0] for each in labels(held, f"2026-{start}", f"2026-{end}")] == [f"2026-03{label}"]


def test_a_contract_begins_and_ends_inside_windows() -> None:
    (one, two) = windows([v(1, "2026-01-10")], Span(0, FOREVER_US), us("2026-02-05"))

    assert (one.label, one.start_us, one.whole) == ("2026-01", us("2026-01-10"), False)
    assert (two.label, two.end_us, two.whole) == ("2026-02", us("2026-02-05"), False)


def test_months_become_quarters_where_both_begin() -> None:
    taken = change([v(1, "2026-01-01")], Wanted(QUARTERS), us("2026-02-10"))
    held = [v(1, "2026-01-01"), Version(2, taken.valid_from_us, QUARTERS)]

    assert labels(held, "2026-03-01", "2026-07-01") == [("2026-03", 1), ("2026-Q2", 2)]


def test_a_rolling_contract_has_no_windows_of_its_own() -> None:
    assert labels([v(1, "2026-01-01", ROLLING)], "2026-01-01", "2027-01-01") == []


def test_a_fixed_window_is_one_window() -> None:
    fixed = Version(1, us("2026-02-01"), FIXED, fixed=Span(us("2026-02-01"), us("2026-02-03")))

    assert labels([fixed], "2026-01-01", "2027-01-01") == [("fixed", 1)]
    assert window_of([fixed], "fixed")[0].spans == Spans([(us("2026-02-01"), us("2026-02-03"))])


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("2025-12", "2025-12 lies before the contract, which begins on 2026-01-10. Take a later period."),
        ("2026-03", "2026-03 lies after the contract, which ends on 2026-02-05. Take an earlier period."),
        ("2026-01/2", "2026-01 has no part 2. It has 2026-01."),
        ("2026-13", "'2026-13' is no month. Write one such as 2026-03, from 1900 to 9990."),
        ("2026", "'2026' is no month. Write one such as 2026-03, from 1900 to 9990."),
    ],
)
def test_a_period_that_the_contract_does_not_have_is_refused(label: str, message: str) -> None:
    with pytest.raises(ValueError, match="20") as caught:
        window_of([v(1, "2026-01-10")], label, us("2026-02-05"))

    assert str(caught.value) == message


@given(
    starts=st.lists(st.integers(0, 700), min_size=1, max_size=5, unique=True).map(sorted),
    calendars=st.lists(st.sampled_from([MONTHS, BERLIN, QUARTERS]), min_size=5, max_size=5),
)
def test_every_instant_of_a_contract_lies_in_exactly_one_window(
    starts: list[int], calendars: list[Window]
) -> None:
    origin = us("2025-01-01")
    held = [
        Version(number, origin + days * 86_400_000_000 + number, window, split=True)
        for number, (days, window) in enumerate(zip(starts, calendars, strict=False), 1)
    ]
    end_us = origin + 800 * 86_400_000_000

    found = list(windows(held, Span(0, end_us), end_us))

    pieces = sorted(pair for each in found for pair in each.spans.pairs)
    assert Spans(pieces).pairs == ((held[0].valid_from_us, end_us),)
    assert sum(end - start for start, end in pieces) == end_us - held[0].valid_from_us
    assert len({each.label for each in found}) == len(found)
    assert all(version_at(held, each.start_us).number == each.number for each in found)  # type: ignore[union-attr]


def test_a_first_version_holds_from_the_start_of_its_window_where_all_was_watched_by_then() -> None:
    found = first(Wanted(MONTHS), us("2026-11-23"), watched_us=us("2026-05-01"))

    assert found.valid_from_us == us("2026-11-01")


def test_a_first_version_holds_from_when_its_components_are_watched() -> None:
    found = first(Wanted(MONTHS), us("2026-11-23"), watched_us=us("2026-11-12T14:00:00"))

    assert found.valid_from_us == us("2026-11-12T14:00:00")


def test_a_first_version_holds_from_the_day_that_is_written() -> None:
    begins = Wanted(MONTHS, begins_us=us("2025-06-10"))

    assert first(begins, us("2026-11-23"), us("2026-11-23")).valid_from_us == us("2025-06-10")


def test_a_change_holds_from_the_next_window_on() -> None:
    found = change([v(1, "2026-01-01")], Wanted(MONTHS), us("2026-11-23"))

    assert (found.valid_from_us, found.replaces) == (us("2026-12-01"), ())


def test_a_change_at_the_start_of_a_window_holds_at_once() -> None:
    assert change([v(1, "2026-01-01")], Wanted(MONTHS), us("2026-12-01")).valid_from_us == us("2026-12-01")


def test_a_change_replaces_what_does_not_hold_yet() -> None:
    held = [v(1, "2026-01-01"), v(2, "2026-12-01"), v(3, "2027-06-01")]

    found = change(held, Wanted(MONTHS), us("2026-11-23"))

    assert (found.valid_from_us, found.replaces) == (us("2026-12-01"), (2, 3))


def test_a_change_of_a_rolling_contract_holds_at_once() -> None:
    held = [v(1, "2026-01-01", ROLLING)]

    assert change(held, Wanted(ROLLING), us("2026-11-23T10:00:00")).valid_from_us == us("2026-11-23T10:00:00")


def test_the_open_window_may_be_changed_by_its_first_day() -> None:
    found = change([v(1, "2026-01-01")], Wanted(MONTHS, from_us=us("2026-11-01")), us("2026-11-23"))

    assert found.valid_from_us == us("2026-11-01")


def test_a_contract_of_today_may_be_corrected_from_its_first_instant_on() -> None:
    held = [v(1, "2026-11-23T08:00:00")]

    found = change(held, Wanted(MONTHS, from_us=us("2026-11-01")), us("2026-11-23T09:00:00"))

    assert (found.valid_from_us, found.replaces) == (us("2026-11-23T08:00:00"), (1,))


def test_a_change_may_split_a_window() -> None:
    wanted = Wanted(MONTHS, from_us=us("2026-12-10"), split=True)

    assert change([v(1, "2026-01-01")], wanted, us("2026-11-23")).valid_from_us == us("2026-12-10")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            Wanted(MONTHS, from_us=us("2026-10-01")),
            "effective 2026-10-01 lies in what is closed: what may still change begins on 2026-11-01.",
        ),
        (
            Wanted(MONTHS, from_us=us("2026-12-10")),
            "effective 2026-12-10 lies inside the window 2026-12: write 2026-12-01 or 2027-01-01, where one",
        ),
        (Wanted(BERLIN), "a month of Europe/Berlin never begins with a month of UTC: write effective:"),
        (
            Wanted(QUARTERS, from_us=us("2026-12-01")),
            "effective 2026-12-01 lies inside the window 2026-Q4: write 2027-01-01, where",
        ),
    ],
)
def test_a_change_that_would_cut_a_window_is_refused(wanted: Wanted, message: str) -> None:
    with pytest.raises(TakingError) as caught:
        change([v(1, "2026-01-01")], wanted, us("2026-11-23"))

    assert message in str(caught.value)


def test_what_was_split_off_is_closed() -> None:
    held = [v(1, "2026-01-01"), v(2, "2026-11-10", split=True)]

    with pytest.raises(TakingError, match="what may still change begins on 2026-11-10"):
        change(held, Wanted(MONTHS, from_us=us("2026-11-05"), split=True), us("2026-11-23"))


@pytest.mark.parametrize(("now", "message"), [("2026-02-02", "has begun"), ("2026-03-01", "is closed")])
def test_a_fixed_window_is_not_changed_while_it_runs_or_after(now: str, message: str) -> None:
    span = Span(us("2026-02-01"), us("2026-02-03"))

    with pytest.raises(TakingError, match=message):
        change([Version(1, span.start_us, FIXED, fixed=span)], Wanted(FIXED, span), us(now))


@given(
    now=st.integers(0, 500), wanted=st.integers(-100, 600) | st.none(), split=st.booleans(),
    window=st.sampled_from([MONTHS, QUARTERS]),
)  # fmt: skip
def test_no_change_ever_touches_a_closed_window(
    now: int, wanted: int | None, split: bool, window: Window
) -> None:
    day_us, held = 86_400_000_000, [v(1, "2026-01-01"), v(2, "2026-09-01")]
    now_us = us("2026-01-01") + now * day_us + 3_600_000_000
    from_us = None if wanted is None else us("2026-01-01") + wanted * day_us
    before = {each.label: each for each in windows(held, Span(0, now_us)) if each.end_us <= now_us}

    try:
        found = change(held, Wanted(window, from_us=from_us, split=split), now_us)
    except TakingError:
        return

    kept = [each for each in held if each.number not in found.replaces]
    after = [*kept, Version(3, found.valid_from_us, window, split)]
    assert {each.label: each for each in windows(after, Span(0, now_us)) if each.label in before} == before


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": "é"}) == digest({"b": "é", "a": 1}) != digest({"a": 1, "b": "e"})
