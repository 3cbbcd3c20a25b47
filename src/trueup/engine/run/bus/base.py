"""The six verbs between the centre and the probes of a region.

Whoever implements them for many machines can rely on this: payloads are bytes with a version byte
(``engine.run.batch``), a message id names the same bytes for ever, and the centre takes a message in
once however often it is delivered.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from trueup.engine.run.plan import Assignment


class Fire(NamedTuple):
    """A call to probe now, beside what the worker's own plan does."""

    series: tuple[int, ...]
    reason: str  # stable words: "ask" (a person), "confirm" (another region saw a failure)


class Lag(NamedTuple):
    """How far the centre is behind the probes."""

    batches: int
    results: int
    bytes: int
    oldest_us: int  # the age of the oldest message


class Delivery(Protocol):
    """One message at the centre; it comes again until it is acknowledged."""

    @property
    def msg_id(self) -> str:
        """Return the id under which it was put."""

    @property
    def payload(self) -> bytes:
        """Return the batch; ``batch.unpack_batch`` reads it."""

    def ack(self) -> None:
        """Say that it is stored: call this after the commit, never before."""


class Bus(Protocol):
    """What carries checks to probes and results to the centre.

    At the probes' end callbacks may come in any thread, and no verb blocks: probing goes on whatever
    happens to the way to the centre.
    """

    @abstractmethod
    def config(self, take: Callable[[Sequence[Assignment]], None]) -> None:
        """Call ``take`` with all assignments of this region, and again whenever they change.

        A region that is cut off goes on with what it has: a distributed bus keeps a copy in the region.
        """

    @abstractmethod
    def fires(self, take: Callable[[Fire], None]) -> None:
        """Call ``take`` for each probe that is wanted now.

        A bus whose region shares its checks between workers fires their slots too, as the worker's
        plan does here; a fire that nobody took in its slot expires with it.
        """

    @abstractmethod
    def put_result(self, msg_id: str, payload: bytes) -> bool:
        """Keep a batch until the centre has stored it; return whether there was room.

        What was refused is lost, and booked as unknown: older results are never given up for newer.
        Putting the same id again changes nothing.
        """

    @abstractmethod
    def results(self, wait_s: float | None = None) -> Delivery | None:
        """Return the oldest batch that is not acknowledged, at the centre's end.

        It waits for one, at most ``wait_s``; ``None`` says that there is none, or that the bus is
        closed and empty.
        """

    @abstractmethod
    def lag(self) -> Lag:
        """Return how much waits for the centre."""

    @abstractmethod
    def ask(self, series: Sequence[int], reason: str = "ask") -> None:
        """Have series probed now; those that nobody holds are passed over."""
