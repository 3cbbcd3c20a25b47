"""Texts with places for values: ``/orders/{{number}}``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from trueup.domain.spec import MASK

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_BETWEEN = re.compile(r"\{\{[^{}]*\}\}")
_SHORTEST = 4  # a shorter secret is in every text


def names_in(text: str) -> list[str]:
    """Return the names of the values that a text has places for, in their order."""
    return _PLACE.findall(text)


def filled(text: str, values: Mapping[str, str], written: Callable[[str], str] = str) -> str:
    """Return a text with its values, each as ``written`` makes it."""
    return _PLACE.sub(lambda place: written(values[place[1]]), text)


def pieces(text: str) -> list[str]:
    """Return what stands between the places of a text."""
    return _BETWEEN.split(text)


def masked(data: bytes, secrets: tuple[bytes, ...]) -> bytes:
    """Return bytes in which no secret is left to be read."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            data = data.replace(secret, MASK.encode())
    return data
