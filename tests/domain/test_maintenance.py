"""What revisions of a maintenance announce, and with which notice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.maintenance import Announced, Revision, announced

HOUR = 3_600_000_000
API, WEB = 1, 2


def revision(
    number: int, start: int, end: int, at: int, *components: int, cancelled: bool = False
) -> Revision:
    """Return a revision with instants in hours."""
    return Revision(number, start * HOUR, end * HOUR, at * HOUR, cancelled, frozenset(components or (API,)))


def parts(*revisions: Revision) -> list[tuple[int, int, int, bool]]:
    """Return start, end, announced in hours, and whether it is cancelled."""
    return [
        (each.start_us // HOUR, each.end_us // HOUR, each.announced_at_us // HOUR, each.cancelled)
        for each in announced(revisions)
    ]


def test_one_revision_announces_what_it_says() -> None:
    assert announced([revision(1, 10, 12, 3, API, WEB)]) == (
        Announced(10 * HOUR, 12 * HOUR, 3 * HOUR, frozenset({API, WEB}), 1),
    )


def test_a_late_extension_is_an_interval_of_its_own_with_its_own_notice() -> None:
    assert parts(revision(1, 10, 12, 3), revision(2, 10, 14, 11)) == [
        (10, 12, 3, False),
        (12, 14, 11, False),
    ]


def test_an_earlier_start_has_the_notice_of_the_revision_that_moved_it() -> None:
    assert parts(revision(1, 10, 12, 3), revision(2, 8, 12, 7)) == [(8, 10, 7, False), (10, 12, 3, False)]


def test_a_shorter_one_keeps_its_notice() -> None:
    assert parts(revision(1, 10, 14, 3), revision(2, 10, 12, 13)) == [(10, 12, 3, False)]


def test_time_that_was_moved_away_and_back_has_the_notice_of_coming_back() -> None:
    assert parts(revision(1, 10, 12, 1), revision(2, 20, 22, 2), revision(3, 10, 12, 9)) == [
        (10, 12, 9, False)
    ]


def test_a_cancelled_one_counts_for_nothing() -> None:
    assert parts(revision(1, 10, 12, 3), revision(2, 10, 12, 5, cancelled=True)) == [(10, 12, 3, True)]


def test_one_cancelled_while_it_goes_on_counts_up_to_then() -> None:
    assert parts(revision(1, 10, 12, 3), revision(2, 10, 12, 11, cancelled=True)) == [
        (10, 11, 3, False),
        (11, 12, 3, True),
    ]


def test_one_cancelled_after_it_was_extended_counts_up_to_then_each_part_with_its_notice() -> None:
    assert parts(
        revision(1, 10, 12, 3), revision(2, 10, 16, 11), revision(3, 10, 16, 13, cancelled=True)
    ) == [(10, 12, 3, False), (12, 13, 11, False), (13, 16, 11, True)]


def test_a_component_that_joins_later_has_its_own_notice() -> None:
    found = announced([revision(1, 10, 12, 3, API), revision(2, 10, 12, 9, API, WEB)])

    assert [(each.announced_at_us // HOUR, set(each.components)) for each in found] == [
        (3, {API}),
        (9, {WEB}),
    ]


def test_one_that_is_entered_after_it_began_is_retroactive() -> None:
    before, after, at = (announced([revision(1, 10, 12, when)])[0] for when in (9, 11, 10))

    assert (before.is_retroactive, after.is_retroactive, at.is_retroactive) == (False, True, False)


def test_what_was_entered_later_is_not_known_before() -> None:
    revisions = [revision(1, 10, 12, 3), revision(2, 10, 12, 5, cancelled=True)]

    assert announced(revisions, known_us=2 * HOUR) == ()
    assert [each.cancelled for each in announced(revisions, known_us=4 * HOUR)] == [False]


def test_nothing_announces_nothing() -> None:
    assert announced([]) == ()


@st.composite
def histories(draw: st.DrawFn) -> list[Revision]:
    found: list[Revision] = []
    at = 0
    for number in range(1, draw(st.integers(1, 5)) + 1):
        at += draw(st.integers(0, 4))
        start = draw(st.integers(0, 14))
        end = draw(st.integers(start + 1, 16))
        cancelled = number > 1 and draw(st.integers(0, 3)) == 0
        components = draw(st.sets(st.sampled_from([API, WEB]), min_size=1))
        found.append(revision(number, start, end, at, *components, cancelled=cancelled))
        if cancelled:
            break
    return found


def planned(revisions: list[Revision], number: int, hour: int, component: int) -> bool:
    """Tell, hour by hour, whether an hour was in the plan once a revision was entered."""
    each = revisions[number]
    if each.cancelled:
        return hour < each.announced_at_us // HOUR and planned(revisions, number - 1, hour, component)
    return component in each.components and each.start_us // HOUR <= hour < each.end_us // HOUR


@given(histories())
def test_every_hour_has_the_notice_of_the_revision_since_which_it_was_planned(found: list[Revision]) -> None:
    told = announced(found)

    for component in (API, WEB):
        for hour in range(20):
            since = None
            for number in reversed(range(len(found))):
                if not planned(found, number, hour, component):
                    break
                since = found[number]
            holding = [
                each
                for each in told
                if not each.cancelled
                and component in each.components
                and each.start_us <= hour * HOUR < each.end_us
            ]
            assert [each.announced_at_us for each in holding] == ([since.announced_at_us] if since else [])
            assert [each.revision for each in holding] == ([since.number] if since else [])


@given(histories())
def test_no_interval_begins_inside_time_of_the_same_announcement(found: list[Revision]) -> None:
    told = [each for each in announced(found) if not each.cancelled]

    for each in told:
        for other in told:
            same = each.revision == other.revision and each.components & other.components
            assert not (same and other.end_us == each.start_us)


@given(histories())
def test_the_order_in_which_revisions_come_is_of_no_matter(found: list[Revision]) -> None:
    assert announced(reversed(found)) == announced(found)


@given(histories(), st.integers(1, 6))
def test_adding_time_never_takes_notice_from_what_was_announced(found: list[Revision], more: int) -> None:
    last = found[-1]
    if last.cancelled:
        return
    longer = Revision(
        last.number + 1, last.start_us, last.end_us + more * HOUR, last.announced_at_us + HOUR, False,
        last.components,
    )  # fmt: skip
    before = {(each.start_us, each.end_us, each.announced_at_us) for each in announced(found)}
    after = {(each.start_us, each.end_us, each.announced_at_us) for each in announced([*found, longer])}

    assert before <= after
