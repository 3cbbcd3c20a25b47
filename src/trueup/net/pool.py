"""Where transfers come from: libcurl's, used again, and the plain ones that need no handle."""

from __future__ import annotations

from trueup.net.exchange import Exchange
from trueup.net.transfer import Plain, Request, Transfer
from trueup.net.words import words_of

_IDLE = 256  # handles kept for the next transfers; one holds about 5 kB


class Pool:
    """Idle transfers, used again: a new handle for each costs 50 MB at 10,000 checks."""

    def __init__(self) -> None:
        self._idle: list[Transfer] = []

    def take(self, request: Request) -> Transfer:
        """Return what a request can be asked with."""
        plain = request.plain
        if plain is not None and not plain.odd and (plain.words or _learn(plain, request)):
            return Exchange(plain.words)
        return self._idle.pop() if self._idle else Transfer()

    def give(self, transfer: Transfer) -> None:
        """Keep a transfer that has ended for the next one."""
        if isinstance(transfer, Exchange):
            return
        if len(self._idle) < _IDLE and transfer.request.cookies is None:  # a reset does not empty the jar
            transfer.clear()
            self._idle.append(transfer)
        else:
            transfer.handle.close()

    def close(self) -> None:
        """Close all idle handles."""
        while self._idle:
            self._idle.pop().handle.close()


def _learn(plain: Plain, request: Request) -> bool:
    """Find out what libcurl says for a request; return whether that is known now."""
    try:
        plain.words = words_of(request)
    except OSError:  # it may go better next time
        return False
    plain.odd = not plain.words
    return not plain.odd
