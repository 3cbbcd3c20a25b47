"""A page in a real browser: what a visitor would see, and that nothing of it is left behind."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests import system
from tests.probes import how_to
from tests.probes.asking import Asking
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.dns import Zone
from tests.servers.http import Asked, Site, silent
from tests.servers.tls import broken_handshake

from trueup import conf
from trueup.domain.result import MAX_PICTURE, FailureClass, State
from trueup.engine.run.evidence import detail_of
from trueup.probes.asking import Answer
from trueup.probes.base import OptionError, ProbeError, build
from trueup.probes.chromium import _sweep_those_of_the_dead, turn

pytestmark = system.PATIENT
OURS = f"trueup-browser-{os.getpid()}-"  # others may run browsers at the same time
DEADLINE_S = 12.0  # three browsers start meanwhile, on a machine that may be busy
PAGE = """<html><title>Shop</title><body><h1 id=checkout style="display:none">Pay</h1><p id=said></p>
<script>
  setTimeout(() => { checkout.style.display = 'block'; said.innerText = 'Thank you'; }, 50);
  navigator.serviceWorker?.register('/worker.js').catch(() => { document.title += ', no worker'; });
</script>"""
BROKEN = """<html><body>Half<img src=/missing.png><img src="http://169.254.169.254/latest">
<script>console.error('no cart', 1); alert('wait'); undefined_name.x</script>"""


def html(page: str, status: int = 200) -> Any:
    return lambda asked: (status, {"Content-Type": "text/html"}, page.encode())


def members(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    if asked.headers.get("authorization") == "Basic bWU6aHVudGVyMg==":
        return 200, {"Content-Type": "text/html"}, asked.headers["cookie"].encode()
    return 401, {"WWW-Authenticate": 'Basic realm="members"'}, b""


def left_behind() -> list[str]:
    """Return the folders and processes that a browser left."""
    folders = [str(each) for each in Path(tempfile.gettempdir()).glob(f"{OURS}*")]
    return [*folders, *(f"process {pid}" for pid in browsers())]


def browsers() -> list[int]:
    """Return the processes of browsers that this one started, the dead that nobody buried as well."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                stat = (each / "stat").read_text().rpartition(")")[2].split()
                command = (each / "cmdline").read_bytes()
            except OSError:
                continue
            if OURS.encode() in command or (stat[0] == "Z" and int(stat[1]) == os.getpid()):
                found.append(int(each.name))
    return found


@pytest.fixture(scope="module", autouse=True)
def chromium() -> Path:
    return system.need("chromium", binary="chromium")


@pytest.fixture
def names(servers: Servers) -> str:
    """Give a resolver that knows one name: the browser's own wishes lead nowhere."""
    return Zone({"shop.test": ["127.0.0.1"], "meta.test": ["169.254.169.254"]}).start(servers)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    end_s = time.monotonic() + 10
    while left_behind() and time.monotonic() < end_s:
        time.sleep(0.02)
    assert left_behind() == []


def test_example_of_the_how_to_is_up(servers: Servers, names: str) -> None:
    place = servers.start(Site({"/": html(PAGE)}))

    ((answer, judgement),) = how_to.asked(
        "watch-a-page-in-a-browser.md",
        {"https://shop.example.org/": place.url(), "load > 3 s": "load > 30 s"},
        {},
        servers=[names],
    )

    facts = answer.facts
    assert judgement.state is State.UP, judgement
    assert facts.values["title"] == "Shop, no worker"
    assert 0 < facts.values["first_byte"].total_seconds() <= facts.values["load"].total_seconds()
    assert facts.address == "127.0.0.1"
    assert facts.phases.wait_us is not None
    assert detail_of(facts, None).picture == b""


def test_credentials_go_to_the_target_alone(servers: Servers, ask: Ask, names: str) -> None:
    site, other = Site({"/": members}), Site({"/": members})
    place, stranger = servers.start(site), servers.start(other)
    options = {
        "username": "me",
        "password": "hunter2",
        "secret_cookies": {"session": "s1"},
        "servers": [names],
    }
    site.answers = {
        **site.answers,
        "/away": lambda _: (302, {"Location": stranger.url(host="shop.test")}, b""),
    }

    good = ask("browser", place.url(), timeout_s=40, **options).facts
    away = ask("browser", place.url("/away"), timeout_s=40, **options).facts

    assert (good.failure, good.values["status"]) == (None, 200)
    assert b"session=s1" in (good.body or b"")
    assert away.values["status"] == 401
    assert [each for each in other.asked if {"authorization", "cookie"} & each.headers.keys()] == []


@pytest.mark.parametrize(
    ("target", "cause", "words"),
    [
        ("http://meta.test/", FailureClass.GUARD, "cloud metadata"),
        ("http://none.test/", FailureClass.DNS, "the name none.test does not exist"),
        ("http://127.0.0.1:{refusing}/", FailureClass.REFUSED, "refused the connection"),
        ("http://127.0.0.1:{site}/redirect", FailureClass.GUARD, "cloud metadata"),
        ("http://127.0.0.1:{site}/file", FailureClass.PROTOCOL, "would have downloaded"),
        ("https://127.0.0.1:{plain}/", FailureClass.TLS, "TLS handshake failed"),
    ],
)
def test_fault_has_its_class_and_its_words(
    servers: Servers, ask: Ask, names: str, target: str, cause: FailureClass, words: str
) -> None:
    site = Site(
        {
            "/redirect": lambda _: (302, {"Location": "http://169.254.169.254/latest"}, b""),
            "/file": lambda _: (200, {"Content-Disposition": "attachment"}, b"data"),
        }
    )
    ports = {
        "refusing": servers.refusing().port,
        "site": servers.start(site).port,
        "plain": servers.start(broken_handshake).port,
    }

    found, sentence = why(ask("browser", target.format(**ports), timeout_s=40, servers=[names]))

    assert found is cause, sentence
    assert words in sentence


