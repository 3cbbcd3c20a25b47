"""Many targets at once: the bad ones cost the good ones nothing."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from tests.probes.asking import Asking
from tests.servers import Servers, http
from tests.servers.dns import SILENT, Zone
from tests.servers.tls import half_handshake

from trueup.domain.result import FailureClass
from trueup.probes.ask import Answer
from trueup.probes.base import Probe, build

ROOT = Path(__file__).parent.parent.parent


def rss_mb() -> float:
    """Return how much memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def test_hanging_targets_delay_no_good_one(servers: Servers) -> None:
    hanging, good = servers.start(http.deaf), servers.start(http.ok())
    slow = build("http", hanging.url(), {})
    fast = build("http", good.url(), {})
    answers: list[Answer] = []
    with Asking() as asking:
        asking.call(lambda: [asking.asker.start(slow, 4, answers.append) for _ in range(200)])
        for _ in range(8):
            asking.answers(*[fast] * 25, timeout_s=3)
        ended = len(answers)
        asking.settle(lambda: len(answers) == 200)

    assert all(answer.facts.failure is None for answer in asking.taken)
    assert ended == 0  # of those that hang, when all good ones had their answer
    assert {answer.facts.failure.cause for answer in answers if answer.facts.failure} == {
        FailureClass.TIMEOUT
    }
    assert len(answers) == 200


def test_hanging_servers_of_any_protocol_delay_no_good_one(servers: Servers) -> None:
    hanging, good = servers.start(http.deaf), servers.start(http.saying(b"+PONG\r\n"))
    kinds = ("grpc", "mysql", "postgres", "redis", "smtp", "ssh")
    slow = [build(kind, hanging.endpoint, {}) for kind in kinds]
    fast = build("redis", good.endpoint, {})
    answers: list[Answer] = []
    with Asking() as asking:
        begun = asking.call(lambda: [asking.asker.start(each, 30, answers.append) for each in slow * 30])
        asking.settle(lambda: len(hanging.taken) == 180)
        for _ in range(4):
            asking.answers(*[fast] * 25, timeout_s=5)
        asking.call(lambda: [each.cancel() for each in begun])

    assert all(answer.facts.failure is None for answer in asking.taken)
    assert answers == []  # of those that hang


def test_names_that_are_never_answered_fail_no_good_check(servers: Servers) -> None:
    place = servers.start(http.ok())
    zone = Zone({f"good-{each}.test": ["127.0.0.1"] for each in range(300)})
    zone.names |= {f"mute-{each}.test": SILENT for each in range(40)}
    resolver = zone.start(servers)
    mute = [build("http", f"http://mute-{each}.test/", {}) for each in range(40)]
    good = [build("http", place.url(host=f"good-{each}.test"), {}) for each in range(300)]
    failed: list[Answer] = []
    with Asking(servers=[resolver]) as asking:
        asking.call(lambda: [asking.asker.start(probe, 2, failed.append) for probe in mute])
        asking.answers(*good, timeout_s=5)
        asking.settle(lambda: len(failed) == 40)

    assert [answer.facts.failure for answer in asking.taken] == [None] * 300
    assert {answer.facts.failure.cause for answer in failed if answer.facts.failure} == {FailureClass.DNS}
    assert all(answer.facts.phases.dns_us for answer in asking.taken)


HOSTILE = (
    http.header_bomb,
    http.long_header,
    http.interim_bomb,
    http.endless_body,
    http.crumbs,
    http.large_body(1_000_000_000),
    http.redirect_loop,
    http.redirect_on,
    http.invalid_utf8,
    http.slow_loris,
    http.stalling,
    http.silent,
    http.garbage,
    http.cutting,
)


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.long)])
def test_fifty_hostile_targets_cost_twenty_megabytes_and_no_good_answer(seconds: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.probes.test_crowd", str(seconds)],
        cwd=ROOT, capture_output=True, text=True, timeout=seconds + 60, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr


def siege(seconds: float) -> tuple[float, int, list[Answer], int]:
    """Ask fifty hostile targets again and again, with good ones beside them.

    Returns the growth of this process's memory (MB), how often good targets were asked, the answers
    of theirs that failed, and how often hostile ones answered.
    """
    with Hostile() as hostile, Asking() as asking:
        bad = [build("http", url, {}) for url in hostile.urls]
        good = [build("http", hostile.good, {})] * 20
        asking.answers(*good, timeout_s=5)
        gc.collect()
        before, highest, heard = rss_mb(), 0.0, [0]
        end_s = time.monotonic() + seconds

        def again(probe: Probe) -> None:
            def done(_: Answer) -> None:
                heard[0] += 1
                if time.monotonic() < end_s:
                    asking.loop.call_at(time.monotonic() + 0.1, partial(again, probe))

            asking.asker.start(probe, 1.0, done)

        for probe in bad:
            asking.loop.call_soon_threadsafe(partial(again, probe))
        answered, failed = 0, []
        while time.monotonic() < end_s:
            asking.answers(*good, timeout_s=10)
            answered += len(good)
            failed += [answer for answer in asking.taken if answer.facts.failure is not None]
            asking.taken.clear()  # what we keep is not what asking costs
            highest = max(highest, rss_mb())
            time.sleep(0.05)
        asking.settle(lambda: not asking.asker.flying)
    return highest - before, answered, failed, heard[0]


class Hostile:
    """Fifty hostile servers and a good one, in a process of their own: their memory is not ours."""

    def __enter__(self) -> Hostile:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.probes.test_crowd", "serve"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.good, *self.urls = self._process.stdout.readline().split()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")


def serve() -> None:
    """Serve until the input ends; print where."""
    with Servers() as servers:
        urls = [servers.start(http.ok()).url()]
        for number in range(46):
            urls.append(servers.start(HOSTILE[number % len(HOSTILE)]).url())
        urls += [servers.start(half_handshake).url(scheme="https") for _ in range(4)]
        print(*urls, flush=True)
        sys.stdin.read()


def main(argument: str) -> int:
    """Run one side of the siege; 0 where it was held."""
    if argument == "serve":
        serve()
        return 0
    threading.excepthook = lambda _: sys.exit(3)
    grown_mb, answered, failed, heard = siege(float(argument))
    print(f"{grown_mb:.1f} MB more; {answered} good answers, {len(failed)} failed; {heard} hostile ones")
    return 0 if grown_mb <= 20 and answered and not failed and heard > 50 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
