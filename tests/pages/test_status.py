"""The public page."""

from __future__ import annotations

import re
import time
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from tests.databases import Database, use
from tests.seen import seen
from tests.world import DAY, HOUR, MINUTE, SECOND, World, at

from trueup.domain.result import State
from trueup.pages.status import render
from trueup.store.models import Component, Evidence, LedgerEntry, Region

NOW = at("2026-11-23 14:32:05")


def html(now_us: int = NOW) -> str:
    """Return the page of an instant."""
    return render(seen(now_us)).body.decode()


def words(page: str) -> str:
    """Return what a reader reads: no tags, single spaces."""
    text = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text)


class Tags(HTMLParser):
    """Collects the tags of a page, and holds that they are nested."""

    _VOID = ("meta", "link", "img", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ([State.UP, State.UP], "Everything is up."),
        ([State.UP, State.DOWN], "Other is down."),
        ([State.DOWN, State.DOWN], "Everything is down."),
        ([State.DEGRADED, State.UP], "One is degraded."),
        ([State.DEGRADED, State.DOWN], "Other is down."),
        ([State.UNKNOWN, State.UP], "One is unknown."),
        ([State.UNKNOWN, State.UNKNOWN], "Nothing is known right now."),
        ([State.PAUSED, State.PAUSED], "Everything is paused."),
        ([State.PAUSED, State.UP], "Everything is up."),
        ([State.DOWN, State.DOWN, State.DOWN, State.UP], "3 of 4 components are down."),
    ],
)
def test_page_begins_with_one_sentence(sqlite_database: Database, states: list[State], sentence: str) -> None:
    world = World(NOW)
    world.engine()
    names = ("One", "Other", "Third", "Fourth")
    for name, state in zip(names, states, strict=False):
        world.watched(name.lower(), name, [(State.UP, NOW - DAY, NOW - HOUR), (state, NOW - HOUR, None)])

    page = html()

    assert f'<h1 id="answer">{sentence}</h1>' in page
    assert f"<title>{sentence} · THE BOT</title>" in page
    assert re.search(r"As of 23 Nov 2026, 14:32:05 UTC", words(page))


def test_component_tells_state_since_last_answer_and_figures(sqlite_database: Database) -> None:
    began = NOW - 3 * DAY
    spans = [
        (State.UP, NOW - 95 * DAY, began),
        (State.DOWN, began, began + 10 * MINUTE),
        (State.UP, began + 10 * MINUTE, None),
    ]
    world = World(NOW)
    world.engine()
    world.watched("backend", "Backend", spans)

    text = words(html())

    assert "Backend Up since 20 Nov, 14:42" in text
    assert "24 hours 100 % coverage 100 %" in text
    assert "7 days 99.90 % (99.89\u201399.91) coverage 100 %" in text
    assert "90 days 99.99 % (99.991\u201399.993) coverage 100 %" in text
    assert "Last good answer 143 ms 14:31:35" in text
    assert "Backend 20 Nov, 14:32:05 10 min between 8 min 59 s and 11 min" in text


def test_day_that_was_not_whole_is_in_the_table_and_the_others_are_summed_up(
    sqlite_database: Database,
) -> None:
    began = NOW - 3 * DAY
    spans = [
        (State.UP, NOW - 95 * DAY, began),
        (State.UNKNOWN, began, began + HOUR),
        (State.UP, began + HOUR, None),
    ]
    World(NOW).watched("backend", "Backend", spans)

    page = html()

    assert "1 day with lost, unknown or doubtful time" in page
    assert "20 Nov 100 % (95.76\u2013100) \u2013 \u2013 1 h 95.8 %" in words(page)
    assert "Every other day since it is watched: exactly 100 %, or paused." in words(page)


def test_each_day_has_a_note_for_the_pointer(sqlite_database: Database) -> None:
    began = NOW - 2 * DAY
    spans = [
        (State.UP, NOW - 3 * DAY, began),
        (State.DEGRADED, began, began + HOUR),
        (State.UP, began + HOUR, None),
    ]
    World(NOW).watched("backend", "Backend", spans)

    notes = re.findall(r'data-notes="([^"]*)"', html())[0].split("|")

    assert len(notes) == 90
    assert notes[:86] == ["-"] * 86
    assert [note.replace("\u00a0", " ") for note in notes[86:]] == ["", "100 %, degraded 1 h", "", ""]
    assert 'data-first="2026-08-26"' in html()


