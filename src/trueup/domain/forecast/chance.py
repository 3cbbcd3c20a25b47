"""Chance that is the same everywhere and for ever: numbers drawn from a hash, in whole arithmetic.

SHAKE-128 (FIPS 202) is fixed for good, so any program in any language can draw the same numbers again.
Python promises that for ``random.Random.random`` alone, and not for the drawing of whole numbers; and
the logarithms that its distributions need differ by machine in their last digit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import shake_128
from struct import unpack
from typing import TypeVar

_WORD = 32  # bits: of a drawn number
Value = TypeVar("Value")


def words(label: str, seed: Iterable[int], count: int) -> tuple[int, ...]:
    """Return so many numbers of 32 bits; the same for the same label and seed."""
    said = f"{label}:{','.join(map(str, seed))}".encode("ascii")
    return unpack(f"<{count}I", shake_128(said).digest(4 * count))


def picked(found: Sequence[Value], drawn: Iterable[int]) -> list[Value]:
    """Return one of the values for each drawn number, each as likely as the others."""
    size = len(found)
    return [found[word * size >> _WORD] for word in drawn]


def counts(seen: int, share: tuple[int, int], drawn: Iterable[int]) -> list[int]:
    """Return for each drawn number how many events come, where so many were seen before.

    The events are those of a Poisson process whose rate is known only from what was seen, so that it may
    be as much higher or lower as its own chance allows: their number is negative binomial.

    Args:
        seen: How many came in the time that was watched; 1 or more.
        share: The time to come and the time that was watched, in the same unit.
        drawn: Numbers of 32 bits.
    """
    ahead, behind = share
    whole = ahead + behind
    weight = total = 1 << 128
    sums = [total]
    number = 0
    while number * behind < 2 * seen * ahead or weight << 40 > total:
        weight = weight * (seen + number) * ahead // ((number + 1) * whole)
        number += 1
        total += weight
        sums.append(total)
    return [bisect_right(sums, word * total >> _WORD) for word in drawn]
