from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.config.applying import SECOND, T0, Installation, measured, regions, revisions
from tests.config.loading import spec
from tests.databases import Database

from trueup.config.apply import WouldArchiveError, digest
from trueup.config.plan import PlanError
from trueup.store.models import (
    Channel,
    Check,
    Component,
    ConfigRevision,
    Contract,
    Interruption,
    LedgerEntry,
    Series,
    Site,
)

TWO = """\
site: {name: THE BOT, timezone: Europe/Moscow}
components:
  - name: Frontend
    checks: [http: http://localhost:8080]
  - name: Backend
    description: the API
    checks:
      - http: http://localhost:8000/health
        interval: 30s
        password: hunter2
        username: me
contracts:
  - {name: S, components: [backend], objective: 99.9, window: {calendar: month}}
channels:
  - slack: https://hooks.example.org/x
"""


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Installation:
    """Give an installation on each database."""
    return Installation(tmp_path)


def test_the_first_configuration_creates_everything(here: Installation) -> None:
    done = here.apply(TWO)

    assert [change.line for change in done.changes] == [
        "+ create site: THE BOT",
        "+ create component frontend: Frontend",
        "+ create component backend: Backend",
        "+ create check frontend: http http://localhost:8080 every 1m",
        "+ create check backend: http http://localhost:8000/health every 30s",
        "+ create contract s: S; version 1 from 2023-11-15 01:14 Europe/Moscow",
        "+ create channel slack: slack",
    ]
    assert Site.objects.get().name == "THE BOT"
    assert list(Component.objects.values_list("slug", "position", "description")) == [
        ("frontend", 0, ""),
        ("backend", 1, "the API"),
    ]
    assert Contract.objects.get().document["objective"] == "99.9"
    assert Channel.objects.get().kind == "slack"
    assert done.revision == ConfigRevision.objects.get().id


def test_a_new_check_has_a_revision_two_series_and_an_open_ledger(here: Installation) -> None:
    here.apply(TWO)

    (revision,) = revisions("backend")
    assert (revision.number, revision.valid_from_us, revision.interval_us) == (1, here.now_us, 30 * SECOND)
    assert revision.expect == ["status in 200..399"]
    assert regions("backend") == ["local", "verdict"]
    assert {each.created_us for each in Series.objects.all()} == {here.now_us}
    entries = LedgerEntry.objects.values_list("state", "start_us", "end_us")
    assert list(entries) == [("unknown", here.now_us, None)] * 4


def test_the_same_configuration_again_writes_nothing(here: Installation) -> None:
    first = here.apply(TWO)

    with CaptureQueriesContext(connection) as queries:
        again = here.apply(TWO)

    assert again.changes == ()
    assert again.revision == first.revision
    assert not [each for each in queries if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("interval: 30s", "interval: 1m", "~ change check backend: interval 30s -> 1m"),
        ("8000/health", "9000", "target http://localhost:8000/health -> http://localhost:9000"),
        ("interval: 30s", "interval: 30s\n        confirm: 3", "confirm 2 -> 3"),
        (
            "interval: 30s",
            "interval: 30s\n        expect: status == 200",
            "expect status in 200..399 -> status == 200",
        ),
        ("interval: 30s", "interval: 30s\n        method: HEAD", "method nothing -> HEAD"),
        ("interval: 30s", "interval: 30s\n        timeout: 5s", "timeout 10s -> 5s"),
        ("hunter2", "hunter3", "~ change check backend: password changed"),
    ],
)
def test_another_question_is_another_revision(here: Installation, old: str, new: str, line: str) -> None:
    here.apply(TWO)

    (found,) = here.lines(TWO.replace(old, new))

    assert line in found
    assert [(each.number, each.valid_from_us) for each in revisions("backend")] == [
        (1, T0 + 60 * SECOND),
        (2, T0 + 120 * SECOND),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "interval: 30s",
            "interval: 30s\n        name: Health",
            "~ change check backend: name Backend -> Health",
        ),
        (
            "interval: 30s",
            "interval: 30s\n        tags: [eu, checkout]",
            "~ change check backend: tags nothing -> checkout, eu",
        ),
        (
            "[http: http://localhost:8080]",
            "[{http: http://localhost:8080, counts: false}]",
            "~ change check frontend: counts True -> False",
        ),
        ("the API", "the new API", "~ change component backend: description the API -> the new API"),
        ("THE BOT", "OTHER", "~ change site: name THE BOT -> OTHER"),
        (
            "99.9",
            "99",
            "~ change contract s: objective 99.9 -> 99; version 2 from 2023-12-01; November stays as it was",
        ),
        ("example.org/x", "example.org/y", "~ change channel slack: url changed"),
    ],
)
def test_what_is_no_question_makes_no_revision(here: Installation, old: str, new: str, line: str) -> None:
    here.apply(TWO)

    assert here.lines(TWO.replace(old, new)) == [line]
    assert len(revisions("backend")) == 1
    assert here.lines(TWO.replace(old, new)) == []


WITHOUT = TWO.replace("  - name: Frontend\n    checks: [http: http://localhost:8080]\n", "")


