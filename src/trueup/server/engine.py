"""The engine's process: the loop that asks, the writer that stores, and a socket to be poked on.

Nothing heavy runs here: one hog would delay every probe. ``trueup up`` and ``trueup engine`` start it
and hold the lock of the data directory for it.
"""

from __future__ import annotations

import argparse
import gc
import logging
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from trueup import conf
from trueup.conf import Settings
from trueup.server import boot, control, start
from trueup.store import lock

if TYPE_CHECKING:
    from trueup.server.watcher import Watcher
    from trueup.store.advisory import DatabaseLock

log = logging.getLogger("trueup.engine")

_SWITCH_S = 0.0005  # a thread that computes gives way after so long: else probes start late
_POLL_S = 2.0  # how often PostgreSQL is asked for a new configuration


def main(argv: Sequence[str] | None = None) -> None:
    """Run the engine until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m trueup.server.engine", description=__doc__)
    parser.add_argument("--parent", type=int, help="the process this one ends with")
    parser.add_argument("--lock-fd", type=int, help="the lock of the data directory, taken by the parent")
    options = parser.parse_args(argv)
    settings = conf.current()
    boot.process("engine", settings, options.parent)
    sys.setswitchinterval(_SWITCH_S)
    sys.exit(_guarded(lambda: _run(settings, options.lock_fd)))


def _guarded(run: Callable[[], int]) -> int:
    from trueup.server.faults import explain

    try:
        return run()
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            log.exception("the engine stopped by a fault of its own")
            return 1
        print(f"trueup engine: {sentence}", file=sys.stderr, flush=True)  # noqa: T201 (for people)
        return 2


def _run(settings: Settings, lock_fd: int | None) -> int:
    held = None if lock_fd is not None else lock.take(settings.data, start.now_us())
    boot.django()
    from trueup.server.watcher import Watcher
    from trueup.store import advisory

    database = advisory.of_default_database()
    revision = 0
    if database is not None:
        database.take()
        revision = database.newest_revision()  # before it is read: one that is applied meanwhile is newer
    with Wake(settings) as wake:  # first the socket, then the configuration: no poke falls between
        watcher = Watcher(settings, failed=wake.fail)
        try:
            watcher.start()
            _spare_the_collector()
            _follow(wake, watcher, database, revision)
        finally:
            watcher.stop()
    for each in (database, held):
        if each is not None:
            each.release()
    return 1 if wake.failed else 0


def _spare_the_collector() -> None:
    """Leave what lives as long as the process out of garbage collection, and collect the rest seldom.

    With 10,000 checks in memory a collection walks through all of them; results make no circles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _follow(wake: Wake, watcher: Watcher, database: DatabaseLock | None, revision: int) -> None:
    """Take every configuration newer than a revision until it is time to stop."""
    from trueup.server.watcher import transient

    due = failed = False
    # After a failure it is time that is waited for, and no pause that has ended: it would be due at once.
    while wake.wait(_POLL_S if failed else watcher.patience_s(None if database is None else _POLL_S)):
        due = due or control.RELOAD in wake.words  # kept until it is done: nobody pokes twice
        try:
            watcher.heard(wake.words)
            newest = revision if database is None else database.newest_revision()
            if due or newest != revision or watcher.a_pause_has_ended:
                due = True
                watcher.reload()
                revision, due = newest, False
            failed = False
        except transient() as error:
            if not failed:
                why = " ".join(str(error).split())
                log.error("the configuration cannot be read; what was watched goes on", extra={"why": why})
            failed = True


class Wake:
    """What wakes the main thread: a poke, a signal, a thread that failed, a time to look."""

    def __init__(self, settings: Settings) -> None:
        self.words: frozenset[bytes] = frozenset()  # that it was poked with
        self.failed = False
        self._stopping = False
        self._data = settings.data
        self._pokes = control.listen(settings.data)
        self._ours, self._theirs = socket.socketpair()
        for each in (self._pokes, self._ours, self._theirs):
            each.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pokes, selectors.EVENT_READ)
        self._selector.register(self._ours, selectors.EVENT_READ)

    def __enter__(self) -> Wake:
        signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        self._selector.close()
        for each in (self._pokes, self._ours, self._theirs):
            each.close()
        (self._data / control.NAME).unlink(missing_ok=True)

    def fail(self) -> None:
        """Have the main thread stop, from any thread: one of them cannot go on."""
        self.failed = self._stopping = True
        self._theirs.send(b"\0")

    def wait(self, timeout_s: float | None) -> bool:
        """Sleep until there is something to look at; return False when it is time to stop."""
        ready = [] if self._stopping else self._selector.select(timeout_s)
        heard = {key.fileobj: _drain(key.fileobj) for key, _ in ready}  # type: ignore[arg-type]  # sockets
        self.words = frozenset(heard.get(self._pokes, ()))
        return not self._stopping

    def _stop(self, *_: object) -> None:
        self._stopping = True


def _drain(sock: socket.socket) -> list[bytes]:
    words = []
    try:
        while word := sock.recv(4096):
            words.append(word)
    except BlockingIOError:
        pass
    return words


if __name__ == "__main__":
    main()
