"""What people say about outages: step by step, kept as said, with the outages that belong to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.databases import Database
from tests.world import HOUR, MINUTE, World, at

from trueup.access import incident as access
from trueup.access.actor import Actor
from trueup.access.incident import Saying
from trueup.domain.incident import IncidentError
from trueup.domain.result import State
from trueup.store.models import AuditEntry, Incident, LedgerEntry
from trueup.store.read import incident as read

NOW = at("2026-11-23 12:00:00")
BEGAN = NOW - 20 * MINUTE
SAID = Saying(impacts={"api": "down"}, severity="P1", body="We look.", publish=True)


def actor(now_us: int = NOW) -> Actor:
    return Actor("anna", "command line on here", now_us)


@pytest.fixture
def world(database: Database) -> World:
    """Give a world on each database in which api is down for 20 minutes and web is up."""
    made = World(NOW)
    made.watched("api", spans=[(State.UP, NOW - 10 * HOUR, BEGAN), (State.DOWN, BEGAN, None)])
    made.watched("web", spans=[(State.UP, NOW - 10 * HOUR, None)])
    return made


def verdict_entry() -> LedgerEntry:
    return LedgerEntry.objects.get(state="down", series__region__slug="verdict")


def test_it_begins_with_the_outage_that_goes_on_which_belongs_to_it(world: World) -> None:
    row = access.find(access.begin("API down", SAID, actor()))

    assert (row.name, row.severity, row.status, row.origin) == ("API down", "P1", "investigating", "hand")
    assert (row.started_us, row.published_us, row.resolved_us) == (BEGAN, NOW, None)
    assert [(each.slug, each.impact) for each in row.components] == [("api", "down")]
    assert [each.id for each in row.outages] == [verdict_entry().id]
    assert [(each.body, each.by, each.display_us) for each in row.updates] == [("We look.", "anna", NOW)]
    assert row.updates[0].changes[0]["to"] == "down"


def test_nothing_is_linked_where_that_is_not_wanted(world: World) -> None:
    row = access.find(access.begin("API down", replace(SAID, link=False), actor()))

    assert (row.outages, row.started_us) == ((), NOW)


def test_an_outage_is_named_by_hand(world: World) -> None:
    entry = read.outages_at("api", NOW)[0].id
    said = replace(SAID, impacts={"web": "degraded"}, outages=(entry,))
    row = access.find(access.begin("Web slow", said, actor()))

    assert [each.id for each in row.outages] == [entry]
    assert row.started_us == BEGAN
    up = LedgerEntry.objects.filter(state="up").values_list("id", flat=True)[0]
    with pytest.raises(IncidentError, match=f"{up} is no outage of the ledger"):
        access.begin("x", replace(SAID, outages=(up,)), actor())


def test_it_is_told_step_by_step_and_what_was_said_stays(world: World) -> None:
    made = access.begin("API down", SAID, actor())
    access.update(made, Saying(status="identified", body="A disk."), actor(NOW + MINUTE))
    access.update(
        made, Saying(status="resolved", body="Over.", root_cause="a full disk"), actor(NOW + 2 * MINUTE)
    )
    row = access.find(made)

    assert [each.status for each in row.updates] == ["resolved", "identified", "investigating"]
    assert (row.status, row.resolved_us, row.root_cause) == ("resolved", NOW + 2 * MINUTE, "a full disk")
    access.update(made, Saying(status="investigating", body="Again."), actor(NOW + 3 * MINUTE))
    assert access.find(made).resolved_us is None


def test_words_alone_keep_the_status_and_changes_of_impact_are_told(world: World) -> None:
    made = access.begin("API down", SAID, actor())
    said = Saying(body="Better.", impacts={"api": "degraded", "web": "partial"})
    access.update(made, said, actor(NOW + MINUTE))
    row = access.find(made)

    assert row.status == "investigating"
    assert [(each["from"], each["to"]) for each in row.updates[0].changes] == [
        ("down", "degraded"),
        ("", "partial"),
    ]
    assert [(each.slug, each.impact) for each in row.components] == [("api", "degraded"), ("web", "partial")]


def test_outages_that_come_until_the_end_belong_to_it(world: World) -> None:
    made = access.begin("API slow", replace(SAID, link=False), actor(BEGAN - HOUR))
    access.update(made, Saying(status="resolved", body="Over."), actor())

    assert [each.check for each in access.find(made).outages] == ["api"]


def test_an_outage_that_was_corrected_since_stays_and_is_marked(world: World) -> None:
    made = access.begin("API down", SAID, actor())
    LedgerEntry.objects.filter(id=verdict_entry().id).update(superseded_us=NOW + MINUTE)

    assert [each.corrected for each in access.find(made).outages] == [True]
    assert read.outages([each.id for each in access.find(made).components], BEGAN, NOW) == []


def test_a_draft_is_seen_inside_until_it_is_published(world: World) -> None:
    made = access.begin("API down", replace(SAID, publish=False), actor())
    assert read.listed(published_only=True) == []
    assert access.find(made).is_draft
    access.update(made, Saying(publish=True), actor(NOW + MINUTE))

    assert [each.public_id for each in read.listed(published_only=True)] == [made]
    assert access.find(made).published_us == NOW + MINUTE
    assert len(access.find(made).updates) == 1


def test_words_are_back_dated_for_a_reason_and_never_before_what_was_said(world: World) -> None:
    made = access.begin("API down", replace(SAID, at_us=NOW - HOUR, reason="told by phone"), actor())
    late = Saying(body="x", at_us=NOW - 2 * HOUR, reason="forgotten")

    first = access.find(made).updates[0]
    assert (first.display_us, first.created_us, first.reason) == (NOW - HOUR, NOW, "told by phone")
    for said, message in (
        (late, "lies before the newest update"),
        (replace(late, reason=" "), "give it with --reason"),
        (replace(late, at_us=NOW + HOUR), "has not come yet"),
        (replace(late, at_us=None), "--reason says why words are back-dated"),
        (Saying(severity="P2", at_us=NOW, reason="x"), "there are none"),
    ):
        with pytest.raises(IncidentError, match=message):
            access.update(made, said, actor())


def test_what_is_over_is_entered_afterwards(world: World) -> None:
    said = replace(SAID, status="resolved", at_us=NOW - HOUR, reason="entered later", link=False)
    row = access.find(access.begin("Yesterday", said, actor(), NOW - 2 * HOUR))

    assert (row.started_us, row.resolved_us, row.is_open) == (NOW - 2 * HOUR, NOW - HOUR, False)
    assert read.listed(open_only=True) == []


def test_severity_is_corrected_without_a_word(world: World) -> None:
    made = access.begin("API down", SAID, actor())
    access.update(made, Saying(severity="low"), actor())

    assert access.find(made).severity == "P4"
    with pytest.raises(IncidentError, match="There is nothing to say"):
        access.update(made, Saying(), actor())


def test_every_deed_stands_in_the_audit_log(world: World) -> None:
    made = access.begin("API down", SAID, actor())
    access.update(made, Saying(severity="P2"), actor())
    access.update(made, Saying(status="resolved", body="Over."), actor())

    found = AuditEntry.objects.order_by("id")
    assert [(each.verb, each.noun, each.subject, each.who) for each in found] == [
        ("open", "incident", made, "anna"),
        ("update", "incident", made, "anna"),
        ("resolve", "incident", made, "anna"),
    ]
    was, became = found[1].before or {}, found[1].after or {}
    assert (was["severity"], became["severity"]) == ("P1", "P2")


@pytest.mark.parametrize(
    ("name", "said", "message"),
    [
        (" ", SAID, "needs a name"),
        ("x" * 256, SAID, "use at most 255"),
        ("x", replace(SAID, impacts={}), "needs a component"),
        ("x", replace(SAID, impacts={"apj": "down"}), "Did you mean api"),
        ("x", replace(SAID, impacts={"api": "broken"}), "is no impact"),
        ("x", replace(SAID, severity="P9"), "is no severity"),
        ("x", replace(SAID, status="postmortem"), "cannot begin as postmortem"),
        ("x", replace(SAID, body="x" * 25_001), "use at most 25000"),
    ],
)
def test_what_cannot_be_said_leaves_nothing(world: World, name: str, said: Saying, message: str) -> None:
    with pytest.raises(IncidentError, match=message):
        access.begin(name, said, actor())

    assert not Incident.objects.exists()
    assert not AuditEntry.objects.exists()


def test_one_that_is_not_there_is_refused_with_the_nearest(world: World) -> None:
    made = access.begin("API down", SAID, actor())

    with pytest.raises(IncidentError, match=f"Did you mean {made}"):
        access.update(made[:-1], Saying(body="x"), actor())


def test_many_incidents_are_read_in_few_queries(world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(5):
        access.begin(f"API down {number}", SAID, actor())
    with CaptureQueriesContext(connection) as queries:
        found = read.listed()

    assert len(found) == 5
    assert len(queries) <= 9  # one for each kind of thing, however many there are
