"""Is it them or is it us: what is withdrawn, what is held, and whom we ask when."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from tests.engine.run.simulated import SECOND, Behaviour, Question, World, bad, steady

from trueup.domain.result import FailureClass
from trueup.engine.run.selfwatch import SelfWatch

REFUSED, TIMEOUT, LOCAL, UNREACHABLE = (
    FailureClass.REFUSED,
    FailureClass.TIMEOUT,
    FailureClass.LOCAL,
    FailureClass.UNREACHABLE,
)
ALIVE = steady()
REFUSING = steady(bad(REFUSED))
SILENT = steady(takes_us=3_600 * SECOND)
NO_WAY = steady(bad(UNREACHABLE))
HOST = "192.0.2.7"


class Watched:
    """A watch with witnesses a, b ... and the verdicts it gave, in order."""

    def __init__(self, *witnesses: Behaviour, explicit: bool = False) -> None:
        self.world = World(now_us=100 * SECOND)
        self.names = "abcdef"[: len(witnesses)]
        for name, behaviour in zip(self.names, witnesses, strict=True):
            self.world.targets[name] = behaviour
        self.clock = self.world.clock()
        self.watch = SelfWatch(
            lambda: self.names,
            asks=self.world,
            timers=self.world,
            clock=self.clock,
            explicit=explicit,
            make=lambda place: Question(target=place),
        )
        self.given: list[tuple[str, bool]] = []

    def fail(
        self,
        label: str,
        cause: FailureClass = TIMEOUT,
        host: str = HOST,
        series: int = 1,
        interval_s: int = 60,
    ) -> None:
        now = self.clock.now_us()
        give = lambda withdrawn: self.given.append((label, withdrawn))  # noqa: E731
        self.watch.take(series, host, cause, now, interval_s * SECOND, give)

    def pass_on(self, label: str, series: int = 1) -> None:
        give = lambda withdrawn: self.given.append((label, withdrawn))  # noqa: E731
        self.watch.pass_on(series, give, withdrawn=False)

    def run(self, seconds: float) -> None:
        self.world.run_until(self.world.now_us + int(seconds * SECOND))

    def meet(self) -> None:
        """Let the witnesses answer once, so that they are known to live."""
        self.fail("meeting")
        self.run(2)
        self.given.clear()
        self.world.asked.clear()

    def change(self, **behaviours: Behaviour) -> None:
        self.world.targets.update(behaviours)


@pytest.mark.parametrize("cause", sorted(FailureClass))
@pytest.mark.parametrize("host", ["192.0.2.7", "api.example.org"])
def test_only_a_failure_that_our_network_could_explain_asks_the_witnesses(cause: FailureClass, host: str):
    watched = Watched(ALIVE, ALIVE)
    watched.fail("x", cause, host)
    doubtful = cause in {"dns", "refused", "reset", "unreachable", "timeout", "local"}

    assert (watched.watch.rounds, len(watched.world.asked)) == ((1, 2) if doubtful else (0, 0))
    assert watched.watch.holds(1) is doubtful

    watched.run(1)

    assert watched.given == [("x", False)]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_targets_on_loopback_never_make_us_ask_a_default_witness(host: str):
    watched = Watched(ALIVE)
    for cause in FailureClass:
        watched.fail(cause, cause, host)
    watched.run(10)

    assert watched.world.asked == []
    assert watched.given == [(cause, False) for cause in FailureClass]


def test_targets_on_loopback_count_where_people_named_the_witnesses():
    watched = Watched(SILENT, explicit=True)
    watched.change(a=ALIVE)
    watched.meet()
    watched.change(a=SILENT)
    watched.fail("x", TIMEOUT, "127.0.0.1")
    watched.run(2)

    assert watched.given == [("x", True)]


def test_good_results_ask_nobody():
    watched = Watched(ALIVE)
    for _ in range(100):
        watched.pass_on("good")
        watched.run(1)

    assert watched.world.asked == []


@pytest.mark.parametrize(
    ("first", "then", "withdrawn"),
    [
        # (what they did when they were met), (what they do now), what comes of a failure
        ((ALIVE, ALIVE), (ALIVE, ALIVE), False),
        ((ALIVE, ALIVE), (REFUSING, SILENT), False),  # a refusal is a sign of life
        ((ALIVE, ALIVE), (SILENT, ALIVE), False),
        ((ALIVE, ALIVE), (SILENT, SILENT), True),
        ((ALIVE, ALIVE), (NO_WAY, SILENT), True),
        ((REFUSING, SILENT), (SILENT, SILENT), True),  # b is mute and does not count
        ((REFUSING, SILENT), (REFUSING, SILENT), False),
        ((SILENT, SILENT), (SILENT, SILENT), False),  # nobody who could tell
        ((), (), False),
    ],
)
def test_failure_is_withdrawn_when_all_who_ever_answered_are_silent(first, then, withdrawn):
    watched = Watched(*first)
    watched.meet()
    watched.change(**dict(zip(watched.names, then, strict=True)))
    watched.fail("x")
    watched.run(2)

    assert watched.given == [("x", withdrawn)]


def test_nothing_waits_longer_than_two_seconds():
    watched = Watched(ALIVE)
    watched.meet()
    watched.change(a=SILENT)
    waits: list[int] = []

    def given(begun_us: int, _withdrawn: bool) -> None:
        waits.append(watched.world.now_us - begun_us)

    for series in range(40):
        give = partial(given, watched.world.now_us)
        watched.watch.take(series, HOST, TIMEOUT, watched.clock.now_us(), 60 * SECOND, give)
        watched.run(0.13)
    watched.run(3)

    assert len(waits) == 40
    assert max(waits) <= 2 * SECOND


def test_results_of_one_series_keep_their_order_and_others_pass():
    watched = Watched(ALIVE)
    watched.meet()
    watched.change(a=SILENT)
    watched.fail("bad 1")
    watched.pass_on("good 2")
    watched.fail("bad 3")
    watched.pass_on("other series", series=2)

    assert watched.given == [("other series", False)]

    watched.run(2)

    assert watched.given[1:] == [("bad 1", True), ("good 2", False), ("bad 3", True)]
    assert not watched.watch.holds(1)


def test_first_sign_of_life_ends_the_wait():
    watched = Watched(ALIVE, SILENT, SILENT)
    watched.fail("x")
    watched.run(0.01)

    assert watched.given == [("x", False)]


def test_a_mass_of_failures_asks_the_witnesses_once_a_second():
    watched = Watched(ALIVE)
    for n in range(1_000):
        watched.fail(str(n), series=n)
        watched.run(0.01)
    watched.run(2)

    assert watched.watch.rounds <= 11
    assert len(watched.given) == 1_000


def test_what_cannot_tell_is_said_once(caplog: pytest.LogCaptureFixture):
    watched = Watched(SILENT)
    with caplog.at_level(logging.INFO):
        for n in range(5):
            watched.fail(str(n))
            watched.run(3)

    assert len(caplog.messages) == 1
    assert "no witness has ever answered (a)" in caplog.messages[0]


def test_blindness_and_sight_are_said_once_each(caplog: pytest.LogCaptureFixture):
    watched = Watched(ALIVE)
    watched.meet()
    with caplog.at_level(logging.INFO):
        for behaviour in (SILENT, SILENT, ALIVE, ALIVE):
            watched.change(a=behaviour)
            watched.fail("x")
            watched.run(3)

    assert [message.split(":")[0][:20] for message in caplog.messages] == [
        "no witness answers (",
        "a witness answers ag",
    ]


def test_a_name_that_cannot_be_a_witness_is_passed_over():
    watched = Watched(ALIVE)

    def make(place: str) -> Question:
        raise ValueError(f"{place} has no port")

    watched.watch._make = make
    watched.fail("x")

    assert watched.given == [("x", False)]


@pytest.mark.parametrize(
    ("causes", "good", "witness", "withdrawn"),
    [
        ((LOCAL, LOCAL, LOCAL), False, ALIVE, True),
        ((LOCAL, LOCAL), False, ALIVE, False),  # two hosts are no crowd
        ((LOCAL, LOCAL, LOCAL), True, ALIVE, False),  # one does well
        ((LOCAL, TIMEOUT, LOCAL, LOCAL), False, ALIVE, False),
        ((UNREACHABLE, LOCAL, LOCAL), False, ALIVE, False),  # a witness answers: there is a way
        ((UNREACHABLE, LOCAL, LOCAL), False, SILENT, True),  # nobody could tell, but all agree
    ],
)
def test_three_hosts_and_all_failing_locally_means_us(causes, good, witness, withdrawn):
    watched = Watched(witness)
    watched.run(1_000)
    for n, cause in enumerate(causes):
        watched.fail(str(n), cause, host=f"192.0.2.{n}", series=n)
        watched.run(3)
    if good:
        watched.watch.fine(watched.clock.now_us())
    watched.fail("x", LOCAL, host=f"192.0.2.{len(causes) - 1}")
    watched.run(3)

    assert watched.given[-1] == ("x", withdrawn)


def test_local_failures_longer_ago_than_the_interval_do_not_count():
    watched = Watched(ALIVE)
    for n in range(2):
        watched.fail(str(n), LOCAL, host=f"192.0.2.{n}", series=n)
    watched.run(61)
    watched.fail("x", LOCAL, host="192.0.2.9")
    watched.run(3)

    assert watched.given[-1] == ("x", False)


def test_stopping_decides_on_what_is_held():
    watched = Watched(ALIVE)
    watched.meet()
    watched.change(a=SILENT)
    watched.fail("x")
    done = []
    watched.watch.concluded = lambda: done.append(watched.watch.waiting)
    watched.watch.conclude()

    assert watched.given == [("x", True)]
    assert done == [0]
