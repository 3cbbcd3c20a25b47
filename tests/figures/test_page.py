"""The read model of a page, from rows of the database."""

from __future__ import annotations

from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.databases import Database
from tests.world import DAY, HOUR, INTERVAL, MINUTE, SECOND, World, at

from trueup.domain.result import State
from trueup.figures.page import Page, PageReader
from trueup.store.models import Check, Component
from trueup.store.read import position

NOW = at("2026-11-23 14:32:05")


def read(now_us: int = NOW, reader: PageReader | None = None) -> Page:
    """Return the page as a reader, or a new one, sees it."""
    return (reader or PageReader()).read(now_us, position.newest())


def test_component_that_was_always_up_is_whole_and_up_since_its_record_says(database: Database) -> None:
    World(NOW).watched("frontend", spans=[(State.UP, NOW - 400 * DAY, None)])

    component = read().components[0]

    assert component.state is State.UP
    assert component.since_us == NOW - 400 * DAY
    assert [component.over(days * DAY).availability_ratio for days in (1, 7, 30, 90)] == [1, 1, 1, 1]
    assert component.over(90 * DAY).window_us == 90 * DAY


def test_outage_is_lost_from_every_window_that_holds_it(database: Database) -> None:
    began = NOW - 10 * DAY
    spans = [
        (State.UP, NOW - 95 * DAY, began),
        (State.DOWN, began, began + HOUR),
        (State.UP, began + HOUR, None),
    ]
    World(NOW).watched("backend", spans=spans)

    component = read().components[0]

    assert component.over(7 * DAY).down_us == 0
    assert component.over(30 * DAY).availability_ratio == 1 - Fraction(HOUR, 30 * DAY)
    assert component.over(90 * DAY).availability_ratio == 1 - Fraction(HOUR, 90 * DAY)
    assert [(each.start_us, each.observed_us) for each in component.outages] == [(began, HOUR)]


def test_window_that_begins_inside_an_outage_counts_its_rest(sqlite_database: Database) -> None:
    began = NOW - DAY - 20 * MINUTE
    spans = [
        (State.UP, NOW - 95 * DAY, began),
        (State.DOWN, began, began + HOUR),
        (State.UP, began + HOUR, None),
    ]
    World(NOW).watched("backend", spans=spans)

    assert read().components[0].over(DAY).down_us == 40 * MINUTE


def test_blip_leaves_the_point_and_widens_the_band(sqlite_database: Database) -> None:
    world = World(NOW)
    world.blip(world.watched("backend"), NOW - 3 * DAY)

    tally = read().components[0].over(7 * DAY)

    assert tally.availability_ratio == 1
    assert tally.band_lo_ratio is not None
    assert tally.band_lo_ratio < 1


def test_time_before_the_first_check_is_no_part_of_the_figure(sqlite_database: Database) -> None:
    World(NOW).watched("new", spans=[(State.UP, NOW - HOUR, None)])

    component = read().components[0]

    assert component.watched_us == NOW - HOUR
    assert component.over(90 * DAY).coverage_ratio == 1
    assert component.over(90 * DAY).counted_us == HOUR


def test_component_without_a_result_has_no_figure(sqlite_database: Database) -> None:
    world = World(NOW)
    world.check(world.component("new"), since_us=NOW - HOUR)

    component = read().components[0]

    assert component.state is State.UNKNOWN
    assert component.answer is None
    assert component.over(DAY).availability_ratio is None


def test_component_without_checks_is_unknown(sqlite_database: Database) -> None:
    World(NOW).component("empty")

    component = read().components[0]

    assert (component.state, component.since_us, component.watched_us) == (State.UNKNOWN, None, None)
    assert component.over(90 * DAY).availability_ratio is None


def test_open_state_is_unknown_once_nothing_covers_it(sqlite_database: Database) -> None:
    world = World(NOW)
    check = world.check(world.component("frontend"))
    world.happened(
        check, [(State.UP, NOW - DAY, None)], covered_us=NOW - HOUR, silent_us=NOW - HOUR + 45 * SECOND
    )

    component = read().components[0]

    assert component.state is State.UNKNOWN
    assert component.since_us == NOW - HOUR
    assert component.over(DAY).unknown_us == HOUR


