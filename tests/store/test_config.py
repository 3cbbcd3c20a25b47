from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.applying import SECOND, Installation
from tests.databases import Database

from trueup.store.models import Check, Series
from trueup.store.read.config import assignments, config_revision

TEXT = """\
components:
  - name: A
    checks:
      - {http: 'http://localhost/1', interval: 10s, timeout: 3s, confirm: 3, degraded_when: latency > 1 s}
      - {tcp: 'localhost:2', slug: door}
  - name: B
    checks: [http: http://localhost/3]
"""


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Installation:
    """Give an installation on each database."""
    return Installation(tmp_path)


def test_nothing_is_asked_before_the_first_configuration(here: Installation) -> None:
    assert list(assignments({}, here.key_file)) == []
    assert config_revision() == 0


def test_the_engine_is_told_everything_a_check_needs(here: Installation) -> None:
    done = here.apply(TEXT)

    first, door, last = assignments({}, here.key_file)

    check = Check.objects.get(slug="a-http")
    series = {each.region.slug: each.id for each in Series.objects.filter(owner=check)}
    assert (first.check_id, first.check_uuid, first.component, first.slug) == (
        check.id,
        check.uuid,
        "a",
        "a-http",
    )
    assert (first.series, first.verdict) == (series["local"], series["verdict"])
    assert (first.number, first.valid_from_us, first.kind, first.target) == (
        1,
        here.now_us,
        "http",
        "http://localhost/1",
    )
    assert (first.interval_us, first.timeout_us, first.confirm, first.recover) == (
        10 * SECOND,
        3 * SECOND,
        3,
        1,
    )
    assert (first.expect, first.degraded_when) == (("status in 200..399",), ("latency > 1 s",))
    assert [door.slug, last.slug] == ["door", "b"]
    assert config_revision() == done.revision


def test_the_newest_revision_is_asked(here: Installation) -> None:
    here.apply(TEXT)
    before = {row.slug: row for row in assignments({}, here.key_file)}

    here.apply(TEXT.replace("localhost/3", "localhost/4"))

    after = {row.slug: row for row in assignments({}, here.key_file)}
    assert (after["b"].target, after["b"].number, after["b"].valid_from_us) == (
        "http://localhost/4",
        2,
        here.now_us,
    )
    assert after["b"].revision != before["b"].revision
    assert after["b"].series == before["b"].series
    assert after["a-http"] == before["a-http"]


def test_what_is_archived_is_not_asked(here: Installation) -> None:
    here.apply(TEXT)

    here.apply(TEXT.partition("  - name: B")[0])

    assert [row.slug for row in assignments({}, here.key_file)] == ["a-http", "door"]


def test_a_stopped_check_is_told_as_such(here: Installation) -> None:
    here.apply(TEXT)
    Check.objects.filter(slug="door").update(paused_us=here.now_us)

    assert {row.slug: row.paused for row in assignments({}, here.key_file)} == {
        "a-http": False,
        "door": True,
        "b": False,
    }
    assert here.apply(TEXT).changes == ()
