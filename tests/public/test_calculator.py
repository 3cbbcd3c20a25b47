"""What a contract comes to, from Python."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.databases import Database
from tests.figures.sla.agreed import contract
from tests.world import DAY, HOUR, World

from trueup import SLACalculator, UptimeError
from trueup.domain.result import State
from trueup.store.models import AuditEntry


@pytest.fixture
def now_us() -> int:
    """Give the instant at which the test begins: the calculator reads the clock itself."""
    return time.time_ns() // 1000


@pytest.fixture
def now(now_us: int) -> datetime:
    """Give the same instant as a datetime."""
    return datetime.fromtimestamp(now_us / 1_000_000, UTC)


@pytest.fixture
def calc(database: Database, settings_of: Callable[..., None], now_us: int) -> SLACalculator:
    """Give a calculator of a contract whose backend was down for an hour just now."""
    world = World(now_us)
    began_us = now_us - HOUR
    spans = [(State.UP, now_us - 100 * DAY, began_us), (State.DOWN, began_us, None)]
    world.watched("backend", spans=spans)
    contract(world, "backend", of={"window": {"type": "rolling", "seconds": 30 * 86_400}})
    return SLACalculator()


def test_month_quarter_and_year_have_the_names_that_people_know(calc: SLACalculator, now: datetime) -> None:
    month = calc.calculate_monthly_sla(now.year, now.month)
    quarter = calc.calculate_quarterly_sla(now.year, (now.month + 2) // 3)
    year = calc.calculate_annual_sla(now.year)

    for each in (month, quarter, year):
        assert {"uptime_percent", "uptime_tier", "status", "service_credit", "sla_target"} <= set(each)
        assert list(each["downtime_minutes"]) == ["used", "allowed", "remaining"]
    assert month["period"] == f"{now:%Y-%m}"
    assert year["period"] == f"{now:%Y}"


def test_breach_is_told_with_its_tier_and_credit(calc: SLACalculator) -> None:
    told = calc.check_sla_breach()

    assert told["breached"] is True
    assert (told["uptime_tier"], told["service_credit"], told["credit_amount"]) == ("Good", 10, "100.00")
    assert told["downtime_minutes"]["remaining"] < 0
    assert told["message"].startswith("Broken: 99.86")


def test_any_time_can_be_asked_for(calc: SLACalculator, now: datetime) -> None:
    whole = calc.calculate_uptime_percentage(now - timedelta(hours=2), now)
    before = calc.calculate_uptime_percentage(now - timedelta(hours=3), now - timedelta(hours=2))

    assert whole == pytest.approx(50, abs=1)
    assert before == 100.0


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda calc: calc.calculate_monthly_sla(2026, 13), "month 13"),
        (lambda calc: calc.calculate_monthly_sla("2026", 1), "year '2026'"),
        (lambda calc: calc.calculate_quarterly_sla(2026, 0), "quarter 0"),
        (lambda calc: calc.calculate_annual_sla(9_000), "has not begun"),
        (lambda calc: calc.calculate_uptime_percentage("soon", "later"), "is no instant"),
        (lambda calc: calc.export("xml"), "is no format"),
        (lambda calc: SLACalculator("gold").check_sla_breach(), "There are: standard"),
        (lambda calc: calc.create_incident("backnd"), "Did you mean backend"),
        (lambda calc: calc.create_incident("backend", "P9"), "is no severity"),
        (lambda calc: calc.close_incident("nothing"), "There is no incident"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    calc: SLACalculator, ask: Callable[[SLACalculator], object], words: str
) -> None:
    with pytest.raises(UptimeError, match=words):
        ask(calc)


def test_incident_is_opened_with_its_outage_and_closed(calc: SLACalculator) -> None:
    made = calc.create_incident("backend", "critical", "Backend does not answer", "We look at it.")
    [open_one] = calc.get_incidents(open_only=True)
    done = calc.close_incident(made["id"], "It answers again.", root_cause="A full disk.")

    assert (made["severity"], made["status"], made["components"]) == ("P1", "investigating", ["backend"])
    assert open_one["id"] == made["id"]
    assert (done["status"], done["root_cause"]) == ("resolved", "A full disk.")
    assert done["duration_minutes"] == pytest.approx(60, abs=2)  # since its outage began
    assert calc.get_incidents(open_only=True) == []
    assert AuditEntry.objects.filter(noun="incident", source="python").count() == 2


def test_months_and_incidents_can_be_exported(calc: SLACalculator, now: datetime) -> None:
    calc.create_incident("backend")

    months = json.loads(calc.export(months=3))
    table = list(csv.DictReader(io.StringIO(calc.export("csv", months=2))))
    [incident] = csv.DictReader(io.StringIO(calc.export_incidents("csv")))

    assert months[0]["period"] == f"{now:%Y-%m}"
    assert len(months) == 3
    assert {"uptime_percent", "downtime_minutes_used", "service_credit"} <= set(table[0])
    assert json.loads(incident["components"]) == ["backend"]


def test_it_can_be_asked_in_an_event_loop(calc: SLACalculator) -> None:
    async def ask() -> bool | None:
        told: bool | None = calc.check_sla_breach()["breached"]
        return told

    assert asyncio.run(ask()) is True


def test_without_anything_watched_it_says_so(
    sqlite_database: Database, settings_of: Callable[..., None]
) -> None:
    settings_of(ENVIRONMENT="test")
    calc = SLACalculator()

    told = calc.check_sla_breach()

    assert (told["breached"], told["status"]) == (None, "no_data")
    assert told["message"]
