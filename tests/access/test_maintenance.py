"""What people plan: announced when it was entered, revised, cancelled, laid out ahead."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.databases import Database
from tests.world import DAY, HOUR, MINUTE, World, at

from trueup import jobs
from trueup.access import maintenance as access
from trueup.access.actor import Actor
from trueup.access.maintenance import MaintenanceError, Plan, Revised
from trueup.domain.interval import Span
from trueup.store import recurrence
from trueup.store.models import AuditEntry, MaintenanceRule
from trueup.store.read import maintenance as read
from trueup.store.recurrence import Recurrence
from trueup.store.write import maintenance as write

NOW = at("2026-11-23 12:00:00")
PLAN = Plan(name="Upgrade", components=("api",), reason="the vendor asks")


def actor(now_us: int = NOW) -> Actor:
    return Actor("anna", "command line on here", now_us)


@pytest.fixture
def api(database: Database) -> int:
    """Give a component api on each database, and one called web."""
    world = World(NOW)
    world.component("web")
    return world.component("api").id


def weekly(now_us: int = NOW, length_us: int = 2 * HOUR) -> str:
    first = datetime.fromisoformat("2026-11-23T02:00")
    follow = Recurrence(recurrence.read("FREQ=WEEKLY;BYDAY=SU"), ZoneInfo("Europe/Berlin"), first)
    return access.add_rule(PLAN, follow, length_us, actor(now_us))[0]


def spans(public_id: str) -> list[tuple[int, int, int]]:
    return [(each.start_us, each.end_us, each.announced_at_us) for each in access.find(public_id).revisions]


def test_it_is_announced_when_it_is_entered(api: int) -> None:
    made = access.add(PLAN, NOW + DAY, NOW + DAY + HOUR, actor())

    found = access.find(made)
    assert spans(made) == [(NOW + DAY, NOW + DAY + HOUR, NOW)]
    assert (found.newest.by, found.newest.reason) == ("anna", "the vendor asks")
    assert found.status(NOW) == "scheduled"
    assert [each.announced_at_us for each in read.announced([api], None)] == [NOW]


def test_one_entered_afterwards_is_flagged(api: int) -> None:
    made = access.add(PLAN, NOW - HOUR, NOW + HOUR, actor())

    assert access.find(made).newest.is_retroactive
    assert read.announced([api], None)[0].is_retroactive


def test_a_longer_one_keeps_the_notice_of_what_was_announced(api: int) -> None:
    made = access.add(PLAN, NOW + DAY, NOW + DAY + HOUR, actor())
    access.revise(made, Revised(more_us=HOUR, reason="slow"), actor(NOW + DAY + MINUTE))

    told = read.announced([api], Span(NOW, NOW + 2 * DAY))
    assert [(each.start_us, each.announced_at_us, each.reason) for each in told] == [
        (NOW + DAY, NOW, "the vendor asks"),
        (NOW + DAY + HOUR, NOW + DAY + MINUTE, "slow"),
    ]


def test_moving_the_start_keeps_the_length(api: int) -> None:
    made = access.add(PLAN, NOW + DAY, NOW + DAY + HOUR, actor())
    access.revise(made, Revised(start_us=NOW + 2 * DAY), actor(NOW + MINUTE))

    assert spans(made)[-1] == (NOW + 2 * DAY, NOW + 2 * DAY + HOUR, NOW + MINUTE)


def test_what_is_announced_already_is_not_announced_again(api: int) -> None:
    made = access.add(PLAN, NOW + DAY, NOW + DAY + HOUR, actor())

    with pytest.raises(MaintenanceError, match="nothing would change"):
        access.revise(made, Revised(length_us=HOUR, components=("api",)), actor())


def test_one_cancelled_while_it_goes_on_ends_there(api: int) -> None:
    made = access.add(PLAN, NOW + DAY, NOW + DAY + HOUR, actor())
    midst = NOW + DAY + 20 * MINUTE
    assert set(read.current(midst)) == {api}
    assert access.cancel(made, "done", actor(midst)) == [made]

    assert read.current(midst) == {}
    told = read.announced([api], None)
    assert [(each.start_us, each.end_us, each.cancelled) for each in told] == [
        (NOW + DAY, midst, False),
        (midst, NOW + DAY + HOUR, True),
    ]
    with pytest.raises(MaintenanceError, match="was cancelled on 2026-11-24T12:20:00Z: add a new one"):
        access.revise(made, Revised(more_us=HOUR), actor(midst))


def test_one_that_is_over_is_not_cancelled(api: int) -> None:
    made = access.add(PLAN, NOW, NOW + HOUR, actor())

    with pytest.raises(MaintenanceError, match="is over since 2026-11-23T13:00:00Z"):
        access.cancel(made, "", actor(NOW + 2 * HOUR))


def test_announcements_never_go_back_with_the_servers_clock(api: int) -> None:
    made = access.add(PLAN, NOW + DAY, NOW + DAY + HOUR, actor())
    access.revise(made, Revised(more_us=HOUR), actor(NOW - HOUR))

    assert spans(made)[-1][2] == NOW


def test_current_is_the_one_that_ends_last_and_only_while_it_lasts(api: int) -> None:
    access.add(PLAN, NOW, NOW + HOUR, actor())
    longer = access.add(PLAN, NOW, NOW + 2 * HOUR, actor())

    assert read.current(NOW)[api].public_id == longer
    assert read.current(NOW)[api].component == "api"
    assert read.current(NOW + 2 * HOUR) == {}
    assert read.current(NOW - 1) == {}


def test_only_components_that_are_asked_for_are_told(api: int) -> None:
    both = Plan(name="Both", components=("web", "api"))
    access.add(both, NOW, NOW + HOUR, actor())
    access.add(Plan(name="Web", components=("web",)), NOW, NOW + HOUR, actor())

    assert [each.components for each in read.announced([api], None)] == [frozenset({api})]
    assert read.announced([api], Span(NOW + HOUR, NOW + DAY)) == []


def test_a_rule_is_laid_out_for_400_days_from_now_on(api: int) -> None:
    rule = read.rule(weekly())
    assert rule is not None
    rows = read.following(rule.id, 0)

    assert len(rows) == 57
    assert rows[0].newest.start_us == at("2026-11-29 01:00:00")
    assert {each.newest.announced_at_us for each in rows} == {NOW}
    summer = at("2027-03-28 01:00:00")  # 02:00 does not exist: it begins at 03:00
    assert next(each for each in rows if each.newest.start_us >= summer).newest.start_us == summer
    assert rows[-1].newest.start_us <= NOW + 400 * DAY


def test_the_daily_job_lays_out_what_comes_into_sight_and_nothing_twice(api: int) -> None:
    rule = read.rule(weekly())
    assert rule is not None
    assert write.expand_all(NOW) == 0
    assert write.expand_all(NOW + 14 * DAY) == 2

    rows = read.following(rule.id, 0)
    assert len(rows) == 59
    assert len({each.due_us for each in rows}) == 59
    assert rows[-1].newest.announced_at_us == NOW + 14 * DAY
    assert "maintenance" in {job.name for job in jobs.table()}


def test_one_occurrence_is_changed_alone(api: int) -> None:
    rule = read.rule(weekly())
    assert rule is not None
    first, second = read.following(rule.id, 0)[:2]
    access.revise(first.public_id, Revised(more_us=HOUR), actor(NOW + MINUTE))

    assert len(spans(first.public_id)) == 2
    assert len(spans(second.public_id)) == 1


def test_all_that_follow_are_changed_and_those_to_come_are_made_so(api: int) -> None:
    rule = read.rule(weekly())
    assert rule is not None
    rows = read.following(rule.id, 0)
    changed = access.revise(
        rows[1].public_id,
        Revised(length_us=3 * HOUR, components=("web",)),
        actor(NOW + MINUTE),
        following=True,
    )
    write.expand_all(NOW + 7 * DAY)

    assert changed == [each.public_id for each in rows[1:]]
    assert len(spans(rows[0].public_id)) == 1
    newest = read.following(rule.id, 0)[-1].newest
    assert newest.end_us - newest.start_us == 3 * HOUR
    assert [slug for _, slug in newest.components] == ["web"]


def test_all_that_follow_cannot_begin_at_another_time(api: int) -> None:
    rule = read.rule(weekly())
    assert rule is not None
    first = read.following(rule.id, 0)[0]

    with pytest.raises(MaintenanceError, match="add a new rule"):
        access.revise(first.public_id, Revised(start_us=NOW + DAY), actor(), following=True)


def test_ending_a_rule_keeps_what_was_and_cancels_what_lies_ahead(api: int) -> None:
    public_id = weekly()
    rule = read.rule(public_id)
    assert rule is not None
    rows = read.following(rule.id, 0)
    later = rows[2].newest.start_us - HOUR
    gone = access.cancel(rows[2].public_id, "moved", actor(later), following=True)

    assert gone == [each.public_id for each in rows[2:]]
    assert [access.find(each.public_id).newest.cancelled for each in rows[:3]] == [False, False, True]
    assert write.expand_all(NOW + 30 * DAY) == 0
    assert read.rules_in_force() == []
    with pytest.raises(MaintenanceError, match=f"The rule {public_id} has ended"):
        access.cancel(public_id, "", actor(later))


def test_the_id_of_a_rule_cancels_all_of_it(api: int) -> None:
    public_id = weekly()

    assert len(access.cancel(public_id, "", actor(NOW + MINUTE))) == 57
    assert MaintenanceRule.objects.get().ended_at is not None


def test_every_deed_stands_in_the_audit_log(api: int) -> None:
    made = access.add(PLAN, NOW + DAY, NOW + DAY + HOUR, actor())
    access.revise(made, Revised(more_us=HOUR), actor())
    access.cancel(made, "no more", actor())

    found = AuditEntry.objects.filter(noun="maintenance").order_by("id")
    assert [(each.verb, each.who, each.subject) for each in found] == [
        ("add", "anna", made),
        ("extend", "anna", made),
        ("cancel", "anna", made),
    ]


def test_what_is_refused_leaves_nothing(api: int) -> None:
    for plan, start, end, message in (
        (PLAN, NOW + HOUR, NOW, "the end comes after the start"),
        (PLAN, NOW, NOW + 400 * DAY, "longer than a year"),
        (PLAN, NOW + 5000 * DAY, NOW + 5001 * DAY, "check the year"),
        (Plan(name=" ", components=("api",)), NOW, NOW + HOUR, "needs a name"),
        (Plan(name="x", components=()), NOW, NOW + HOUR, "needs a component"),
        (Plan(name="x", components=("appi",)), NOW, NOW + HOUR, "Did you mean api"),
        (Plan(name="x" * 256, components=("api",)), NOW, NOW + HOUR, "use at most 255"),
    ):
        with pytest.raises(MaintenanceError, match=message):
            access.add(plan, start, end, actor())

    assert read.listed() == []
    assert not AuditEntry.objects.exists()


def test_what_is_not_there_is_refused_with_the_nearest(api: int) -> None:
    made = access.add(PLAN, NOW, NOW + HOUR, actor())

    with pytest.raises(MaintenanceError, match=f"Did you mean {made}"):
        access.find(made[:-1])
    with pytest.raises(MaintenanceError, match="is a rule"):
        access.find(weekly())


def test_a_rule_that_never_comes_is_refused(api: int) -> None:
    first = datetime.fromisoformat("2025-01-01T02:00")
    over = Recurrence(recurrence.read("FREQ=DAILY;COUNT=3"), ZoneInfo("UTC"), first)

    with pytest.raises(MaintenanceError, match="gives no start after now"):
        access.add_rule(PLAN, over, HOUR, actor())


def test_listing_shows_what_is_not_over(api: int) -> None:
    access.add(PLAN, NOW - 2 * HOUR, NOW - HOUR, actor())
    made = access.add(PLAN, NOW, NOW + HOUR, actor())

    assert [each.public_id for each in read.listed(NOW)] == [made]
    assert len(read.listed()) == 2
