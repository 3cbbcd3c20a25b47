"""Work in a process of its own: what it says, returns and raises arrives."""

from __future__ import annotations

import os
import signal
import threading
from functools import partial
from multiprocessing.context import ForkProcess

import pytest

from trueup.config.plan import PlanError
from trueup.config.problem import ConfigErrors, Place, Problem
from trueup.server.brief import briefly
from trueup.store.keyfile import SealError

# Newer Pythons warn of it where threads run, as they do in the runner of the tests, not in the product.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def fail(error: Exception) -> None:
    raise error


def fail_because() -> None:
    try:
        raise OSError(28, "no space left")
    except OSError as error:
        raise RuntimeError("not stored") from error


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_for_ever(held: int) -> None:
    os.write(held, b"!")
    threading.Event().wait()


def interrupt_once_it_works(ours: int, whom: int) -> None:
    os.read(ours, 1)
    signal.pthread_kill(whom, signal.SIGINT)


def test_work_is_done_in_another_process_that_is_gone_afterwards() -> None:
    pid = briefly(os.getpid)

    assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    "error",
    [
        ConfigErrors("trueup.yaml", [Problem("no such key", Place(3, 5), "   colour: red")]),
        PlanError("was: nobody"),
        SealError("no key"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_it_raises_arrives_whole(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        briefly(partial(fail, error))

    assert str(caught.value) == str(error)
    assert vars(caught.value) == vars(error)


def test_what_it_raises_keeps_its_cause() -> None:
    with pytest.raises(RuntimeError) as caught:
        briefly(fail_because)

    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == 28


def test_child_that_is_killed_is_said() -> None:
    with pytest.raises(RuntimeError, match="exit code -9"):
        briefly(kill_myself)


def test_interrupted_work_ends_at_once() -> None:
    ours, theirs = os.pipe()
    watcher = threading.Thread(target=interrupt_once_it_works, args=(ours, threading.get_ident()))
    watcher.start()

    with pytest.raises(KeyboardInterrupt):
        briefly(partial(wait_for_ever, theirs))

    os.close(theirs)
    assert os.read(ours, 1) == b""  # nobody holds the other end any more
    os.close(ours)
    watcher.join()


def test_interrupt_while_the_child_is_started_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.pipe()
    start = ForkProcess.start

    def start_interrupted(child: ForkProcess) -> None:
        start(child)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(ForkProcess, "start", start_interrupted)

    with pytest.raises(KeyboardInterrupt):
        briefly(partial(wait_for_ever, theirs))

    os.close(theirs)
    with os.fdopen(ours, "rb") as told:
        assert told.read() in {b"", b"!"}  # and nobody holds the other end any more
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
