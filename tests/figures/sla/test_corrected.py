"""What a correction would make of figures is what it makes of them."""

from __future__ import annotations

import time

import pytest
from tests.databases import Database
from tests.figures.sla.agreed import book, contract, figure
from tests.world import DAY, HOUR, MINUTE, World

from trueup.access import review
from trueup.access.actor import Actor
from trueup.cli import run
from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.figures.sla.corrected import if_corrected
from trueup.store.models import Check, SeriesState

NOW = time.time_ns() // 1000
BEGAN = NOW - 3 * HOUR
UP, DOWN = State.UP, State.DOWN


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """Give two contracts over a backend that was down for 30 minutes and blipped, and one over another."""
    found = World(NOW)
    history = [
        (UP, NOW - 60 * DAY, BEGAN),
        (DOWN, BEGAN, BEGAN + 30 * MINUTE),
        (UP, BEGAN + 30 * MINUTE, None),
    ]
    check = found.watched("backend", spans=history)
    found.blip(check, BEGAN + HOUR)
    found.watched("frontend")
    Check.objects.update(managed="hand")
    SeriesState.objects.update(rules_from_us=NOW)  # nothing is to be judged again
    rolling = {"window": {"type": "rolling", "seconds": 30 * 86_400}}
    contract(found, "backend", "frontend", of=rolling)
    contract(found, "backend", slug="second", of=rolling | {"objective": "99"})
    contract(found, "frontend", slug="other", of=rolling)
    return found


@pytest.mark.parametrize("state", ["up", "unknown"])
@pytest.mark.parametrize(("before", "after"), [(10, 10), (10, 40), (-5, 20), (-30, 90)])
def test_figures_after_a_correction_are_those_that_were_foretold(
    world: World, capsys: pytest.CaptureFixture[str], state: str, before: int, after: int
) -> None:
    began_us = BEGAN // 1_000_000 * 1_000_000
    wrong = Span(began_us - before * MINUTE, began_us + after * MINUTE)
    told = if_corrected(book(NOW), "backend", wrong, State(state))
    olga, check = Actor("olga", "here", NOW), Check.objects.get(slug="backend").id
    name = review.ask_correction(check, "backend", *wrong, state, "our own proxy", "TICKET-7", olga)

    assert run(["correction", "approve", name, "--why", "seen"]) == 0

    said = capsys.readouterr().out
    assert [each.gathered.contract.slug for each, _ in told] == ["standard", "second"]
    assert [live.result for live, _ in told] != [corrected.result for _, corrected in told]
    assert [figure(NOW, slug).result for slug in ("standard", "second")] == [each.result for _, each in told]
    assert "Standard, rolling: 99.93" in said
    assert said.count(" after") == 2


def test_correction_that_changes_nothing_touches_no_contract(world: World) -> None:
    calm = Span(NOW - 2 * DAY, NOW - DAY)

    assert if_corrected(book(NOW), "backend", calm, UP) == []
    assert if_corrected(book(NOW), "nothing", calm, UP) == []