def test_figure_ends_where_cover_ends_while_the_next_result_is_awaited(sqlite_database: Database) -> None:
    world = World(NOW)
    check = world.check(world.component("frontend"))
    world.happened(
        check, [(State.UP, NOW - 9 * DAY, None)], covered_us=NOW - 2 * SECOND, silent_us=NOW + INTERVAL
    )

    component = read().components[0]

    assert component.state is State.UP
    assert component.as_of_us == NOW - 2 * SECOND
    assert component.over(DAY).coverage_ratio == 1
    assert component.over(DAY).window_us == DAY


@pytest.mark.parametrize(
    ("down_when", "one", "other", "expected"),
    [
        ("any", State.UP, State.DOWN, State.DOWN),
        ("all", State.UP, State.DOWN, State.DEGRADED),
        ("all", State.DOWN, State.DOWN, State.DOWN),
        ("2", State.DOWN, State.UNKNOWN, State.UNKNOWN),
        ("any", State.UP, State.PAUSED, State.UP),
    ],
)
def test_checks_of_a_component_speak_together(
    sqlite_database: Database, down_when: str, one: State, other: State, expected: State
) -> None:
    world = World(NOW)
    component = world.component("backend", down_when=down_when)
    for slug, state in (("one", one), ("other", other)):
        check = world.check(component, slug, since_us=NOW - 9 * DAY)
        world.happened(check, [(State.UP, NOW - 9 * DAY, NOW - HOUR), (state, NOW - HOUR, None)])

    found = read().components[0]

    assert found.state is expected
    if expected is not State.UP:
        assert found.since_us == NOW - HOUR


def test_second_check_leaves_the_history_before_it_as_it_was(sqlite_database: Database) -> None:
    world = World(NOW)
    first = world.watched("backend", spans=[(State.UP, NOW - 95 * DAY, None)])
    second = world.check(first.component, "backend-tcp", since_us=NOW - HOUR)
    world.happened(second, [(State.UP, NOW - HOUR, None)])

    tally = read().components[0].over(90 * DAY)

    assert tally.coverage_ratio == 1
    assert tally.availability_ratio == 1


def test_archived_check_leaves_its_component_but_not_its_history(sqlite_database: Database) -> None:
    world = World(NOW)
    down = [(State.UP, NOW - 9 * DAY, NOW - 8 * DAY), (State.DOWN, NOW - 8 * DAY, NOW - 7 * DAY)]
    first = world.watched("backend", spans=[*down, (State.PAUSED, NOW - 7 * DAY, None)])
    second = world.check(first.component, "backend-tcp", since_us=NOW - 7 * DAY)
    world.happened(second, [(State.UP, NOW - 7 * DAY, None)])
    Check.objects.filter(pk=first.pk).update(archived_at=_aware(NOW - 7 * DAY))

    component = read().components[0]

    assert component.state is State.UP
    assert component.over(90 * DAY).down_us == DAY
    assert component.over(90 * DAY).up_us == 8 * DAY


def test_check_that_does_not_count_is_not_heard(sqlite_database: Database) -> None:
    world = World(NOW)
    first = world.watched("backend")
    warning = world.check(first.component, "certificate", since_us=NOW - 9 * DAY, counts=False)
    world.happened(warning, [(State.DOWN, NOW - 9 * DAY, None)])

    component = read().components[0]

    assert component.state is State.UP
    assert component.over(90 * DAY).availability_ratio == 1


def test_archived_component_is_not_shown(sqlite_database: Database) -> None:
    world = World(NOW)
    world.watched("old")
    Component.objects.filter(slug="old").update(archived_at=_aware(NOW))

    assert read().components == ()


def test_components_stand_in_their_order(sqlite_database: Database) -> None:
    world = World(NOW)
    for position_, slug in ((2, "last"), (0, "first"), (1, "middle")):
        world.component(slug, position=position_)

    assert [each.slug for each in read().components] == ["first", "middle", "last"]


def test_latency_shown_is_that_of_the_slowest_check(sqlite_database: Database) -> None:
    world = World(NOW)
    first = world.watched("backend")
    second = world.check(first.component, "slow", since_us=NOW - DAY)
    world.happened(second, [(State.UP, NOW - DAY, None)], latency_us=900_000)

    answer = read().components[0].answer

    assert answer is not None
    assert answer.latency_us == 900_000


