"""Headers of an answer, read when someone wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property


class Headers(Mapping[str, str]):
    """The headers of the last answer of a transfer: names in any case, equal ones joined by a comma."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @cached_property
    def _values(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self._raw.decode("utf-8", "replace").splitlines():
            if line.startswith("HTTP/"):
                found.clear()  # what stood before was an interim answer or a proxy's
                continue
            name, colon, value = line.partition(":")
            if colon:
                name, value = name.strip().lower(), value.strip()
                found[name] = f"{found[name]}, {value}" if name in found else value
        return found

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values