def test_paused_days_are_named_and_not_called_lost(sqlite_database: Database) -> None:
    World(NOW).watched(
        "backend", spans=[(State.UP, NOW - 9 * DAY, NOW - 3 * DAY), (State.PAUSED, NOW - 3 * DAY, None)]
    )

    page = html()

    assert "doubtful time" not in page
    assert '<li class="paused">paused</li>' in page
    assert re.findall(r'data-notes="([^"]*)"', page)[0].endswith("no data, paused 14\u00a0h\u00a032\u00a0min")


def test_bars_are_one_path_for_each_state(sqlite_database: Database) -> None:
    began = NOW - 3 * DAY
    spans = [
        (State.UP, NOW - 95 * DAY, began),
        (State.DOWN, began, began + HOUR),
        (State.UP, began + HOUR, None),
    ]
    World(NOW).watched("backend", "Backend", spans)

    drawing = re.findall(r'<svg viewBox="0 0 359 40".*?</svg>', html())[0]

    assert re.findall(r'<path class="(\w+)"', drawing) == ["down", "up"]
    assert 'role="img" aria-label="The last 90 days: 90 watched, 1 of them with an outage, ' in drawing


def test_time_that_was_not_measured_is_drawn_as_such(sqlite_database: Database) -> None:
    World(NOW).watched(
        "backend", spans=[(State.UNKNOWN, NOW - 4 * DAY, NOW - DAY), (State.UP, NOW - DAY, None)]
    )

    drawing = re.findall(r'<svg viewBox="0 0 359 40".*?</svg>', html())[0]

    assert re.findall(r'<path class="(\w+)"', drawing) == ["none", "unknown", "up"]


def test_empty_site_says_how_to_begin(sqlite_database: Database) -> None:
    page = html()

    assert "Nothing is watched yet." in page
    assert "<code>trueup apply</code>" in page
    assert "Outages" not in page


def test_component_without_a_result_has_no_figures(sqlite_database: Database) -> None:
    world = World(NOW)
    world.engine()
    world.check(world.component("new", "New"), since_us=NOW - MINUTE)

    text = words(html())

    assert "24 hours no data" in text
    assert "Last good answer none yet" in text


@pytest.mark.parametrize(
    ("tick_us", "notice"),
    [(None, "the engine has never run"), (NOW - HOUR, "the engine has been silent since 13:32:05")],
)
def test_page_says_when_nobody_measures(sqlite_database: Database, tick_us: int | None, notice: str) -> None:
    world = World(NOW)
    world.watched("frontend")
    if tick_us is not None:
        world.engine(tick_us)

    assert f"Nobody is measuring: {notice}" in words(html())


def test_page_with_a_living_engine_has_no_notice(sqlite_database: Database) -> None:
    world = World(NOW)
    world.watched("frontend")
    world.engine()

    assert "Nobody is measuring" not in html()


def test_running_outage_stands_first_and_goes_on(sqlite_database: Database) -> None:
    world = World(NOW)
    world.watched(
        "one", "One", [(State.UP, NOW - 9 * DAY, NOW - 3 * MINUTE), (State.DOWN, NOW - 3 * MINUTE, None)]
    )
    spans = [
        (State.UP, NOW - 9 * DAY, NOW - DAY),
        (State.DOWN, NOW - DAY, NOW - HOUR),
        (State.UP, NOW - HOUR, None),
    ]
    world.watched("two", "Two", spans)

    rows = re.findall(r'<td class="name">(\w+)</td>', html())

    assert rows == ["One", "Two"]
    assert "3 min so far at least 2 min 59 s: it goes on" in words(html())


def test_newest_twenty_outages_are_shown(sqlite_database: Database) -> None:
    spans: list[tuple[State, int, int | None]] = []
    begin = NOW - DAY
    for _ in range(21):
        spans += [(State.UP, begin, begin + MINUTE), (State.DOWN, begin + MINUTE, begin + 2 * MINUTE)]
        begin += 2 * MINUTE
    World(NOW).watched("flapping", spans=[*spans, (State.UP, begin, None)])

    page = html()

    assert page.count('<td class="name">') == 20
    assert "The newest 20 are shown." in page


def test_instants_are_on_the_clock_of_the_site(sqlite_database: Database) -> None:
    world = World(NOW, timezone="Europe/Moscow")
    world.watched("frontend")

    page = html()

    assert '<time datetime="2026-11-23T14:32:05Z">23\u00a0Nov 2026, 17:32:05 MSK</time>' in page
    assert "Times are in Europe/Moscow (MSK, UTC+03:00)." in page


