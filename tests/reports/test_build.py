"""Statements are built when their window has settled, once, and again where history turns out otherwise."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import Error, connection, transaction
from tests.databases import Database
from tests.reports.making import contract
from tests.world import DAY, HOUR, MINUTE, World, at

from trueup.domain.interval import Span
from trueup.domain.result import State
from trueup.reports import build, find, key, rotation, signer
from trueup.reports.build import Built, build_due
from trueup.reports.canonical import encode
from trueup.reports.chain import verify_all
from trueup.reports.verify import verify
from trueup.store.keyfile import SealError
from trueup.store.models import (
    Component,
    Contract,
    Exclusion,
    LedgerEntry,
    Maintenance,
    MaintenanceRevision,
    SigningKey,
    Statement,
)

BEGAN = at("2025-11-01 00:00:00")
DOWN = (at("2025-12-10 10:00:00"), at("2025-12-10 11:00:00"))
SETTLED = at("2026-01-02 00:00:00")  # December and its day to settle are over


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Give the folder of keys."""
    return tmp_path / "keys"


@pytest.fixture
def world(database: Database) -> World:
    """Give a component that was down for an hour in December, and a contract by the month since December."""
    made = World(SETTLED)
    spans = [(State.UP, BEGAN, DOWN[0]), (State.DOWN, *DOWN), (State.UP, DOWN[1], None)]
    check = made.watched("frontend", "Frontend", spans)
    contract(made, [check.component], made_us=at("2025-12-01 00:00:00"))
    return made


def files(now_us: int = SETTLED) -> list[tuple[str, bytes]]:
    """Return the files of all statements of the contract."""
    return [(file["statement"]["seq"], encode(file)) for file in find.chain("standard", now_us)]


def trusted() -> dict[str, key.PublicKey]:
    """Return the keys that are published."""
    return key.read(key.document(signer.published()))


def corrected() -> None:
    """Let the outage have been a false alarm: its entry is superseded by one that was up."""
    LedgerEntry.objects.filter(state="down").update(superseded_us=SETTLED + HOUR)
    for series in set(LedgerEntry.objects.filter(state="down").values_list("series", flat=True)):
        LedgerEntry.objects.create(
            series_id=series, state="up", start_us=DOWN[0], end_us=DOWN[1],
            recorded_us=SETTLED + HOUR, closed_us=SETTLED + HOUR,
        )  # fmt: skip


def test_a_window_that_settled_is_signed_once(world: World, keys: Path) -> None:
    done = build_due(SETTLED, keys)
    again = build_due(SETTLED, keys)

    row = Statement.objects.get()
    assert (done, again) == (Built(1, 0), Built(0, 0))
    assert (row.seq, row.revision, row.period, row.previous_digest) == (1, 1, "2025-12", "")
    found = verify(files()[0][1], trusted())
    assert found.holds, found.findings
    assert found.statement is not None
    assert found.statement["result"]["downtime_seconds"] == "3600"
    assert found.statement["result"]["credit_amount"] == "100.00"


def test_before_it_has_settled_there_is_a_draft(world: World, keys: Path) -> None:
    early = SETTLED - 1

    assert build_due(early, keys) == Built()
    file = find.find("standard", "2025-12", None, early, keys)
    assert file["signature"] is None
    assert file["draft"] == "the window settles until 2026-01-02"
    assert verify(encode(file), {}).draft


def test_asking_for_one_that_is_due_builds_it(world: World, keys: Path) -> None:
    file = find.find("standard", None, None, SETTLED, keys)

    assert file["draft"] is None
    assert file["statement"]["period"] == "2025-12"
    assert build_due(SETTLED, keys) == Built()


def test_other_periods_are_drafts_that_decide_nothing(world: World, keys: Path) -> None:
    file = find.find("standard", "2025-Q4", None, SETTLED, keys)

    assert file["draft"] == "2025-Q4 is no window of this contract, and decides nothing"
    assert not Statement.objects.exists()


