"""What applying a configuration does to the versions of contracts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.config.applying import Installation
from tests.config.loading import spec
from tests.databases import Database

from trueup.config.apply import plan
from trueup.config.archive import archive, restore
from trueup.config.emit import yaml
from trueup.config.export import export
from trueup.config.plan import PlanError
from trueup.domain.interval import Span
from trueup.domain.versions import digest, windows
from trueup.store.models import Contract, ContractVersion
from trueup.store.read import contract as read
from trueup.store.read.config import current

DAY = 86_400_000_000
HEAD = """\
components:
  - {name: Frontend, checks: [http: http://localhost]}
  - {name: Backend, checks: [http: http://localhost]}
contracts:
"""
ONE = "  - {name: S, components: [frontend, backend], objective: 99.9, window: month}\n"


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def starts(slug: str = "s") -> list[tuple[int, str]]:
    """Return the versions that hold or will: number and first day."""
    return [
        (each.number, datetime.fromtimestamp(each.valid_from_us / 1e6, UTC).strftime("%Y-%m-%d"))
        for each in read.versions(slug)
    ]


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Installation:
    """Give an installation on each database, on 10 June 2026."""
    made = Installation(tmp_path)
    made.now_us = us("2026-06-10")
    return made


def test_a_contract_gets_a_version_that_says_everything(here: Installation) -> None:
    here.apply(HEAD + ONE)

    (version,) = read.versions("s")
    assert (version.number, version.split, version.by) == (1, False, "file")
    assert version.document["components"] == ["frontend", "backend"]
    assert len(set(version.component_ids)) == 2
    assert version.document["terms"]["aggregation"] == {"type": "any"}
    assert version.digest == digest(version.document)
    assert read.version_at("s", version.valid_from_us) == version
    assert read.version_at("s", version.valid_from_us - 1) is None


def test_a_contract_on_watched_components_holds_from_the_start_of_the_window(here: Installation) -> None:
    here.apply(HEAD.removesuffix("contracts:\n"))
    here.now_us = us("2026-08-20")

    lines = here.lines(HEAD + ONE)

    assert lines == ["+ create contract s: S; version 1 from 2026-08-01"]
    assert starts() == [(1, "2026-08-01")]


def test_an_unchanged_file_makes_no_version(here: Installation) -> None:
    here.apply(HEAD + ONE)
    here.now_us = us("2026-09-10")

    assert here.lines(HEAD + ONE) == []
    assert here.lines(HEAD + ONE.replace("month", "{type: calendar, period: month, timezone: UTC}")) == [
        "~ change contract s: window month -> {'type': 'calendar', 'period': 'month', 'timezone': 'UTC'}"
    ]
    assert len(starts()) == 1


def test_a_change_holds_from_the_next_window_and_the_plan_says_so(here: Installation) -> None:
    here.apply(HEAD + ONE)
    here.now_us = us("2026-11-23")
    changed = HEAD + ONE.replace("99.9", "99.5")

    (planned,) = plan(spec(changed), here.now_us, here.seal)
    lines = here.lines(changed)

    assert lines == [planned.line]
    assert planned.line == (
        "~ change contract s: objective 99.9 -> 99.5; version 2 from 2026-12-01; November stays as it was"
    )
    assert planned.as_json()["version"] == ["version 2 from 2026-12-01", "November stays as it was"]
    assert starts() == [(1, "2026-06-10"), (2, "2026-12-01")]
    assert read.version_at("s", us("2026-11-30")).number == 1  # type: ignore[union-attr]


def test_what_does_not_hold_yet_is_replaced_and_kept_in_the_books(here: Installation) -> None:
    here.apply(HEAD + ONE)
    here.now_us = us("2026-11-23")
    here.apply(HEAD + ONE.replace("99.9", "99.5"))

    lines = here.lines(HEAD + ONE.replace("99.9", "98"))

    assert "it replaces version 2, which was to hold from 2026-12-01" in lines[0]
    assert starts() == [(1, "2026-06-10"), (3, "2026-12-01")]
    assert [each.superseded_us is not None for each in read.all_versions("s")] == [False, True, False]


def test_what_is_written_back_takes_back_what_was_to_come(here: Installation) -> None:
    here.apply(HEAD + ONE)
    here.now_us = us("2026-11-23")
    here.apply(HEAD + ONE.replace("99.9", "99.5"))

    lines = here.lines(HEAD + ONE)

    assert "version 1 goes on; version 2, which was to come, is taken back" in lines[0]
    assert starts() == [(1, "2026-06-10")]
    assert here.lines(HEAD + ONE) == []


def test_a_day_may_be_written_and_moved_until_it_comes(here: Installation) -> None:
    here.apply(HEAD + ONE)
    here.now_us = us("2026-07-23")
    later = HEAD + ONE.replace("99.9", "99.5, effective: 2027-01-01")

    assert "version 2 from 2027-01-01; July stays as it was" in here.lines(later)[0]
    assert here.lines(later) == []
    assert "version 3 from 2026-10-01" in here.lines(later.replace("2027-01-01", "2026-10-01"))[0]
    here.now_us = us("2026-10-03")
    assert here.lines(later.replace("2027-01-01", "2026-10-01")) == []
    assert starts() == [(1, "2026-06-10"), (3, "2026-10-01")]


def test_the_open_window_is_changed_only_where_its_first_day_is_written(here: Installation) -> None:
    here.apply(HEAD + ONE)
    here.now_us = us("2026-07-23")

    lines = here.lines(HEAD + ONE.replace("99.9", "99.5, effective: 2026-07-01"))

    assert "the open window is counted anew by it, closed ones stay as they were" in lines[0]
    assert starts() == [(1, "2026-06-10"), (2, "2026-07-01")]


def test_a_slip_of_the_first_day_can_be_mended(here: Installation) -> None:
    here.apply(HEAD + ONE)

    here.apply(HEAD + ONE.replace("99.9", "99.5, effective: 2026-06-01"))

    (version,) = read.versions("s")
    assert version.document["terms"]["objective"] == "99.5"
    assert version.valid_from_us == read.all_versions("s")[0].valid_from_us


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("effective: 2026-06-20", "contract s: effective 2026-06-20 lies in what is closed"),
        ("effective: 2026-12-10", "contract s: effective 2026-12-10 lies inside the window 2026-12: write"),
    ],
)
def test_no_change_touches_what_is_closed_or_cuts_a_window(
    here: Installation, keys: str, message: str
) -> None:
    here.apply(HEAD + ONE)
    here.now_us = us("2026-11-23")
    before = list(ContractVersion.objects.values())

    with pytest.raises(PlanError, match=message):
        here.apply(HEAD + ONE.replace("99.9", f"99.5, {keys}"))

    assert list(ContractVersion.objects.values()) == before
    assert Contract.objects.get().document["objective"] == "99.9"


def test_an_end_holds_at_once_and_never_in_what_is_closed(here: Installation) -> None:
    here.apply(HEAD + ONE)
    here.now_us = us("2026-11-23")

    with pytest.raises(PlanError, match="contract_to 2026-10-15 lies in what is closed: the earliest end is"):
        here.apply(HEAD + ONE.replace("99.9", "99.9, contract_to: 2026-10-15"))
    here.apply(HEAD + ONE.replace("99.9", "99.9, contract_to: 2026-11-28"))

    held = read.versions("s")
    found = list(
        windows([each.timed for each in held], Span(us("2026-11-01"), us("2027-01-01")), read.ends_us(held))
    )
    assert [(each.label, each.end_us) for each in found] == [("2026-11", us("2026-11-28"))]


def test_a_split_cuts_a_window_where_that_is_wished(here: Installation) -> None:
    here.apply(HEAD + ONE)

    lines = here.lines(HEAD + ONE.replace("99.9", "99.5, effective: 2026-06-20, split: true"))

    assert "version 2 from 2026-06-20; it splits June" in lines[0]
    assert read.versions("s")[1].split


def test_a_new_name_of_a_component_is_no_new_version(here: Installation) -> None:
    weighted = ONE.replace("[frontend, backend]", "{frontend: 3, backend: 1}, aggregation: weighted_mean")
    here.apply(HEAD + weighted)
    renamed = HEAD.replace("{name: Backend,", "{name: API, was: backend,")

    lines = here.lines(renamed + weighted.replace("backend", "api"))

    assert not [line for line in lines if "version" in line]
    assert starts() == [(1, "2026-06-10")]


def test_another_zone_of_the_site_is_another_version(here: Installation) -> None:
    here.apply(HEAD + ONE)

    with pytest.raises(PlanError, match="a month of Europe/Berlin never begins with a month of UTC"):
        here.apply("site: {timezone: Europe/Berlin}\n" + HEAD + ONE)
    moved = ONE.replace("99.9", "99.9, effective: 2026-07-01, split: true")

    assert "version 2 from 2026-07-01" in here.lines("site: {timezone: Europe/Berlin}\n" + HEAD + moved)[-1]


def test_a_contract_of_an_older_release_gets_its_first_version(here: Installation) -> None:
    here.apply(HEAD + ONE)
    ContractVersion.objects.all().delete()
    here.now_us = us("2026-09-10")

    assert here.lines(HEAD + ONE) == ["~ change contract s: version 1 from 2026-06-10 00:01 UTC"]
    assert here.lines(HEAD + ONE) == []


def test_a_contract_that_older_releases_took_and_cannot_be_meant_stays_as_it_is(here: Installation) -> None:
    here.apply(HEAD.removesuffix("contracts:\n"))
    Contract.objects.create(
        slug="old", name="Old", managed="hand", created_at=datetime(2026, 1, 1, tzinfo=UTC),
        document={"components": ["backend"], "objective": "99", "window": "month", "fee": "much"},
    )  # fmt: skip

    assert here.lines(HEAD.removesuffix("contracts:\n")) == []
    assert read.versions("old") == ()


def test_archived_and_restored_it_keeps_its_versions(here: Installation) -> None:
    here.apply(HEAD + ONE)
    before = read.versions("s")
    here.apply(HEAD.removesuffix("contracts:\n"), archive=True)
    here.now_us += DAY

    restore("s", here.now_us, "contract")

    assert read.versions("s") == before
    assert here.lines(HEAD + ONE) == [
        "~ change contract s: made by hand until now, managed by the file from now on"
    ]
    Contract.objects.update(managed="hand")
    archive("s", here.now_us, "contract")
    assert read.versions("s") == before


def test_the_file_is_written_back_as_it_was(here: Installation) -> None:
    many = ONE + (
        "  - {name: T, preset: aws-ec2, components: backend, fee: 12.50 EUR, default: true, settle: 2d}\n"
        "  - {name: U, components: {frontend: 2, backend: 0.5}, aggregation: weighted_mean, objective: 99,\n"
        "     window: {rolling: 30d}, tiers: {99: 0, 0: 10}, parties: {customer: ACME},\n"
        "     schedule: {mon-fri: 09:00-18:00, holidays: [2026-12-24]}, contract_from: 2026-06-01}\n"
    )
    here.apply(HEAD + many)

    written = yaml(export(current(here.seal), by_hand=False).tree)

    assert spec(written).contracts == spec(HEAD + many).contracts
    assert here.lines(written) == []


def test_contracts_are_listed_with_what_leads(here: Installation) -> None:
    here.apply(HEAD + ONE.replace("99.9", "99.9, default: true") + ONE.replace("name: S", "name: T"))

    assert [(each.slug, each.default) for each in read.contracts()] == [("s", True), ("t", False)]
    found = read.contract("t")
    assert found is not None
    assert found.by_file
    assert read.contract("nothing") is None
    assert read.ends_us(read.versions("s")) is None
