"""Ask everything once and read the figures, from Python."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction
from tests.databases import Database
from tests.servers.sample import Sample

from trueup import HealthCheckResult, UptimeError, UptimeMonitor
from trueup.store import lock
from trueup.store.models import Batch, Evidence, Journal, LedgerEntry


def in_force(check: str) -> list[str]:
    """Return the states that the ledger holds of a check."""
    rows = LedgerEntry.objects.filter(
        series__owner__slug=check, series__region__slug="verdict", superseded_us__isnull=True
    )
    return list(rows.order_by("start_us").values_list("state", flat=True))


def test_every_check_is_asked_and_what_it_found_is_stored_at_once(
    monitor: UptimeMonitor, sample: Sample
) -> None:
    sample.enter("backend", "down")

    frontend, backend = sorted(monitor.check_all_sync(), key=lambda each: each.component, reverse=True)

    assert (frontend.component, frontend.status, frontend.status_code) == ("frontend", "up", 200)
    assert frontend.response_time_ms is not None
    assert (backend.status, backend.cause, backend.response_time_ms) == ("down", "expectation", None)
    assert backend.error_message is not None
    assert "503" in backend.error_message
    assert (Batch.objects.count(), Journal.objects.count()) == (1, 1)
    assert in_force("frontend") == ["unknown", "up"]
    assert in_force("backend") == ["unknown", "down"]
    assert Evidence.objects.filter(series__owner__slug="backend", role="failing").exists()


def test_asking_again_never_uses_a_key_twice(monitor: UptimeMonitor) -> None:
    for _ in range(3):
        monitor.check_all_sync()

    stored = list(monitor.results())
    assert len(stored) == 6
    assert len({(each.check, each.timestamp) for each in stored}) == 6


def test_first_good_answer_after_an_outage_is_evidence(monitor: UptimeMonitor, sample: Sample) -> None:
    sample.enter("backend", "down")
    monitor.check_all_sync()
    sample.enter("backend", "up")
    monitor.check_all_sync()

    after = Evidence.objects.get(series__owner__slug="backend", role="after")
    assert bytes(after.body_head).startswith(b'{"status": "ok"')


def test_figures_hold_nothing_before_anything_was_measured(monitor: UptimeMonitor) -> None:
    status = monitor.get_all_components_status()

    assert list(status) == ["frontend", "backend"]
    assert status["frontend"]["uptime"] == {"24h": None, "7d": None, "30d": None}
    assert status["frontend"]["status"] == "unknown"
    assert status["frontend"]["response_time_ms"] is None
    assert status["frontend"]["last_check"] is None
    assert monitor.get_response_times()["frontend"] == {
        "component": "frontend", "answers": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None,
    }  # fmt: skip


def test_figures_follow_what_was_measured(monitor: UptimeMonitor) -> None:
    monitor.check_all_sync()
    monitor.check_all_sync()

    frontend = monitor.get_all_components_status()["frontend"]
    assert frontend["status"] == "up"
    assert frontend["uptime"] == {"24h": 100.0, "7d": 100.0, "30d": 100.0}
    assert isinstance(frontend["response_time_ms"], float)
    assert frontend["last_check"].endswith("Z")
    times = monitor.get_response_times("7d")["frontend"]
    assert times["answers"] == 2
    assert times["p50_ms"] <= times["p95_ms"] <= times["p99_ms"]


def test_figures_are_those_of_the_api(monitor: UptimeMonitor) -> None:
    from django.test import Client

    from trueup.figures.cache import shared

    monitor.check_all_sync()
    monitor.check_all_sync()
    shared.cache_clear()

    shown = Client().get("/api/system/uptime/").json()["components"]["backend"]
    ours = monitor.get_all_components_status()["backend"]
    assert (shown["status"], shown["uptime_24h"], shown["response_time_ms"], shown["since"]) == (
        ours["status"], ours["uptime"]["24h"], ours["response_time_ms"], ours["since"],
    )  # fmt: skip


def test_beside_an_engine_it_refuses_to_store_and_names_it(monitor: UptimeMonitor, tmp_path: Path) -> None:
    monitor.get_all_components_status()
    engine = lock.take(tmp_path / "data", 0)

    with pytest.raises(UptimeError, match=rf"pid {os.getpid()}, started .*store=False"):
        monitor.check_all_sync()
    asked = monitor.check_all_sync(store=False)

    engine.release()
    assert {each.status for each in asked} == {"up"}
    assert Journal.objects.count() == 0
    assert len(monitor.check_all_sync()) == 2


def test_beside_an_engine_of_another_machine_it_refuses_too(
    postgres_database: Database, settings_of: Callable[..., None], sample: Sample, tmp_path: Path
) -> None:
    from trueup.store import advisory

    monitor = UptimeMonitor()
    monitor.get_all_components_status()
    engine = advisory.of_default_database()
    assert engine is not None
    engine.take()

    with pytest.raises(UptimeError, match="in use by another engine"):
        monitor.check_all_sync()
    engine.release()


def test_within_a_transaction_it_refuses_to_store(monitor: UptimeMonitor) -> None:
    monitor.get_all_components_status()
    with transaction.atomic():
        with pytest.raises(UptimeError, match="Call it outside of transaction"):
            monitor.check_all_sync()
        asked = monitor.check_all_sync(store=False)

    assert len(asked) == 2
    assert Journal.objects.count() == 0


def test_running_event_loop_goes_on_meanwhile(monitor: UptimeMonitor, sample: Sample) -> None:
    async def both() -> tuple[list[HealthCheckResult], int]:
        turns = 0
        asking = asyncio.create_task(monitor.check_all())
        while not asking.done():
            turns += 1
            await asyncio.sleep(0.001)
        return await asking, turns

    results, turns = asyncio.run(both())

    assert {each.status for each in results} == {"up"}
    assert turns > 3
    assert Journal.objects.count() == 1


def test_cancelled_turn_stores_nothing_and_lets_go(monitor: UptimeMonitor, sample: Sample) -> None:
    sample.platform.parts["backend"].slow_s = 0.3  # type: ignore[attr-defined]
    sample.enter("backend", "slow")
    monitor.get_all_components_status()

    async def cancelled() -> None:
        asking = asyncio.create_task(monitor.check_all())
        while not (asking.done() or sample.platform.parts["backend"].asked):  # noqa: ASYNC110 (another thread)
            await asyncio.sleep(0.001)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(cancelled())

    assert Journal.objects.count() == 0
    sample.enter("backend", "up")
    assert len(monitor.check_all_sync()) == 2


def test_calls_without_await_work_in_a_running_event_loop(monitor: UptimeMonitor) -> None:
    async def notebook() -> tuple[int, str]:
        asked = monitor.check_all_sync()
        return len(asked), monitor.get_all_components_status()["frontend"]["name"]

    assert asyncio.run(notebook()) == (2, "Frontend")


def test_every_format_of_the_export_holds_the_same(monitor: UptimeMonitor) -> None:
    monitor.check_all_sync()

    whole = json.loads(monitor.export())
    lines = [json.loads(line) for line in monitor.export("jsonl").splitlines()]
    table = list(csv.DictReader(io.StringIO(monitor.export("csv"))))

    assert whole == lines
    assert [HealthCheckResult.from_dict(each) for each in whole] == list(monitor.results())
    assert [each["timestamp"] for each in table] == [each["timestamp"] for each in whole]
    assert list(table[0]) == list(whole[0])


def test_window_of_the_export_is_half_open(monitor: UptimeMonitor) -> None:
    monitor.check_all_sync()
    at = max(each.timestamp for each in monitor.results())

    assert len(json.loads(monitor.export(since=at - timedelta(hours=1), until=at))) < 2
    after = (at + timedelta(milliseconds=1)).isoformat()
    assert len(json.loads(monitor.export(since="2026-01-01T00:00:00Z", until=after))) == 2


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda each: each.export("xml"), "'xml' is no format. Write one of json, jsonl, csv"),
        (lambda each: each.export(since=datetime(2026, 1, 1)), "since .* has no time zone"),  # noqa: DTZ001
        (lambda each: each.export(since="long ago"), "since 'long ago' is no instant"),
        (
            lambda each: each.export(until=datetime(1960, 1, 1, tzinfo=UTC), since="2026-01-01T00:00:00Z"),
            "after",
        ),
        (lambda each: each.get_response_times("1y"), "'1y' is no window. Write one of 24h, 7d, 30d"),
    ],
)
def test_bad_argument_is_refused_in_a_sentence(
    sqlite_database: Database,
    settings_of: Callable[..., None],
    ask: Callable[[UptimeMonitor], object],
    told: str,
) -> None:
    with pytest.raises(UptimeError, match=told):
        ask(UptimeMonitor())


def test_bad_configuration_is_one_error_with_its_line(
    sqlite_database: Database, settings_of: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "trueup.yaml").write_text("components:\n  - nme: Frontend\n")

    with pytest.raises(UptimeError, match=r"trueup.yaml:2(.|\n)*name"):
        UptimeMonitor().check_all_sync()


def test_process_works_on_one_directory(
    sqlite_database: Database, settings_of: Callable[..., None], tmp_path: Path
) -> None:
    with pytest.raises(UptimeError, match=r"works on .* already"):
        UptimeMonitor(data=tmp_path / "other").get_all_components_status()


def test_test_environment_asks_nothing_and_stores_nothing(
    sqlite_database: Database, settings_of: Callable[..., None], sample: Sample, tmp_path: Path
) -> None:
    settings_of(ENVIRONMENT="test", FRONTEND_URL=sample.addresses["frontend"])
    monitor = UptimeMonitor()

    results = monitor.check_all_sync() + asyncio.run(monitor.check_all())

    connections.close_all()
    assert {each.status for each in results} == {"unknown"}
    assert {each.component for each in results} == {"frontend", "backend", "websocket"}
    assert sample.platform.parts["frontend"].asked == 0
    assert Journal.objects.count() == 0
    assert not (tmp_path / "data").exists()


def test_directory_that_cannot_be_made_is_said(settings_of: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings_of(TRUEUP_DATA=str(tmp_path / "file" / "data"))

    with pytest.raises(UptimeError, match=r"Not a directory\. Name another with TRUEUP_DATA"):
        UptimeMonitor().get_all_components_status()


def test_database_that_is_gone_is_said(monitor: UptimeMonitor) -> None:
    monitor.get_all_components_status()
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = "/nonexistent/nowhere"

    with pytest.raises(UptimeError, match="the database cannot be used: "):
        monitor.get_all_components_status()


def test_what_the_file_names_no_more_is_archived_and_said(
    monitor: UptimeMonitor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monitor.check_all_sync()
    (tmp_path / "trueup.yaml").write_text(
        "components: [{name: Frontend, checks: [{http: http://127.0.0.1:9/}]}]"
    )

    status = UptimeMonitor().get_all_components_status()

    assert list(status) == ["frontend"]
    assert "names component backend no more: archived, its history stays." in caplog.text
