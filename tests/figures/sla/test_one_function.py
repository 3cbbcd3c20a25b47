"""The same ledger gives the same numbers on every surface, and a question changes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.databases import Database
from tests.figures.sla.agreed import book, contract, excluded, figure, planned
from tests.world import DAY, HOUR, MINUTE, World

from trueup import SLACalculator, conf
from trueup.domain.interval import Span
from trueup.domain.node import parse
from trueup.domain.result import State
from trueup.domain.sla import evaluate_case, judge, read_case, write_result
from trueup.domain.sla.trace import FIGURES
from trueup.figures.cache import shared
from trueup.figures.page import PageReader
from trueup.figures.sla.entries import opened
from trueup.figures.sla.fault import WindowError
from trueup.figures.sla.whatif import Change, Planned, Reclassified, if_excluded, what_if
from trueup.reports.case import write_case
from trueup.store.read import position

NOW = time.time_ns() // 1000
BEGAN = NOW - 2 * HOUR
UP, DOWN = State.UP, State.DOWN


@pytest.fixture
def world(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    """Give a contract over a backend that was down for 30 minutes, with a blip, a plan and an exclusion."""
    monkeypatch.setenv("TRUEUP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TRUEUP_CONFIG", str(tmp_path / "trueup.yaml"))
    conf.current.cache_clear()
    found = World(NOW)
    history = [
        (UP, NOW - 60 * DAY, BEGAN),
        (DOWN, BEGAN, BEGAN + 30 * MINUTE),
        (UP, BEGAN + 30 * MINUTE, None),
    ]
    check = found.watched("backend", spans=history)
    found.blip(check, BEGAN - HOUR)
    found.watched("frontend", spans=[(UP, NOW - 60 * DAY, None)])
    row = contract(found, "backend", "frontend", of={"window": {"type": "rolling", "seconds": 30 * 86_400}})
    excluded(row, BEGAN, BEGAN + 5 * MINUTE)
    planned(BEGAN + 20 * MINUTE, BEGAN + 25 * MINUTE, "backend")
    shared.cache_clear()
    yield found
    shared.cache_clear()
    monkeypatch.undo()
    conf.current.cache_clear()


def numbers(told: dict[str, Any]) -> dict[str, Any]:
    """Return what must not differ: a clock that goes on moves everything else."""
    return {name: told[name] for name in ("status", "uptime_tier", "service_credit", "sla_target")} | {
        "used": told["downtime_minutes"]["used"]
    }


def test_page_api_python_and_what_if_say_the_same(world: World, client: Client) -> None:
    api = client.get("/api/system/uptime/").json()["monthly_sla"]
    sla = client.get("/api/system/uptime/sla/").json()
    year, month = map(int, api["current_month"].split("-"))

    live = figure(NOW, label=api["current_month"])
    python = SLACalculator().calculate_monthly_sla(year, month)
    other = what_if(live, Change())

    assert numbers(api) == numbers(sla["monthly"]) == numbers(python)
    assert other.result == live.result == judge(live.gathered.case)
    assert write_result(other.gathered.case, other.result) == write_result(live.gathered.case, live.result)
    assert sla["current"]["downtime_minutes"]["used"] == 20.0


def test_page_and_book_count_the_same_downtime_without_a_contract(world: World) -> None:
    page = PageReader().read(NOW, position.newest())
    profile = book(NOW).built_in()

    house = [each.over(DAY).down_us for each in page.components]
    of = book(NOW).between(profile, NOW - DAY, NOW)

    assert house == [25 * MINUTE, 0]  # an exclusion is a contract's, a plan everybody's
    assert of.used_us == 25 * MINUTE


def test_case_that_is_written_and_read_again_comes_to_the_same(world: World) -> None:
    live = figure(NOW)

    document = json.dumps(write_case(live.gathered.case, {}))

    assert evaluate_case(read_case(parse(document))) == write_result(live.gathered.case, live.result)


def test_every_figure_is_the_sum_of_its_entries(world: World) -> None:
    live = figure(NOW)

    result, found = write_result(live.gathered.case, live.result), opened(live)

    assert set(found) == set(FIGURES)
    for name in set(result) & set(found):
        assert found[name]["seconds"] == result[name], name
        assert sum(Fraction(each["seconds"]) for each in found[name]["entries"]) == Fraction(result[name])
    [first, *_] = found["down_seconds"]["entries"]
    assert first["causes"][0]["check"] == "backend"
    assert set(first["causes"][0]["edges"]) == {"a", "b", "c", "d"}


def test_other_terms_an_exclusion_and_another_state_change_what_they_should(world: World) -> None:
    live = figure(NOW)

    stricter = what_if(live, Change(terms={"objective": "99.99"}))
    freed = what_if(live, Change(exclusions=[Span(BEGAN, BEGAN + HOUR)]))
    ours = what_if(live, Change(reclassified=[Reclassified("backend", BEGAN + 6 * MINUTE, State.DEGRADED)]))
    works = what_if(
        live, Change(maintenance=[Planned(Span(BEGAN, BEGAN + HOUR), NOW, frozenset(["backend"]))])
    )

    assert live.used_us == 20 * MINUTE
    assert stricter.used_us == live.used_us
    assert stricter.status == "breached"
    assert freed.used_us == ours.used_us == works.used_us == 0
    assert figure(NOW).used_us == 20 * MINUTE  # nothing was stored


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Change(reclassified=[Reclassified("nope", NOW, UP)]), "There are: backend, frontend"),
        (Change(reclassified=[Reclassified("backend", NOW - 9 * DAY, UP)]), "Its nearest began"),
        (Change(reclassified=[Reclassified("frontend", NOW, UP)]), "It has none in this window"),
        (Change(maintenance=[Planned(Span(NOW, NOW + 1), NOW, frozenset(["x"]))]), "no component"),
    ],
)
def test_question_about_what_is_not_there_is_refused(world: World, wanted: Change, words: str) -> None:
    with pytest.raises(WindowError, match=words):
        what_if(figure(NOW), wanted)


def test_approving_an_exclusion_says_what_it_changes_before(world: World) -> None:
    [(before, after)] = if_excluded(book(NOW), "standard", Span(BEGAN, BEGAN + HOUR))

    assert before.used_us == 20 * MINUTE
    assert after.used_us == 0
    assert if_excluded(book(NOW), "standard", Span(NOW - 40 * DAY, NOW - 39 * DAY)) == []
    assert if_excluded(book(NOW), "nothing", Span(BEGAN, NOW)) == []