def test_outage_that_nothing_followed_says_so(sqlite_database: Database) -> None:
    spans = [
        (State.UP, NOW - 9 * DAY, NOW - DAY),
        (State.DOWN, NOW - DAY, NOW - DAY + HOUR),
        (State.UNKNOWN, NOW - DAY + HOUR, NOW - DAY + 2 * HOUR),
        (State.UP, NOW - DAY + 2 * HOUR, None),
    ]
    World(NOW).watched("backend", spans=spans)

    outage = read().components[0].outages[0]

    assert (outage.ongoing, outage.open_after, outage.observed_us) == (False, True, HOUR)


def test_outage_of_two_checks_is_one_with_the_widest_bounds(sqlite_database: Database) -> None:
    world = World(NOW)
    component = world.component("backend")
    for slug, begin, end in (
        ("one", NOW - 60 * MINUTE, NOW - 40 * MINUTE),
        ("two", NOW - 50 * MINUTE, NOW - 30 * MINUTE),
    ):
        spans = [(State.UP, NOW - 9 * DAY, begin), (State.DOWN, begin, end), (State.UP, end, None)]
        world.happened(world.check(component, slug, since_us=NOW - 9 * DAY), spans)

    outages = read().components[0].outages

    assert [(each.start_us, each.end_us) for each in outages] == [(NOW - 60 * MINUTE, NOW - 30 * MINUTE)]
    assert outages[0].least_us < 30 * MINUTE < outages[0].most_us


def test_flapping_check_shows_its_newest_outages(sqlite_database: Database) -> None:
    spans: list[tuple[State, int, int | None]] = []
    begin = NOW - 2 * DAY
    for index in range(1_000):
        spans.append((State.DOWN if index % 2 else State.UP, begin, begin + MINUTE))
        begin += MINUTE
    World(NOW).watched("flapping", spans=[*spans, (State.UP, begin, None)])

    component = read().components[0]

    assert component.over(90 * DAY).down_us == 500 * MINUTE
    assert component.since_us == begin
    assert len(component.outages) == 200
    assert component.outages[0].end_us == begin


@pytest.mark.parametrize("count", [1, 40])
def test_number_of_queries_does_not_grow_with_the_components(sqlite_database: Database, count: int) -> None:
    world = World(NOW)
    with transaction.atomic():
        for index in range(count):
            world.watched(f"component-{index}")
    reader = PageReader()

    with CaptureQueriesContext(connection) as cold:
        read(NOW, reader)
    with CaptureQueriesContext(connection) as warm:
        read(NOW + 10 * SECOND, reader)

    assert len(cold) == 13  # two of them for what people planned: maintenance, and whose it is
    assert len(warm) == 5


def test_zone_that_this_machine_does_not_know_is_shown_in_utc(sqlite_database: Database) -> None:
    World(NOW, timezone="Mars/Olympus")

    assert read().zone.key == "UTC"


def test_engine_is_silent_when_its_last_sign_is_old(sqlite_database: Database) -> None:
    world = World(NOW)
    world.watched("frontend")
    never = read().engine
    world.engine(NOW - 5 * SECOND)
    lately = read().engine
    world.engine(NOW - HOUR)
    gone = read().engine

    assert (never.alive, never.seen_us) == (False, None)
    assert lately.alive
    assert (gone.alive, gone.seen_us) == (False, NOW - HOUR)


def test_engine_ahead_of_the_wall_clock_lives_while_it_signs(sqlite_database: Database) -> None:
    world = World(NOW)
    world.watched("frontend")

    alive = {}
    for signed_us in (NOW - HOUR, NOW, NOW + HOUR):  # by the clock of the machine
        world.engine(NOW + HOUR, wall_us=signed_us)
        alive[signed_us] = read().engine.alive

    assert alive == {NOW - HOUR: False, NOW: True, NOW + HOUR: False}


def test_after_the_wall_clock_was_set_back_the_page_reads_on_the_clock_of_the_engine(
    sqlite_database: Database,
) -> None:
    world = World(NOW)
    spans = [(State.UP, NOW - 9 * DAY, NOW - 10 * MINUTE), (State.DOWN, NOW - 10 * MINUTE, None)]
    world.watched("backend", spans=spans)
    world.engine(NOW)

    page = read(NOW - HOUR)

    assert page.as_of_us == NOW
    assert page.components[0].since_us == NOW - 10 * MINUTE
    assert page.components[0].over(DAY).down_us == 10 * MINUTE


def _aware(at_us: int) -> object:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_us / SECOND, UTC)
