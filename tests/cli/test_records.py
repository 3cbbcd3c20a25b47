"""``trueup incident`` and ``trueup maintenance``, as people type them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.config.applying import Installation
from tests.databases import Database

from trueup.cli import run

TEXT = """\
site: {name: Shop, timezone: Europe/Berlin}
components:
  - name: Shop
    checks: [{http: 'http://localhost/'}]
  - name: Office
    checks: [{tcp: 'localhost:2'}]
"""


class Typed:
    """Types verbs and reads what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def said(self, *arguments: str, code: int = 0) -> str:
        """Return what a verb prints on both ways out."""
        assert run(arguments) == code
        printed = self._capsys.readouterr()
        return printed.out + printed.err

    def read(self, *arguments: str) -> Any:
        """Return the document that a verb prints."""
        assert run([*arguments, "--json"]) == 0
        return json.loads(self._capsys.readouterr().out)


@pytest.fixture
def typed(sqlite_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Give what types verbs, with a configuration applied."""
    Installation(tmp_path).apply(TEXT)
    return Typed(capsys)


def test_an_incident_is_opened_told_of_and_resolved(typed: Typed) -> None:
    made = typed.read("incident", "open", "Shop slow", "--component", "shop=degraded", "--severity", "high")
    typed.said("incident", "update", made["id"], "--status", "identified", "-m", "A slow disk.")
    over = typed.read("incident", "resolve", made["id"], "-m", "Over.", "--root-cause", "a disk")

    assert (made["severity"], made["status"], made["outages"]) == ("P2", "investigating", [])
    assert (over["status"], over["root_cause"]) == ("resolved", "a disk")
    assert [each["message"] for each in over["updates"]] == ["Over.", "A slow disk.", ""]
    shown = typed.said("incident", "show", made["id"])
    assert "P2 High: Shop slow" in shown
    assert "root cause: a disk" in shown
    assert made["id"] in typed.said("incident", "list")
    assert typed.said("incident", "list", "--open") == "no incidents\n"
    assert typed.read("incident", "list")["incidents"][0]["id"] == made["id"]


def test_an_outage_is_not_named_by_an_instant_to_come(typed: Typed) -> None:
    said = typed.said("incident", "open", "x", "--component", "shop", "--outage", "shop@2999-01-01", code=2)

    assert "2998-12-31T23:00:00Z has not come yet" in said


def test_a_draft_is_marked(typed: Typed) -> None:
    made = typed.read("incident", "open", "Quiet", "--component", "shop", "--draft")

    assert made["published"] is None
    assert "a draft" in typed.said("incident", "show", made["id"])
    assert "(draft)" in typed.said("incident", "list")
    assert typed.read("incident", "update", made["id"], "--publish")["published"] is not None


def test_a_step_that_is_not_allowed_is_refused(typed: Typed) -> None:
    made = typed.read("incident", "open", "Shop slow", "--component", "shop")["id"]

    assert "before it is resolved" in typed.said("incident", "update", made, "--status", "postmortem", code=2)
    assert "no outage of 'shop' at that instant" in typed.said(
        "incident", "update", made, "--outage", "shop@00:00", code=2
    )
    assert "such as api@14:05" in typed.said("incident", "update", made, "--outage", "shop", code=2)


def test_nobody_is_named_before_there_are_users(typed: Typed) -> None:
    assert "'bob' is not known" in typed.said(
        "incident", "open", "x", "--component", "shop", "--by", "bob", code=2
    )


def test_a_maintenance_is_read_by_the_clock_of_the_site_or_of_another_zone(typed: Typed) -> None:
    word = ("maintenance", "add", "Upgrade", "--component", "shop")
    site = typed.read(*word, "--at", "2027-01-10 02:00", "--for", "2h")
    other = typed.read(*word, "--at", "2027-01-10 02:00", "--for", "2h", "--zone", "Asia/Tokyo")
    offset = typed.read(*word, "--at", "2027-01-10T02:00+03:00", "--until", "2027-01-10T03:00Z")

    assert [each["start"][:16] for each in (site, other, offset)] == [
        "2027-01-10T01:00",
        "2027-01-09T17:00",
        "2027-01-09T23:00",
    ]
    assert offset["end"][:16] == "2027-01-10T03:00"


def test_a_wall_time_that_does_not_exist_or_comes_twice_is_said(typed: Typed) -> None:
    word = ("maintenance", "add", "Upgrade", "--component", "shop", "--for", "2h")

    gone = typed.said(*word, "--at", "2027-03-28 02:30")
    twice = typed.said(*word, "--at", "2027-10-31 02:30")
    assert "does not exist in Europe/Berlin" in gone
    assert "taken is 2027-03-28T01:30:00Z" in gone
    assert "comes twice in Europe/Berlin" in twice
    assert "taken is the first, 2027-10-31T00:30:00Z" in twice


def test_what_was_announced_when_is_shown(typed: Typed) -> None:
    made = typed.read(
        "maintenance", "add", "Upgrade", "--component", "shop", "--at", "2020-01-01 02:00", "--for", "1h"
    )
    longer = typed.read("maintenance", "extend", made["id"], "--more", "30m", "--reason", "slow")

    assert [each["retroactive"] for each in longer["maintenance"][0]["announced"]] == [True, True]
    shown = typed.said("maintenance", "show", made["id"])
    assert "(retroactive)" in shown
    assert "announced anew" in shown
    assert "over since" in typed.said("maintenance", "cancel", made["id"], code=2)


def test_one_that_comes_again_is_laid_out_and_ends(typed: Typed) -> None:
    made = typed.read(
        "maintenance", "add", "Weekly", "--component", "shop", "--every", "FREQ=WEEKLY;BYDAY=SU",
        "--at", "02:30", "--for", "2h", "--zone", "America/Havana", "--start", "2020-01-01",
    )  # fmt: skip

    assert made["rule"]["timezone"] == "America/Havana"
    assert 56 <= len(made["occurrences"]) <= 58
    listed = typed.said("maintenance", "list")
    assert "FREQ=WEEKLY;BYDAY=SU at 02:30 America/Havana, for 2 h" in listed
    assert len(listed.splitlines()) == 2
    assert len(typed.said("maintenance", "list", "--all").splitlines()) == len(made["occurrences"]) + 1
    assert "cancelled: " in typed.said("maintenance", "cancel", made["rule"]["id"])
    assert typed.said("maintenance", "list") == "nothing is planned\n"


def test_a_rule_is_shown_with_what_comes_next(typed: Typed) -> None:
    made = typed.read(
        "maintenance", "add", "Weekly", "--component", "shop", "--every", "FREQ=WEEKLY;BYDAY=SU",
        "--at", "02:00", "--for", "2h",
    )  # fmt: skip
    rule = made["rule"]["id"]

    shown = typed.said("maintenance", "show", rule)
    assert f"{rule}  Weekly: FREQ=WEEKLY;BYDAY=SU at 02:00" in shown
    assert len(shown.splitlines()) == 6
    assert typed.read("maintenance", "show", rule)["rule"]["ended"] is None
    typed.said("maintenance", "cancel", rule)
    assert "it comes no more" in typed.said("maintenance", "show", rule)


def test_a_rule_that_comes_again_before_it_is_over_is_made_and_said(typed: Typed) -> None:
    words = (
        "maintenance",
        "add",
        "x",
        "--component",
        "shop",
        "--every",
        "FREQ=DAILY",
        "--at",
        "12:00",
        "--for",
    )

    assert "before it is over" in typed.said(*words, "30h")
    assert "before it is over" not in typed.said(*words, "20h")


def test_a_missing_hour_in_the_time_ahead_is_said_with_the_rule(typed: Typed) -> None:
    said = typed.said(
        "maintenance", "add", "Daily", "--component", "shop", "--every", "FREQ=DAILY", "--at", "02:30",
        "--for", "1h",
    )  # fmt: skip

    assert "02:30 does not exist on" in said
    assert "it begins at 03:30" in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--at", "02:00"), "Say how long it lasts"),
        (("--at", "02:00", "--for", "1h", "--until", "04:00"), "one of the two"),
        (("--at", "soon", "--for", "1h"), "--at 'soon' is no instant"),
        (("--at", "02:00", "--for", "1h", "--zone", "Mars"), "'Mars' is no time zone"),
        (("--at", "02:00", "--for", "1"), "has no unit"),
        (("--at", "02:00", "--for", "1h", "--start", "2027-01-01"), "--start belongs to --every"),
        (("--at", "02:00", "--every", "FREQ=DAILY"), "how long it lasts each time"),
        (("--at", "2027-01-01 02:00", "--every", "FREQ=DAILY", "--for", "1h"), "it is a time of day"),
        (("--at", "02:00", "--every", "FREQ=HOURLY", "--for", "1h"), "at most once a day"),
        (
            ("--at", "02:00", "--every", "FREQ=DAILY", "--for", "1h", "--until", "04:00"),
            "UNTIL into the rule",
        ),
        (("--at", "02:00", "--every", "FREQ=DAILY", "--for", "1h", "--start", "x"), "is no day"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_remedy(
    typed: Typed, options: tuple[str, ...], message: str
) -> None:
    assert message in typed.said("maintenance", "add", "x", "--component", "shop", *options, code=2)
    assert typed.said("maintenance", "list", "--all") == "nothing is planned\n"


def test_status_shows_what_is_in_maintenance(typed: Typed) -> None:
    now = datetime.now(UTC)
    began, ends = (now + timedelta(minutes=each) for each in (-30, 30))
    before = typed.read("status")
    made = typed.read(
        "maintenance", "add", "Upgrade", "--component", "shop", "--at", began.isoformat(), "--until",
        ends.isoformat(),
    )  # fmt: skip
    shop, office = typed.read("status")["components"]

    assert [each["status"] for each in before["components"]] == ["unknown", "unknown"]
    assert (shop["state"], shop["status"]) == ("unknown", "maintenance")
    assert (shop["maintenance"]["id"], shop["maintenance"]["name"]) == (made["id"], "Upgrade")
    assert (office["status"], office["maintenance"]) == ("unknown", None)
    assert "Upgrade" in typed.said("status")