def test_a_run_that_is_still_open_is_waited_for_and_cut_after_a_week(database: Database, keys: Path) -> None:
    end = at("2026-01-01 00:00:00")
    world = World(end + 9 * DAY)
    check = world.watched("frontend", "", [(State.UP, BEGAN, end - HOUR), (State.DOWN, end - HOUR, None)])
    contract(world, [check.component], made_us=at("2025-12-01 00:00:00"))

    assert build_due(end + 6 * DAY, keys) == Built()
    draft = find.find("standard", "2025-12", None, end + 6 * DAY, keys)
    assert draft["draft"] == "a run that began in the window is still open (frontend)"
    assert build_due(end + 7 * DAY, keys) == Built(1, 0)
    (file,) = find.chain("standard", end + 7 * DAY)
    assert file["statement"]["as_of"] == "2026-01-08T00:00:00Z"
    assert file["statement"]["result"]["down_seconds"] == "3600"
    assert build_due(end + 9 * DAY, keys) == Built()


def test_a_correction_makes_another_revision_with_a_difference_and_a_reason(world: World, keys: Path) -> None:
    build_due(SETTLED, keys)
    before = files()
    corrected()
    world.applied()

    done = build_due(SETTLED + DAY, keys, since_us=SETTLED)

    first, second = Statement.objects.order_by("seq")
    assert done == Built(0, 1)
    assert files()[0] == before[0]
    assert (second.revision, second.supersedes_id, second.previous_digest) == (2, first.id, first.digest)
    assert second.reason == "what the ledger says of Frontend was corrected or completed"
    statement = find.find("standard", "2025-12", None, SETTLED, keys)["statement"]
    changed = {each["key"]: (each["before"], each["after"]) for each in statement["changes"]}
    assert changed["downtime_seconds"] == ("3600", "0")
    assert changed["outcome"] == ("breached", "met")
    assert find.find("standard", "2025-12", 1, SETTLED, keys)["statement"]["revision"] == "1"
    (chain,), _ = verify_all(files(), trusted())
    assert chain.holds
    assert build_due(SETTLED + DAY, keys) == Built()


def test_maintenance_that_is_entered_later_makes_another_revision(world: World, keys: Path) -> None:
    build_due(SETTLED, keys)
    instants = [world._at.fromtimestamp(each / 1_000_000, world._at.tzinfo) for each in DOWN]
    planned = Maintenance.objects.create(name="Move", created_at=world._at)
    revision = MaintenanceRevision.objects.create(
        maintenance=planned, number=1, start_at=instants[0], end_at=instants[1],
        announced_at=world._at, by="Alice", reason="late entry",
    )  # fmt: skip
    revision.components.set(Component.objects.all())

    assert build_due(SETTLED + HOUR, keys, since_us=SETTLED - 1) == Built(0, 1)

    row = Statement.objects.get(revision=2)
    assert row.reason == "maintenance of Frontend from 2025-12-10T10:00:00Z to 2025-12-10T11:00:00Z was added"
    assert '"by":"Alice"' in row.inputs


def test_history_that_nobody_touched_is_not_looked_at_again(world: World, keys: Path) -> None:
    build_due(SETTLED, keys)
    corrected()

    assert build_due(SETTLED + DAY, keys, since_us=SETTLED + 2 * HOUR) == Built()
    assert build_due(SETTLED + DAY, keys, since_us=SETTLED) == Built(0, 1)


def test_a_result_that_stays_the_same_makes_no_revision(world: World, keys: Path) -> None:
    build_due(SETTLED, keys)
    world.applied()

    assert build_due(SETTLED + DAY, keys) == Built()


def test_windows_that_ended_before_the_contract_was_written_are_left_alone(world: World, keys: Path) -> None:
    contract(world, [Component.objects.get()], slug="late", made_us=SETTLED)

    assert build_due(SETTLED, keys) == Built(1, 0)


def test_two_who_build_at_the_same_time_build_one(world: World, keys: Path) -> None:
    first, second = build.turned(SETTLED), build.turned(SETTLED)
    promise = first.contract("standard")
    (looked,) = build._ended(promise, Span(BEGAN, SETTLED), SETTLED)

    one = build.build(first, promise, looked, SETTLED, keys)
    other = build.build(second, promise, looked, SETTLED + MINUTE, keys)

    assert one == other
    assert Statement.objects.count() == 1