def test_deadline_ends_a_silent_server_a_busy_page_and_one_without_what_it_should_show(
    servers: Servers, names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUEUP_BROWSERS", "3")
    conf.current.cache_clear()
    mute = build("browser", servers.start(silent).url(), {})
    pages = Site({"/busy": html("<html><script>for (;;) {}</script>"), "/broken": html(BROKEN)})
    place = servers.start(pages)
    busy = build("browser", place.url("/busy"), {})
    broken = build("browser", place.url("/broken"), {"selector": "#checkout"})
    answers: dict[str, Answer] = {}
    with Asking(servers=[names]) as asking:

        def ask() -> None:
            for probe in (mute, busy, broken):
                asking.asker.start(probe, DEADLINE_S, partial(answers.__setitem__, probe.target))

        asking.call(ask)
        end_s = time.monotonic() + 4 * DEADLINE_S
        while len(answers) < 3 and time.monotonic() < end_s:
            time.sleep(0.02)
    conf.current.cache_clear()

    sentences = [why(answers[probe.target]) for probe in (mute, busy, broken)]
    assert [cause for cause, _ in sentences] == [FailureClass.TIMEOUT] * 3, sentences
    assert "the page had loaded, but #checkout was not to be seen on it" in sentences[2][1]
    assert all(each.duration_us < 2 * DEADLINE_S * 1e6 for each in answers.values())
    facts = answers[broken.target].facts
    assert facts.values["console_errors"] == 2
    assert facts.values["console"] == "no cart 1"
    assert facts.values["failed_requests"] == 2
    assert b"Half" in (facts.body or b"")
    kept = detail_of(facts, facts.failure.text if facts.failure else None).picture
    assert kept.startswith(b"\xff\xd8")
    assert len(kept) <= MAX_PICTURE


def test_cancelled_asking_leaves_no_browser(servers: Servers, names: str) -> None:
    mute = servers.start(silent)
    probe = build("browser", mute.url(), {})
    with Asking(servers=[names]) as asking:
        (begun,) = asking.call(lambda: [asking.asker.start(probe, 30, asking.take)])
        end_s = time.monotonic() + 20
        while not mute.taken and time.monotonic() < end_s:
            time.sleep(0.02)
        asking.call(begun.cancel)

    assert mute.taken
    assert asking.taken == []


def test_folder_of_a_process_that_was_killed_is_removed_by_the_next(
    servers: Servers, ask: Ask, names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Path(tempfile.mkdtemp(prefix="trueup-browser-99999999-"))
    _sweep_those_of_the_dead.cache_clear()
    monkeypatch.setenv("TRUEUP_CHROMIUM", "/bin/true")
    conf.current.cache_clear()
    try:
        ask("browser", "http://shop.test/", timeout_s=1, servers=[names])
    finally:
        monkeypatch.undo()
        conf.current.cache_clear()

    assert not old.exists()


def test_only_so_many_browsers_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUEUP_BROWSERS", "1")
    conf.current.cache_clear()

    async def third() -> None:
        async with turn(time.monotonic() + 5), turn(time.monotonic() + 0.05):
            raise AssertionError

    try:
        with pytest.raises(ProbeError) as refused:
            asyncio.run(third())
    finally:
        monkeypatch.undo()
        conf.current.cache_clear()
    assert refused.value.cause is FailureClass.LOCAL
    assert refused.value.text.params == {"limit": 1}


@pytest.mark.parametrize("program", ["/nowhere/chromium", "/bin/true", "/bin/cat"])
def test_browser_that_cannot_be_started_is_our_own_fault(
    servers: Servers, ask: Ask, names: str, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUEUP_CHROMIUM", program)
    conf.current.cache_clear()
    try:
        cause, sentence = why(ask("browser", "http://shop.test/", timeout_s=1, servers=[names]))
    finally:
        monkeypatch.undo()
        conf.current.cache_clear()

    assert cause is FailureClass.LOCAL, sentence
    assert "could not start its browser" in sentence


@pytest.mark.parametrize(
    ("target", "options", "field"),
    [
        ("ftp://x/", {}, "target"),
        ("file:///etc/passwd", {}, "target"),
        ("http://x/", {"viewport": "10x10"}, "viewport"),
        ("http://x/", {"password": "p"}, "password"),
        ("http://x/", {"secret_cookies": {"a b": "c"}}, "secret_cookies"),
        ("http://x/", {"secret_cookies": {"a": "b;c"}}, "secret_cookies"),
        ("http://x/", {"wait": "ever"}, "wait"),
    ],
)
def test_bad_options_are_refused(target: str, options: dict[str, Any], field: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("browser", target, options)

    assert refused.value.field == field
