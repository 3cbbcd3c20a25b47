"""Documents are made once a revision."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from tests.databases import Database, use
from tests.paged import paged
from tests.world import DAY, SECOND, World, at

from trueup.domain.audience import Audience
from trueup.domain.result import State
from trueup.figures.cache import Documents, Key, NoPageError
from trueup.figures.document import JSON, Document
from trueup.figures.view import View

NOW = at("2026-11-23 14:32:05")
KEY = Key("test")


class Renders:
    """Renders a page, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, page: View) -> Document:
        self.count += 1
        return Document.of(f"{page.as_of_us} {page.overall} {page.site.name}".encode(), JSON)


def test_within_a_second_nothing_is_asked_of_the_database(sqlite_database: Database) -> None:
    World(NOW).watched("frontend")
    documents, render = Documents(), Renders()
    first = documents.get(KEY, render, NOW)

    with CaptureQueriesContext(connection) as queries:
        again = documents.get(KEY, render, NOW + SECOND - 1)

    assert again is first
    assert documents.fresh(KEY, NOW + SECOND - 1) is first
    assert documents.fresh(KEY, NOW + SECOND) is None
    assert len(queries) == 0


def test_unchanged_it_is_kept_for_ten_seconds_by_one_look_a_second(sqlite_database: Database) -> None:
    World(NOW).watched("frontend")
    documents, render = Documents(), Renders()
    first = documents.get(KEY, render, NOW)

    with CaptureQueriesContext(connection) as queries:
        kept = documents.get(KEY, render, NOW + 9 * SECOND)
    renewed = documents.get(KEY, render, NOW + 10 * SECOND)

    assert kept is first
    assert len(queries) == 1
    assert renewed.body.startswith(str(NOW + 10 * SECOND).encode())
    assert render.count == 2


def test_change_of_state_is_shown_at_the_next_look(database: Database) -> None:
    world = World(NOW)
    check = world.check(world.component("frontend"), since_us=NOW - DAY)
    documents, render = Documents(), Renders()
    documents.get(KEY, render, NOW)

    world.happened(check, [(State.UP, NOW - DAY, NOW), (State.DOWN, NOW, None)])

    assert b"major_outage" in documents.get(KEY, render, NOW + SECOND).body


def test_new_configuration_is_shown_at_the_next_look(sqlite_database: Database) -> None:
    world = World(NOW, name="Old")
    documents, render = Documents(), Renders()
    documents.get(KEY, render, NOW)

    World(NOW, name="New")
    world.watched("frontend")

    assert documents.get(KEY, render, NOW + SECOND).body.endswith(b"operational New")


def test_when_the_database_is_gone_nothing_old_is_shown(sqlite_database: Database) -> None:
    World(NOW).watched("frontend")
    documents, render = Documents(), Renders()
    documents.get(KEY, render, NOW)

    use("/nonexistent/trueup.db")
    with pytest.raises(DatabaseError):
        documents.get(KEY, render, NOW + 2 * SECOND)

    assert documents.fresh(KEY, NOW + 2 * SECOND) is None
    use(sqlite_database.address)
    assert documents.get(KEY, render, NOW + 3 * SECOND).body.endswith(b"THE BOT")


def test_clock_that_steps_back_does_not_freeze_a_document(sqlite_database: Database) -> None:
    World(NOW).watched("frontend")
    documents, render = Documents(), Renders()
    documents.get(KEY, render, NOW)

    document = documents.get(KEY, render, NOW - 3600 * SECOND)

    assert document.body.startswith(str(NOW - 3600 * SECOND).encode())


def test_documents_of_one_revision_speak_of_one_instant(sqlite_database: Database) -> None:
    World(NOW).watched("frontend")
    documents, render = Documents(), Renders()

    one = documents.get(KEY, render, NOW)
    other = documents.get(Key("other"), render, NOW + 5 * SECOND)

    assert one.body == other.body


def test_pages_are_read_with_the_configuration_and_looked_at_together_with_documents(
    sqlite_database: Database,
) -> None:
    world = World(NOW)
    world.watched("frontend")
    documents, render = Documents(), Renders()
    with CaptureQueriesContext(connection) as first:
        documents.directory(NOW)
    documents.get(KEY, render, NOW)

    with CaptureQueriesContext(connection) as kept:
        documents.directory(NOW + SECOND - 1)
        documents.get(KEY, render, NOW + SECOND - 1)
    with CaptureQueriesContext(connection) as looked:
        documents.directory(NOW + 2 * SECOND)
        documents.get(KEY, render, NOW + 2 * SECOND)

    assert len(first) == 7  # the position, and pages, groups, components twice, site and revision
    assert (len(kept), len(looked)) == (0, 1)


def test_closed_page_is_not_shown_from_memory_to_the_public(sqlite_database: Database) -> None:
    world = World(NOW)
    world.watched("frontend")
    row = paged(world, "default")
    documents, render = Documents(), Renders()
    documents.get(KEY, render, NOW)

    row.privacy = "token"
    row.save()
    world.applied()
    documents.directory(NOW + SECOND)

    assert documents.fresh(KEY, NOW + SECOND) is None
    with pytest.raises(NoPageError):
        documents.get(KEY, render, NOW + SECOND)
    inside = documents.get(KEY._replace(audience=Audience.MEMBER), render, NOW + SECOND)
    assert dict(inside.headers)["Cache-Control"] == "private, no-store"


def test_requests_that_only_look_at_the_pages_keep_no_document_alive(sqlite_database: Database) -> None:
    World(NOW).watched("frontend")
    documents, render = Documents(), Renders()
    documents.get(KEY, render, NOW)

    documents.directory(NOW + 10 * SECOND)

    assert documents.fresh(KEY, NOW + 10 * SECOND) is None


def test_document_is_made_for_each_page_and_audience(sqlite_database: Database) -> None:
    world = World(NOW)
    world.watched("frontend")
    for slug in ("default", "other"):
        paged(world, slug, "frontend")
    documents, render = Documents(), Renders()

    for key in (KEY, KEY._replace(page="other"), KEY._replace(audience=Audience.INSIDE), KEY):
        documents.get(key, render, NOW)

    assert render.count == 3
    with pytest.raises(NoPageError):
        documents.get(KEY._replace(page="nowhere"), render, NOW)
