"""What one audience of one page sees, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.databases import Database
from tests.figures.sla.agreed import contract, planned
from tests.paged import paged
from tests.seen import seen
from tests.world import DAY, HOUR, MINUTE, SECOND, World, at

from trueup.access import incident
from trueup.access.actor import Actor
from trueup.access.incident import Saying
from trueup.domain.audience import Audience
from trueup.domain.result import State
from trueup.figures.sla.fault import UnknownContractError
from trueup.store.models import Component

NOW = at("2026-11-23 14:32:05")
APPLIED = NOW - 2 * DAY


@pytest.fixture
def world(database: Database) -> World:
    """Give three components on two pages; one is down, and stands on the inner page only."""
    found = World(NOW)
    found.watched("shop")
    found.watched("search")
    found.watched("payroll", spans=[(State.UP, NOW - 9 * DAY, NOW - HOUR), (State.DOWN, NOW - HOUR, None)])
    Component.objects.filter(slug="shop").update(description="Where people buy")
    paged(found, "outer", "search", groups={"Trade": ["shop"]}, name="Status", description="Our shop")
    paged(found, "inner", "payroll", "shop")
    return found


def told(now_us: int, *components: str, name: str = "Trouble", **said: Any) -> str:
    """Open an incident of components and return its public id."""
    words = Saying(body="We look into it.", impacts=dict.fromkeys(components, "partial"), **said)
    return incident.begin(name, words, Actor("anna", "here", now_us))


def test_page_has_its_own_components_in_their_order_and_groups(world: World) -> None:
    view = seen(NOW, "outer")

    assert [each.slug for each in view.components] == ["shop", "search"]
    assert [(each.name, [one.slug for one in each.components]) for each in view.groups] == [
        ("Trade", ["shop"])
    ]
    shop, search = view.components
    group = view.group(shop)
    assert group is not None
    assert (group.description, view.group(search)) == ("All of Trade", None)
    assert (view.page.name, view.page.description, view.is_first) == ("Status", "Our shop", True)
    assert (shop.description, shop.created_us, shop.start_us) == ("Where people buy", NOW, NOW - 100 * DAY)
    assert shop.public_id == Component.objects.get(slug="shop").public_id


def test_overall_is_that_of_the_page(world: World) -> None:
    assert (seen(NOW, "outer").overall, seen(NOW, "inner").overall) == ("operational", "partial_outage")


def test_page_of_everything_also_has_what_came_later(sqlite_database: Database) -> None:
    world = World(NOW)
    world.watched("shop")
    paged(world, "all")
    world.watched("new")

    assert [each.slug for each in seen(NOW, "all").components] == ["shop", "new"]


def test_contract_is_published_where_all_of_it_stands(world: World) -> None:
    for slug, components in (("one", ["shop"]), ("two", ["shop", "payroll"]), ("three", ["search", "shop"])):
        contract(world, *components, slug=slug, since_us=NOW - 9 * DAY)
    contract(world, "shop", slug="secret", since_us=NOW - 9 * DAY, published=False)

    found = {page: [each.slug for each in seen(NOW, page).book.contracts()] for page in ("outer", "inner")}

    assert found == {"outer": ["one", "three"], "inner": ["one", "two"]}
    with pytest.raises(UnknownContractError, match=r"^There is no contract 'two'\. There are: one, three\.$"):
        seen(NOW, "outer").book.published("two")
    with pytest.raises(UnknownContractError):
        seen(NOW, "outer").book.published("secret")


def test_contract_that_once_held_what_stands_elsewhere_is_not_published(world: World) -> None:
    row = contract(world, "shop", "payroll", slug="gold", since_us=NOW - 90 * DAY)
    contract(world, "shop", slug="gold", since_us=NOW - 9 * DAY)

    assert row.slug not in [each.slug for each in seen(NOW, "outer").book.contracts()]


def test_profile_without_a_contract_speaks_of_the_page_alone(world: World) -> None:
    found = {}
    for page in ("outer", "inner"):
        shelf = seen(NOW, page).book
        figure = shelf.period(shelf.published(None), "month")
        assert figure is not None
        found[page] = figure.used_us

    assert found == {"outer": 0, "inner": HOUR}


def test_figures_of_two_pages_without_contracts_are_kept_apart_in_one_book(world: World) -> None:
    outer = seen(NOW, "outer").book
    inner = seen(NOW, "inner").book
    names = {each.published(None).slug for each in (outer, inner)}

    assert len(names) == 2


def test_incident_is_told_where_a_component_of_it_stands(world: World) -> None:
    both = told(NOW - HOUR, "payroll", "shop", publish=True)
    told(NOW - MINUTE, "payroll", publish=True, name="Payday is late")

    view = seen(NOW, "outer")

    assert [each.public_id for each in view.incidents] == [both]
    (found,) = view.incidents
    assert [each.slug for each in found.components] == ["shop"]
    assert len(found.updates[0].changes) == 1
    assert (found.updates[0].by, found.updates[0].reason) == ("", "")
    assert not [one for one in found.outages if one.component != "shop" or one.check or one.cause]
    assert "payroll" not in repr(view.incidents)


def test_draft_and_its_words_are_for_those_inside(world: World) -> None:
    told(NOW - HOUR, "shop")

    assert seen(NOW, "outer").incidents == ()
    assert seen(NOW, "outer", Audience.MEMBER).incidents == ()
    (found,) = seen(NOW, "outer", Audience.INSIDE).incidents
    assert found.is_draft
    assert found.updates[0].by == "anna"


def test_maintenance_is_told_where_a_component_of_it_stands(world: World) -> None:
    planned(NOW + HOUR, NOW + 2 * HOUR, "shop", "payroll", announced_us=NOW - HOUR)
    planned(NOW + HOUR, NOW + 2 * HOUR, "payroll", announced_us=NOW - HOUR, name="Payday")

    (found,) = seen(NOW, "outer").maintenances

    assert [slug for _, slug in found.newest.components] == ["shop"]
    assert found.newest.by == ""
    assert len(seen(NOW, "inner").maintenances) == 2
    assert seen(NOW, "inner", Audience.INSIDE).maintenances[0].newest.by == "anna"


def test_revision_moves_with_what_the_page_says_and_not_with_time(world: World) -> None:
    found = [seen(NOW + us * SECOND, "outer").revision_us for us in (0, 1)]
    told(NOW + 2 * SECOND, "shop", publish=True)
    found.append(seen(NOW + 3 * SECOND, "outer").revision_us)
    planned(NOW + 10 * SECOND, NOW + 20 * SECOND, "shop", announced_us=NOW + 5 * SECOND)
    found += [seen(NOW + us * SECOND, "outer").revision_us for us in (6, 11, 21)]

    assert [(each - NOW) / SECOND for each in found] == [0, 0, 2, 5, 10, 20]


def test_what_people_say_is_read_when_it_is_asked_for(world: World) -> None:
    view = seen(NOW, "outer")

    with CaptureQueriesContext(connection) as first:
        assert (view.incidents, view.maintenances) == ((), ())
    with CaptureQueriesContext(connection) as again:
        assert (view.incidents, view.maintenances) == ((), ())

    assert (len(first), len(again)) == (2, 0)
