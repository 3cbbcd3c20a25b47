"""What an expectation is, once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeGuard

from trueup.domain.expect.automaton import Pattern

_NUMBERS = (int, Decimal)


@dataclass(frozen=True, slots=True, order=True)
class Length:
    """A duration in microseconds: not to be mistaken for a number."""

    us: int


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """A part of a whole in per cent, exact: not to be mistaken for a number."""

    percent: Fraction


@dataclass(frozen=True, slots=True)
class Range:
    """Both ends and all between."""

    low: Scalar
    high: Scalar


Scalar = int | Decimal | str | bool | Length | Share | None
Operand = Scalar | Range | tuple[Scalar, ...] | Pattern


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a value by its name, one of its keys, or a place in the body's JSON."""

    text: str  # as written
    column: int
    name: str  # ``$`` for a path
    key: str | None = None
    path: tuple[str | int, ...] = ()
    counted: bool = False  # len(...)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One demand: a subject, an operator and what the subject is compared with."""

    source: str
    subject: Subject
    operator: str
    operand: Operand
    column: int  # of the operand


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Return whether a value is a number; true and false are none."""
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)
