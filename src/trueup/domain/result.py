"""What a probe measured, and what became of it once it was judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trueup.domain.text import Text

MAX_PICTURE = 200_000  # bytes


class State(StrEnum):
    """What a check is: one of five, at every instant of its ledger."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"
    PAUSED = "paused"


class FailureClass(StrEnum):
    """Why a probe did not get a good answer; stable words, one for each thing to do about it."""

    DNS = "dns"  # the name has no address, or no resolver answered
    REFUSED = "refused"  # the host answered: nothing listens there
    RESET = "reset"  # the connection was cut
    UNREACHABLE = "unreachable"  # no route to the host or network
    TIMEOUT = "timeout"  # no answer, or not a whole one, before the deadline
    TLS = "tls"  # handshake, chain, name or expiry
    PROTOCOL = "protocol"  # an answer, but not in the protocol that was asked
    TOO_LARGE = "too_large"  # more than the cap of headers or body
    REDIRECT = "redirect"  # too many, in a circle, or to an address we do not ask
    EXPECTATION = "expectation"  # a whole answer that is not what was expected
    GUARD = "guard"  # we refuse to connect to that address
    LATE = "late"  # a heartbeat that did not come
    REPORTED = "reported"  # a heartbeat that said itself that it failed
    LOCAL = "local"  # our own machine's fault: files, memory, no network
    WITHDRAWN = "withdrawn"  # measured while we were blind: proves nothing about the target
    INTERNAL = "internal"  # a fault in trueup


@dataclass(frozen=True, slots=True)
class Failure:
    """A probe's own account of why it has no answer."""

    cause: FailureClass
    text: Text


@dataclass(frozen=True, slots=True)
class Phases:
    """Where the time went, in microseconds; ``None`` is a phase the probe does not have.

    Phases are lengths, not instants; what they leave of the whole is transfer.
    """

    dns_us: int | None = None
    connect_us: int | None = None
    tls_us: int | None = None
    wait_us: int | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The served leaf certificate."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before_us: int
    not_after_us: int
    sha256: str  # of the DER form, hexadecimal
    chain_not_after_us: int  # the earliest end in the served chain


@dataclass(frozen=True, slots=True)
class Facts:
    """What one probe measured: no judgement.

    ``values`` holds what expectations may name (``status``, ``reply``, ``header`` ...), each kind
    says which in ``provides``. ``body`` is cut at the check's cap.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    phases: Phases = Phases()
    address: str = ""  # numeric, as connected
    body: bytes | None = None
    body_truncated: bool = False
    certificate: Certificate | None = None
    failure: Failure | None = None
    picture: bytes = field(default=b"", repr=False)  # what could be seen, as JPEG, at most ``MAX_PICTURE``


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the facts of one probe amount to."""

    state: State  # up, degraded or down
    cause: FailureClass | None = None
    text: Text | None = None  # why it is not up


@dataclass(frozen=True, slots=True)
class Detail:
    """What is kept as evidence of one probe, beside its numbers."""

    address: str = ""
    text: Text | None = None
    certificate: Certificate | None = None
    body_sha256: str = ""
    body_head: bytes = b""  # at most 2,048 bytes
    picture: bytes = field(default=b"", repr=False)  # JPEG, at most ``MAX_PICTURE``


@dataclass(frozen=True, slots=True)
class Result:
    """One judged answer of one series.

    Its key is (series, epoch, slot, number). ``slot`` is the whole epoch second of the due instant
    of the base grid; ``number`` is 0 for the base probe and counts extra probes after it. ``asked_us``
    is whole milliseconds (so that every stored form holds it exactly), ``duration_us`` is exact.
    """

    series: int
    slot: int
    number: int
    epoch: int
    asked_us: int
    duration_us: int
    state: State  # up, degraded, down; unknown when withdrawn
    cause: FailureClass | None = None
    status: int = 0  # the protocol's own code, 0 without one
    phases: Phases = Phases()
    detail: Detail | None = None  # where it is worth keeping
    before: Result | None = None  # with the first that is not up: the last good one, with detail

    @property
    def answered_us(self) -> int:
        """Return when the answer was complete, in microseconds UTC."""
        return self.asked_us + self.duration_us

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Return what makes this result the same one wherever it is met again."""
        return (self.series, self.epoch, self.slot, self.number)
