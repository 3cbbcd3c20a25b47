"""The figures of contracts, from rows of the database."""

from __future__ import annotations

from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.databases import Database
from tests.figures.sla.agreed import book, contract, excluded, figure, planned
from tests.world import DAY, HOUR, MINUTE, World, at

from trueup.domain.result import State
from trueup.domain.sla import Tally
from trueup.figures.page import PageReader
from trueup.figures.sla.book import Book
from trueup.figures.sla.fault import UnknownContractError, WindowError
from trueup.figures.sla.metrics import outside
from trueup.figures.sla.outlook import exported
from trueup.store.models import CheckRevision
from trueup.store.read import position

NOW = at("2026-11-23 14:30:00")
BEGAN = at("2026-11-05 10:00:00")
UP, DOWN = State.UP, State.DOWN


def spans(length_us: int, began_us: int = BEGAN) -> list[tuple[State, int, int | None]]:
    """Return a history of one outage."""
    return [
        (UP, NOW - 400 * DAY, began_us),
        (DOWN, began_us, began_us + length_us),
        (UP, began_us + length_us, None),
    ]


@pytest.fixture
def world(database: Database) -> World:
    """Give a backend that was down for 30 minutes, and a frontend that was not."""
    found = World(NOW)
    found.watched("backend", spans=spans(30 * MINUTE))
    found.watched("frontend", spans=[(UP, NOW - 400 * DAY, None)])
    return found


def test_contract_counts_its_components_over_its_window(world: World) -> None:
    contract(world, "backend", "frontend")

    found = figure(NOW)

    assert found.label == "2026-11"
    assert found.used_us == 30 * MINUTE
    assert found.allowed_us == Fraction(2592) * 1_000_000
    assert (found.status, found.tier) == ("met", "Excellent")
    assert found.result.ratios.uptime == 1 - Fraction(30 * MINUTE, NOW - at("2026-11-01 00:00:00"))


def test_below_the_objective_so_far_is_at_risk_until_nothing_can_mend_it(sqlite_database: Database) -> None:
    early = at("2026-11-10 00:00:00")
    world = World(early)
    world.watched("backend", spans=[*spans(30 * MINUTE)[:2], (UP, BEGAN + 30 * MINUTE, None)])
    contract(world, "backend")
    assert (figure(early).status, figure(early).tier) == ("at_risk", "Good")

    worse = World(early)
    worse.watched("worse", spans=[*spans(HOUR)[:2], (UP, BEGAN + HOUR, None)])
    contract(worse, "worse", slug="worse")
    assert figure(early, "worse").status == "breached"


def test_maintenance_of_one_component_takes_it_out_where_nothing_caps_it(world: World) -> None:
    contract(world, "backend", "frontend")
    planned(BEGAN, BEGAN + HOUR, "backend")

    found = figure(NOW)

    assert found.used_us == 0
    assert found.result.sums is not None
    assert found.result.sums.excluded_maintenance_us == 0
    assert [len(part.maintenance) for part in found.gathered.case.components] == [1, 0]


@pytest.mark.parametrize(
    ("mode", "cap", "used_us"),
    [("ignore", None, 30 * MINUTE), ("exclude", 600, 20 * MINUTE), ("count_as_up", None, 0)],
)
def test_naming_components_leads_round_no_cap_and_no_mode(
    world: World, mode: str, cap: int | None, used_us: int
) -> None:
    rule = {"mode": mode, "min_notice_seconds": 0, "cap_seconds": cap}
    contract(world, "backend", "frontend", of={"maintenance": rule})
    planned(BEGAN, BEGAN + HOUR, "backend")

    found = figure(NOW)

    assert found.used_us == used_us
    assert len(found.gathered.case.maintenance) == 1


def test_approved_exclusion_is_left_out_as_soon_as_it_is_decided(world: World) -> None:
    row = contract(world, "backend")
    of = book(NOW)
    before = of.named(of.contract(None), "2026-11")[0]

    excluded(row, BEGAN, BEGAN + 10 * MINUTE)
    of.turn(NOW, position.newest())
    after = of.named(of.contract(None), "2026-11")[0]

    assert [before.used_us, after.used_us] == [30 * MINUTE, 20 * MINUTE]


def test_built_in_profile_is_the_house_profile_over_the_month(world: World) -> None:
    world.watched("new", spans=[(UP, NOW - HOUR, None)])  # it leaves the past of the others as it was
    planned(BEGAN, BEGAN + 10 * MINUTE, "backend", "frontend", "new")

    found = figure(NOW)

    month_us = at("2026-11-01 00:00:00")
    page = PageReader().read(NOW, position.newest())
    house = page.components[0].over(NOW - month_us)
    assert found.gathered.contract.built_in
    assert found.used_us == house.down_us == 20 * MINUTE
    assert found.result.ratios.uptime == house.availability_ratio
    assert isinstance(house, Tally)


