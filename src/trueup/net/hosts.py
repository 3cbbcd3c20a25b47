"""The hosts file: names that this machine's administrator has given addresses himself."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

_LOOK_EVERY_S = 1.0


class Hosts:
    """A hosts file, read again when it has changed; ``localhost`` is always loopback (RFC 6761)."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._looked_s = float("-inf")
        self._stamp: tuple[int, int] | None = None
        self._names: dict[str, tuple[str, ...]] = {}

    def find(self, host: str, family: int) -> tuple[str, ...]:
        """Return the addresses of a host, IPv4 first; none where the file does not name it."""
        now = self._clock()
        if now - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s = now
            self._refresh()
        name = host.lower().rstrip(".")
        found = _of(self._names.get(name, ()), family)
        if not found and (name == "localhost" or name.endswith(".localhost")):
            return _of(("127.0.0.1", "::1"), family)
        return found

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                self._names = _read(self._path.read_text(encoding="utf-8", errors="replace"))
                self._stamp = stamp
        except OSError:
            self._names, self._stamp = {}, None  # no file, no names


def _of(addresses: tuple[str, ...], family: int) -> tuple[str, ...]:
    return tuple(each for each in addresses if not family or (":" in each) == (family == 6))


def _read(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        try:
            shown = str(ip_address(address))
        except ValueError:
            continue
        for name in names:
            found.setdefault(name.lower(), []).append(shown)
    return {name: tuple(sorted(dict.fromkeys(each), key=_six_last)) for name, each in found.items()}


def _six_last(address: str) -> bool:
    return ":" in address
