"""What is sent to a supplier: the statement, what was seen of each outage, a letter."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from tests.databases import Database
from tests.reports.making import contract, made
from tests.world import DAY, MINUTE, SECOND, World, at

from trueup.domain.record import pack
from trueup.domain.result import FailureClass, Result, State
from trueup.reports import find, signer
from trueup.reports.claim import ClaimError, write_claim
from trueup.reports.key import read
from trueup.reports.verify import verify
from trueup.store.models import Check, Evidence, Journal, Region, Series

BEGAN = at("2025-12-01 00:00:00")
DOWN = (at("2025-12-10 10:00:00"), at("2025-12-10 13:00:00"))
NOW = at("2026-01-02 00:00:00")


def seen(check: Check) -> None:
    """Write a result before, in and long after the outage, and what was seen at its beginning."""
    series = Series.objects.get(owner=check, region__slug=Region.LOCAL)
    moments = ((DOWN[0] - MINUTE, State.UP), (DOWN[0], State.DOWN), (DOWN[1] + DAY, State.UP))
    results = [
        Result(
            series=series.id, slot=asked_us // SECOND, number=0, epoch=0, asked_us=asked_us,
            duration_us=143_000, state=state,
            cause=FailureClass.EXPECTATION if state is State.DOWN else None,
            status=503 if state is State.DOWN else 200,
        )
        for asked_us, state in moments
    ]  # fmt: skip
    Journal.objects.create(region=series.region, recorded_us=NOW, payload=pack(results))
    Evidence.objects.create(
        series=series, run_us=DOWN[0], role="failing", number=0, asked_us=DOWN[0], duration_us=143_000,
        state="down", cause="expectation", status=503, phases={"dns_us": 100}, address="192.0.2.1",
        body_sha256="ab" * 32, body_head=b"oops",
    )  # fmt: skip


@pytest.fixture
def archive(database: Database, tmp_path: Path) -> bytes:
    """Give the claim of a month in which a supplier was down for three hours."""
    world = World(NOW)
    check = world.watched("hosting", "Hosting", [(State.UP, BEGAN, DOWN[0]), (State.DOWN, *DOWN),
                                                 (State.UP, DOWN[1], None)])  # fmt: skip
    seen(check)
    parties = {"provider": {"name": "Big *Host*"}, "customer": {"name": "THE BOT"}}
    contract(world, [check.component], made_us=BEGAN, direction="supplier", parties=parties)
    file = find.find("standard", "2025-12", None, NOW, tmp_path / "keys")
    again = find.find("standard", "2025-12", None, NOW + DAY, tmp_path / "keys")
    made_of_it = write_claim(file, signer.published())
    assert write_claim(again, signer.published()) == made_of_it
    return made_of_it


def opened(archive: bytes) -> dict[str, bytes]:
    """Return the files of an archive by their names."""
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return {name: found.read(name) for name in found.namelist()}


def test_the_supplier_can_verify_the_statement_in_it(archive: bytes) -> None:
    files = opened(archive)

    assert verify(files["statement.json"], read(json.loads(files["trueup-keys.json"]))).holds


def test_it_holds_every_result_around_the_outage_and_what_was_seen(archive: bytes) -> None:
    files = opened(archive)

    results = list(csv.DictReader(io.StringIO(files["outages/001-hosting/results.csv"].decode())))
    assert [(each["region"], each["state"], each["error"], each["status"]) for each in results] == [
        ("local", "up", "", "200"),
        ("local", "down", "expectation", "503"),
    ]
    (piece,) = map(json.loads, files["outages/001-hosting/evidence.jsonl"].decode().splitlines())
    assert (piece["region"], piece["status"], piece["error"]) == ("local", 503, "expectation")
    assert piece["asked"] == "2025-12-10T10:00:00Z"


def test_the_letter_says_what_is_due_and_takes_names_as_they_are(archive: bytes) -> None:
    letter = opened(archive)["claim.md"].decode()

    assert "To: Big \\*Host\\*" in letter
    assert "You promised at least 99.9 %." in letter
    assert "It was down for 3 h; the promise allows 44 min 38.4 s." in letter
    assert "a credit of 10 % of the fee of EUR 1000.00: **EUR 100.00**" in letter
    assert "| 001 | 2025-12-10 10:00:00 +00:00 | 2025-12-10 13:00:00 +00:00 | 3 h |" in letter


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ({**made(), "draft": "it is open"}, "cannot be claimed yet: it is open"),
        (made(), "is a promise of ours"),
        (made("A01", direction="supplier"), "there is nothing to claim"),
    ],
    ids=["draft", "ours", "kept"],
)
def test_what_cannot_be_claimed_is_refused(file: dict[str, object], why: str) -> None:
    with pytest.raises(ClaimError, match=why):
        write_claim(file, [])
