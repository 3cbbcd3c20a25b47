"""A loop in a thread with an asker: for many questions at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self

from trueup.net.multi import Loop
from trueup.probes.ask import Answer, Asker
from trueup.probes.base import Probe


class Asking:
    """A loop in a thread, with an asker, for many questions at once."""

    def __init__(self, **more: Any) -> None:
        self.loop = Loop()
        self.asker = Asker(self.loop, **more)
        self.taken: list[Answer] = []

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.loop.run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.stop()
        self._thread.join()
        self.asker.close()
        self.loop.close()

    def take(self, answer: Answer) -> None:
        self.taken.append(answer)

    def call(self, fn: Callable[[], Any]) -> Any:
        """Call a function in the loop's thread and return what it returns."""
        done: Future[Any] = Future()
        self.loop.call_soon_threadsafe(lambda: done.set_result(fn()))
        return done.result(5)

    def answers(self, *probes: Probe, timeout_s: float) -> None:
        """Ask all at once and wait for all answers."""
        wanted = len(self.taken) + len(probes)
        self.call(lambda: [self.asker.start(probe, timeout_s, self.take) for probe in probes])
        self.settle(lambda: len(self.taken) == wanted)

    def settle(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        end_s = time.monotonic() + 5
        while not holds():
            assert time.monotonic() < end_s
            time.sleep(0.002)