def test_the_database_itself_refuses_to_change_a_statement(world: World, keys: Path) -> None:
    build_due(SETTLED, keys)

    for change in (
        lambda: Statement.objects.update(digest="0" * 64),
        lambda: Statement.objects.all()._raw_delete("default"),
        lambda: SigningKey.objects.update(public="x"),
        lambda: SigningKey.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(Error), transaction.atomic():
            change()
    if connection.vendor == "sqlite":
        with pytest.raises(Error), connection.cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO trueup_statement SELECT * FROM trueup_statement")
    assert verify(files()[0][1], trusted()).holds


def test_a_rotated_key_signs_what_comes_and_the_old_one_still_verifies(world: World, keys: Path) -> None:
    build_due(SETTLED, keys)
    made = rotation.rotate(keys, SETTLED, "Alice", "here")
    corrected()
    build_due(SETTLED + DAY, keys)

    old, new = Statement.objects.order_by("seq").values_list("key_id", flat=True)
    (chain,), _ = verify_all(files(), trusted())

    assert new == made != old
    assert chain.holds
    assert SigningKey.objects.get(key_id=old).retired_at is not None


def test_private_keys_are_for_their_owner_alone(world: World, keys: Path) -> None:
    build_due(SETTLED, keys)
    (path,) = keys.glob("signing-*.key")
    path.chmod(0o644)

    with pytest.raises(SealError, match="can be read by others"):
        signer.current(keys, SETTLED)
    path.chmod(0o600)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert "private" not in repr(signer.current(keys, SETTLED))


def test_a_key_that_is_gone_is_said_and_nothing_is_built(world: World, keys: Path) -> None:
    signer.current(keys, SETTLED)
    (path,) = keys.glob("signing-*.key")
    path.unlink()

    with pytest.raises(SealError, match=r"is not at .* `trueup keys rotate`"):
        build_due(SETTLED, keys)
    assert not Statement.objects.exists()


def test_an_exclusion_that_another_approved_makes_another_revision(world: World, keys: Path) -> None:
    build_due(SETTLED, keys)
    at_once = world._at
    Exclusion.objects.create(
        contract=Contract.objects.get(), start_us=DOWN[0], end_us=DOWN[1], kind="customer",
        reason="their firewall", asked_by="Bob", created_at=at_once, decision="approved", decided_by="Anna",
        decided_at=at_once, decided_why="they confirmed it",
    )  # fmt: skip
    world.applied()

    assert build_due(SETTLED + HOUR, keys, since_us=SETTLED - 1) == Built(0, 1)

    row = Statement.objects.get(revision=2)
    assert row.reason == "exclusion from 2025-12-10T10:00:00Z to 2025-12-10T11:00:00Z was added"
    assert '"decided_by":"Anna"' in row.inputs
    assert '"decided_why":"they confirmed it"' in row.inputs


def test_who_asks_for_a_statement_gets_the_revision_that_holds_now(world: World, keys: Path) -> None:
    first = find.find("standard", "2025-12", None, SETTLED, keys)["statement"]
    same = find.find("standard", "2025-12", None, SETTLED + HOUR, keys)["statement"]
    corrected()
    world.applied()

    second = find.find("standard", "2025-12", None, SETTLED + HOUR, keys)["statement"]

    assert (first["revision"], same["id"], second["revision"]) == ("1", first["id"], "2")
    assert second["supersedes"]["id"] == first["id"]
    assert (first["result"]["outcome"], second["result"]["outcome"]) == ("breached", "met")
    assert find.find("standard", "2025-12", 1, SETTLED + HOUR, keys)["statement"] == first


def test_a_component_whose_rule_is_changed_later_changes_no_closed_window(world: World, keys: Path) -> None:
    component = Component.objects.get()
    world.happened(world.check(component, "second", BEGAN), [(State.UP, BEGAN, None)])
    build_due(SETTLED, keys)
    Component.objects.update(down_when="all")
    world.applied()

    assert build_due(SETTLED + DAY, keys) == Built()


def test_a_contract_that_was_archived_gets_the_statement_of_its_last_window(world: World, keys: Path) -> None:
    instant = datetime(2025, 12, 20, tzinfo=UTC)
    Contract.objects.update(archived_at=instant)
    world.applied()

    assert build_due(SETTLED, keys) == Built(1, 0)
    assert build_due(SETTLED + 60 * DAY, keys) == Built()


def test_only_the_newest_key_signs(world: World, keys: Path) -> None:
    signer.current(keys, SETTLED)
    signer.rotate(keys, SETTLED)

    build_due(SETTLED, keys)

    assert SigningKey.objects.filter(retired_at__isnull=True).count() == 1
    assert verify(files()[0][1], trusted()).holds