def test_contract_that_is_meant_is_the_default_else_the_only_one_else_the_built_in(world: World) -> None:
    contract(world, "backend", slug="one")
    assert book(NOW).contract(None).slug == "one"

    contract(world, "backend", slug="two")
    assert book(NOW).contract(None).built_in

    contract(world, "backend", slug="three", default=True)
    assert book(NOW).contract(None).slug == "three"


def test_contract_that_is_not_there_is_said_with_those_that_are(world: World) -> None:
    contract(world, "backend", slug="standard")

    with pytest.raises(UnknownContractError, match="Did you mean standard"):
        book(NOW).contract("standart")


def test_version_holds_for_its_own_windows(world: World) -> None:
    contract(world, "backend", of={"objective": "99"})
    contract(world, "backend", of={"objective": "99.99"}, since_us=at("2026-12-01 00:00:00"))

    now, later = figure(NOW), figure(at("2026-12-02 00:00:00"))

    assert now.gathered.case.terms.objective_ratio == Fraction(99, 100)
    assert later.gathered.case.terms.objective_ratio == Fraction(9999, 10000)


def test_window_before_the_contract_is_refused_with_the_remedy(world: World) -> None:
    contract(world, "backend", since_us=at("2026-06-01 00:00:00"))

    with pytest.raises(WindowError, match="Take a later period"):
        figure(NOW, label="2026-03")
    with pytest.raises(WindowError, match="has not begun"):
        figure(NOW, label="2027-03")
    for label in ("soon", "2026-13", "2026-Q7"):
        with pytest.raises(WindowError, match="is no period"):
            figure(NOW, label=label)


def test_another_period_before_the_contract_is_refused_as_such(world: World) -> None:
    contract(world, "backend", since_us=at("2026-06-01 00:00:00"))

    with pytest.raises(WindowError, match="2026-Q1 lies before the contract, which begins at"):
        figure(NOW, label="2026-Q1")


def test_other_periods_are_looked_at_under_the_same_terms_and_settle_nothing(world: World) -> None:
    contract(world, "backend")

    quarter, year = figure(NOW, label="2026-Q4"), figure(NOW, label="2026")

    assert quarter.used_us == year.used_us == 30 * MINUTE
    assert not quarter.gathered.looked.own
    assert quarter.allowed_us == Fraction(92 * DAY, 1000)  # no month of 30 days in a quarter


def test_follower_gives_what_a_new_book_gives(world: World) -> None:
    contract(world, "backend", "frontend", of={"min_outage": {"seconds": 60}})
    follower = Book()
    for hours in range(0, 48, 7):
        follower.turn(NOW + hours * HOUR, position.newest())
        fresh = book(NOW + hours * HOUR)
        for label in ("2026-10", "2026-11", "2026"):
            one = follower.named(follower.contract(None), label)[0]
            assert one.result == fresh.named(fresh.contract(None), label)[0].result


def test_nothing_is_read_again_without_news(world: World) -> None:
    contract(world, "backend", "frontend")
    of, at_once = book(NOW), position.newest()
    first = of.named(of.contract(None), "2026-10")[0]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        of.turn(NOW, at_once)
        assert of.named(of.contract(None), "2026-10")[0] is first
    of.turn(NOW + HOUR, at_once)
    assert of.named(of.contract(None), "2026-10")[0] is first  # it is over: time changes nothing
    assert len(queries) == 0


def test_probes_too_far_apart_give_no_verdict_and_say_what_would(world: World) -> None:
    CheckRevision.objects.update(interval_us=HOUR)
    contract(world, "backend", of={"objective": "99.99"})

    found = figure(NOW)

    assert (found.status, found.tier, found.credit_ratio) == ("no_data", None, None)
    assert found.reason is not None
    assert "Ask each" in found.reason


def test_gauges_of_all_contracts_are_values_of_their_figures(world: World) -> None:
    contract(world, "backend", slug="one")
    contract(world, "frontend", slug="two")

    found = {
        (each.contract, each.gauge.name, each.gauge.label): each.gauge.value for each in exported(book(NOW))
    }

    assert found["one", "sla_budget_seconds", ("kind", "used")] == 1800
    assert found["two", "sla_uptime_ratio", ("bound", "point")] == 1
    assert found["two", "sla_credit_percent", None] == 0


def test_many_contracts_read_the_ledger_once(world: World) -> None:
    for number in range(20):
        contract(world, "backend", "frontend", slug=f"contract-{number}")

    with CaptureQueriesContext(connection) as few:
        assert len(book(NOW).every()) == 20

    assert len(few) < 20


def test_fixed_window_that_is_over_has_no_figure_of_now_and_says_why(world: World) -> None:
    week = {"start": "2026-11-01T00:00:00Z", "end": "2026-11-08T00:00:00Z"}
    contract(world, "backend", of={"window": {"type": "fixed"}}, fixed=week)
    own = book(NOW)

    assert own.current(own.contract(None)) is None
    assert "is over" in outside(own.contract(None), NOW)
    assert [each.label for each in own.named(own.contract(None), "fixed")] == ["fixed"]