def test_what_is_gone_is_archived_and_comes_back(here: Installation) -> None:
    here.apply(TWO)
    row = Check.objects.get(slug="frontend").id

    assert here.lines(WITHOUT) == [
        "- archive component frontend: nothing was measured, and it counts no more",
        "- archive check frontend: nothing was measured, and it counts no more",
    ]
    assert Check.objects.get(slug="frontend").archived_at is not None
    assert Component.objects.get(slug="frontend").archived_at is not None
    assert here.lines(WITHOUT) == []
    assert here.lines(TWO) == [
        "+ restore component frontend: it is there again (archived since 2023-11-14T22:15:20Z)",
        "+ restore check frontend: it is there again (archived since 2023-11-14T22:15:20Z)",
    ]
    assert Check.objects.get(slug="frontend", archived_at=None).id == row
    assert [each.state for each in Interruption.objects.order_by("id")] == ["paused", "unknown"]


def test_what_was_measured_is_archived_only_where_that_is_allowed(here: Installation) -> None:
    here.apply(TWO)
    measured("frontend")

    with pytest.raises(WouldArchiveError, match="component frontend, check frontend, which have a history"):
        here.apply(WITHOUT)
    assert Check.objects.get(slug="frontend").archived_at is None
    assert here.lines(WITHOUT, archive=True) == [
        "- archive component frontend: 2 min of history kept, and it counts no more",
        "- archive check frontend: 2 min of history kept, and it counts no more",
    ]


def test_renaming_keeps_the_rows(here: Installation) -> None:
    here.apply(TWO)
    measured("backend")
    ids = (Component.objects.get(slug="backend").id, Check.objects.get(slug="backend").id)
    renamed = TWO.replace("name: Backend", "name: API\n    was: backend").replace("[backend]", "[api]")

    lines = here.lines(renamed)

    assert lines == [
        "> rename component api: was backend; name Backend -> API; 1 min of history goes with it",
        "> rename check api: was backend; name Backend -> API; 1 min of history goes with it",
        "~ change contract s: components backend -> api",
    ]
    assert (Component.objects.get(slug="api").id, Check.objects.get(slug="api").id) == ids
    assert len(revisions("api")) == 1
    assert here.lines(renamed) == []


def test_a_changed_slug_without_was_says_how_to_keep_the_history(here: Installation) -> None:
    here.apply(TWO)
    measured("backend")
    text = TWO.replace("interval: 30s", "interval: 30s\n        slug: health")

    assert here.lines(text, archive=True)[-1] == (
        "- archive check backend: 1 min of history kept, and it counts no more; "
        "write 'was: backend' at check health if it is the same one"
    )


def test_a_second_check_changes_the_slug_of_the_first_unless_that_is_written(here: Installation) -> None:
    here.apply(TWO)
    second = "      - tcp: localhost:8000\ncontracts:"
    kept = TWO.replace("interval: 30s", "interval: 30s\n        slug: backend").replace("contracts:", second)

    assert here.lines(kept) == [
        "~ change check backend: name Backend -> backend",
        "+ create check backend-tcp: tcp localhost:8000 every 1m",
    ]


def test_a_check_moves_to_another_component_with_its_history(here: Installation) -> None:
    here.apply(TWO)
    row = Check.objects.get(slug="backend").id
    text = """\
components:
  - name: Frontend
    checks:
      - {http: 'http://localhost:8080', slug: frontend}
      - {http: 'http://localhost:8000/health', slug: backend, name: Backend, interval: 30s}
"""

    lines = here.lines(text)

    assert any("moves from component backend to frontend" in line for line in lines)
    assert Check.objects.get(id=row).component.slug == "frontend"


def test_a_former_slug_cannot_take_over_what_exists(here: Installation) -> None:
    here.apply(TWO)
    text = WITHOUT.replace("name: Backend\n", "name: Backend\n    was: frontend\n")

    with pytest.raises(
        PlanError, match="'backend' exists already and cannot take over the history of 'frontend'"
    ):
        here.apply(text)


def test_another_order_is_written_and_makes_no_revision_of_a_check(here: Installation) -> None:
    here.apply(TWO)
    front = "  - name: Frontend\n    checks: [http: http://localhost:8080]\n"
    swapped = TWO.replace(front, "").replace("contracts:", f"{front}contracts:")

    assert here.lines(swapped) == ["~ change order: components or checks stand in another order"]
    assert [each.slug for each in Component.objects.all()] == ["backend", "frontend"]
    assert here.lines(swapped) == []


def test_a_failure_leaves_nothing_behind(here: Installation) -> None:
    here.apply(TWO)
    # the key is gone when the new secret is to be encrypted, after the site was written
    here.key_file.unlink()
    here.seal = type(here.seal)(here.key_file)

    with pytest.raises(Exception, match="the key of stored secrets is not at"):
        here.apply(TWO.replace("THE BOT", "OTHER"))
    assert Site.objects.get().name == "THE BOT"
    assert ConfigRevision.objects.count() == 1


def test_a_clock_that_went_back_does_not_turn_revisions_round(here: Installation) -> None:
    here.apply(TWO)
    here.now_us -= 3600 * SECOND

    here.apply(TWO.replace("interval: 30s", "interval: 1m"))

    first, second = revisions("backend")
    assert second.valid_from_us >= first.valid_from_us


def test_many_checks_are_applied_with_few_statements(here: Installation) -> None:
    checks = "".join(f"      - {{http: 'http://localhost/{n}', slug: c{n}}}\n" for n in range(300))

    with CaptureQueriesContext(connection) as queries:
        here.apply(f"components:\n  - name: A\n    checks:\n{checks}")

    assert Check.objects.count() == 300
    assert len(queries) < 80


def test_the_digest_speaks_of_the_configuration_without_its_secrets() -> None:
    first, other = spec(TWO), spec(TWO.replace("30s", "1m"))

    assert digest(first) == digest(spec(TWO.replace("hunter2", "hunter3")))
    assert digest(first) != digest(other)
