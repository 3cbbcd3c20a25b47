"""A token bucket: what extra probes may take from the network."""

from __future__ import annotations

_MILLION = 1_000_000


class Limiter:
    """Tokens that come at a steady rate; whole arithmetic, time passed in.

    Args:
        per_second: Tokens a second.
        now_us: When the bucket is full.
    """

    def __init__(self, per_second: int, now_us: int) -> None:
        self._rate = per_second  # microtokens a microsecond
        self._have = self.capacity * _MILLION
        self._seen_us = now_us

    @property
    def capacity(self) -> int:
        """Return how many tokens may be taken at once: a tenth of a second's, at least 8."""
        return max(8, self._rate // 10)

    def set_rate(self, per_second: int, now_us: int) -> None:
        """Change the rate; what has gathered so far stays."""
        self._fill(now_us)
        self._rate = per_second
        self._have = min(self._have, self.capacity * _MILLION)

    def take(self, now_us: int) -> bool:
        """Take one token if there is one."""
        self._fill(now_us)
        if self._have < _MILLION:
            return False
        self._have -= _MILLION
        return True

    def charge(self, now_us: int) -> None:
        """Take one token that may not be there yet: what is urgent does not wait, others wait longer."""
        self._fill(now_us)
        self._have -= _MILLION

    def next_us(self, now_us: int) -> int:
        """Return when there will be a token."""
        self._fill(now_us)
        missing = _MILLION - self._have
        return now_us if missing <= 0 else now_us - (-missing // self._rate)

    def _fill(self, now_us: int) -> None:
        if now_us > self._seen_us:
            gained = (now_us - self._seen_us) * self._rate
            self._have = min(self._have + gained, self.capacity * _MILLION)
            self._seen_us = now_us
