"""What questions are asked with: one loop, one guard, one resolver, pooled handles."""

from __future__ import annotations

from typing import Protocol

from trueup.net.guard import Guard
from trueup.net.multi import Loop
from trueup.net.pool import Pool
from trueup.net.resolve import Resolver
from trueup.net.side import Side
from trueup.net.transfer import Request

_LITERALS = 50_000


class Asking(Protocol):
    """A question in flight."""

    def cancel(self) -> None:
        """Stop without an answer and close the connection."""


class Means:
    """What all askings of one asker share; ``flying`` holds those that wait for their answer."""

    def __init__(self, loop: Loop, guard: Guard, side: Side, resolver: Resolver) -> None:
        self.loop = loop
        self.guard = guard
        self.side = side
        self.resolver = resolver
        self.pool = Pool()
        self.flying: set[Asking] = set()
        self.literals: dict[tuple[str, int], str] = {}  # hosts that are addresses, judged

    def note(self, request: Request, address: str) -> None:
        """Remember the judged address of a host that is one: it never changes."""
        if len(self.literals) >= _LITERALS:
            self.literals.clear()
        self.literals[request.host, request.family] = address