HOSTILE = "</h3><script>alert(1)</script>\"' onload=x \u202egnp.\u0000\u2028end"


def test_hostile_names_stay_text(sqlite_database: Database) -> None:
    spans = [(State.UP, NOW - 9 * DAY, NOW - HOUR), (State.DOWN, NOW - HOUR, None)]
    world = World(NOW, name=HOSTILE.replace("\u0000", ""))
    world.watched("evil", HOSTILE.replace("\u0000", ""), spans)

    page = html()

    tags = Tags(page)
    assert tags.open == []
    assert [tag for tag, _ in tags.found].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in tags.found for name in attributes)
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_page_needs_nothing_that_its_policy_forbids(client: Client, sqlite_database: Database) -> None:
    World(time.time_ns() // 1000).watched("frontend")

    answer = client.get("/")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag, attributes in Tags(answer.content.decode()).found:
        assert "style" not in attributes
        assert tag != "style"
        for name in ("src", "href"):
            address = attributes.get(name) or ""
            assert not urlsplit(address).netloc, (tag, address)
        if tag == "script":
            assert attributes["src"]


def test_page_is_sound_for_assistive_technology(sqlite_database: Database) -> None:
    World(NOW).watched("frontend", "Frontend")

    page = html()

    tags = Tags(page)
    names = [tag for tag, _ in tags.found]
    identities = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    labels = [
        attributes["aria-labelledby"] for _, attributes in tags.found if "aria-labelledby" in attributes
    ]
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert (names.count("main"), names.count("h1"), names.count("header")) == (1, 1, 2)
    assert len(set(identities)) == len(identities)
    assert set(labels) <= set(identities)
    assert tags.found[names.index("a")] == ("a", {"class": "skip", "href": "#components"})


def test_no_public_document_tells_what_is_asked_or_why_it_failed(
    client: Client, sqlite_database: Database
) -> None:
    now_us = time.time_ns() // 1000
    world = World(now_us)
    component = world.component("backend", "Backend")
    check = world.check(
        component,
        "marker-slug",
        now_us - 9 * DAY,
        target="http://marker-target.example/marker-path",
        options={"headers": {"X-Marker": "marker-header"}},
    )
    world.happened(check, [(State.UP, now_us - 9 * DAY, now_us - HOUR), (State.DOWN, now_us - HOUR, None)])
    series = check.series.get(region__slug=Region.LOCAL)
    text = {"id": "timeout.total", "params": {"asked": "marker-error"}}
    LedgerEntry.objects.create(
        series=series, state="down", cause="timeout", text=text,
        start_us=1, end_us=2, recorded_us=2,
    )  # fmt: skip
    Evidence.objects.create(
        series=series, run_us=1, role="failing", number=0, asked_us=1, duration_us=1,
        state="down", address="192.0.2.77", text=text, body_head=b"marker-body",
    )  # fmt: skip
    world.engine()

    paths = ("/", "/api/system/uptime/", "/healthz", "/readyz", "/api/none", "/none")
    bodies = [client.get(path, headers={"Accept": "text/html"}).content for path in paths]

    assert all(b"marker" not in body and b"192.0.2.77" not in body for body in bodies)
    assert b"Backend" in bodies[0]


def test_reader_who_has_the_page_gets_304(client: Client, sqlite_database: Database) -> None:
    first = client.get("/")

    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/").content == b""
    assert client.post("/").status_code == 405


def test_page_says_that_the_database_is_away(client: Client, sqlite_database: Database) -> None:
    use("/nonexistent/secret-place/trueup.db")

    answer = client.get("/")

    assert answer.status_code == 503
    assert b"cannot be read" in answer.content
    assert b"secret-place" not in answer.content


def test_hundred_components_are_one_page(sqlite_database: Database) -> None:
    world = World(NOW)
    with transaction.atomic():
        for index in range(100):
            world.watched(f"component-{index}", f"Component {index}")
    assert Component.objects.count() == 100

    page = html()

    assert page.count("<article") == 100
    assert Tags(page).open == []


def test_outage_before_the_bars_is_not_listed(sqlite_database: Database) -> None:
    began = NOW - 90 * DAY - 15 * HOUR
    spans = [
        (State.UP, NOW - 99 * DAY, began),
        (State.DOWN, began, began + SECOND),
        (State.UP, began + SECOND, None),
    ]
    World(NOW).watched("backend", "Backend", spans)

    assert "None was seen." in html()
