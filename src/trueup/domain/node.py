"""A value of a document and the place where it stands: what is wrong is said with both, and the remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from trueup.domain import iso

Path = tuple[str | int, ...]
SECOND = 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:/\d{1,40})?", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d(?::\d\d)?)", re.ASCII
)


class DocumentError(ValueError):
    """A document that cannot be used; ``path`` leads to the place, ``message`` says what to do there."""

    def __init__(self, path: Path, message: str) -> None:
        """Take the keys and positions that lead to the place, outermost first."""
        super().__init__(path, message)
        self.path = path
        self.message = message

    def __str__(self) -> str:
        return f"{place(self.path)}: {self.message}" if self.path else self.message


def place(path: Path) -> str:
    """Return a path in words: ``contract.tiers[1].min``."""
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document, as JSON or YAML has it, and the path to it.

    Every method raises ``DocumentError`` where the value is not what it asks for.
    """

    value: Any  # whatever a file holds
    path: Path = ()

    def wrong(self, message: str) -> DocumentError:
        """Return the error to raise about this place."""
        return DocumentError(self.path, message)

    @property
    def shown(self) -> str:
        """Return the value as it can stand in a sentence."""
        words = str(self.value) if isinstance(self.value, Decimal) else repr(self.value)
        return words if len(words) <= 60 else f"{words[:57]}..."

    @property
    def absent(self) -> bool:
        """Return whether nothing is written here, or ``null``."""
        return self.value is None

    def mapping(self, known: Collection[str] | None = None, needed: Sequence[str] = ()) -> Node:
        """Return itself: an object with keys among ``known`` and with all that are ``needed``."""
        if not isinstance(self.value, Mapping):
            raise self.wrong(f"{self.shown} is no object. Write one in braces, with keys and values.")
        for key in self.value:
            if known is not None and key not in known:
                near = get_close_matches(str(key), list(known), 1)
                remedy = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
                raise self.wrong(f"the key {key!r} is not known here. {remedy}")
        for key in needed:
            if key not in self.value:
                raise self.wrong(f"the key {key!r} is missing. Add it.")
        return self

    def get(self, key: str) -> Node:
        """Return what stands under a key of an object; absent where the key is."""
        return Node(self.value.get(key), (*self.path, key))

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the keys of an object with what stands under each."""
        for key, value in self.mapping().value.items():
            yield str(key), Node(value, (*self.path, str(key)))

    def each(self) -> Iterator[Node]:
        """Yield the members of a list."""
        if not isinstance(self.value, list | tuple):
            raise self.wrong(f"{self.shown} is no list. Write one in brackets.")
        for position, value in enumerate(self.value):
            yield Node(value, (*self.path, position))

    def text(self) -> str:
        """Return a text that is not empty and can be written down."""
        if not isinstance(self.value, str) or not self.value or not _writable(self.value):
            raise self.wrong(f"{self.shown} is no text. Write one in quotes.")
        return self.value

    def choice(self, among: Sequence[str]) -> str:
        """Return one of some words."""
        if self.value not in among or not isinstance(self.value, str):
            raise self.wrong(f"{self.shown} is not known here. Write {_either(among)}.")
        return self.value

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong(f"{self.shown} is neither true nor false. Write one of these, without quotes.")
        return self.value

    def number(self) -> Fraction:
        """Return a number exactly as it is written: 99.9 is 999/10, and ``"1/3"`` is a third."""
        written = self.value
        if isinstance(written, int | float | Decimal) and not isinstance(written, bool):
            written = _digits(written)
        if not isinstance(written, str) or not _NUMBER.fullmatch(written):
            raise self.wrong(f"{self.shown} is no number. Write one such as 99.9, or a fraction such as 1/3.")
        above, _, below = written.partition("/")
        if below and not int(below):
            raise self.wrong(f"{self.shown} divides by zero. Write another fraction.")
        return Fraction(above) / int(below or 1)

    def within(self, least: Fraction | int, most: Fraction | int) -> Fraction:
        """Return a number from ``least`` to ``most``."""
        number = self.number()
        if not least <= number <= most:
            raise self.wrong(f"{self.shown} is out of bounds. Write a number from {least} to {most}.")
        return number

    def whole(self, least: int, most: int) -> int:
        """Return a whole number from ``least`` to ``most``."""
        number = self.within(least, most)
        if number.denominator != 1:
            raise self.wrong(f"{self.shown} is no whole number. Write one from {least} to {most}.")
        return int(number)

    def length_us(self, *, least_us: int = 0) -> int:
        """Return a length of time, written in seconds, in microseconds."""
        length = self.number() * SECOND
        if length.denominator != 1:
            raise self.wrong(f"{self.shown} s is finer than a microsecond. Write at most six digits.")
        if not least_us <= length <= 10**15:
            least = "more than 0" if least_us else "0 or more"
            raise self.wrong(f"{self.shown} s is out of bounds. Write {least} seconds, at most 10^9.")
        return int(length)

    def instant_us(self) -> int:
        """Return an instant of ISO 8601 with its zone, in microseconds UTC."""
        written = self.value
        if type(written) is str and (at_us := iso.read(written)) is not None:
            return at_us
        if isinstance(written, str) and _INSTANT.fullmatch(written):
            try:
                at = datetime.fromisoformat(written)
                return (at - _EPOCH) // _MICROSECOND
            except (ValueError, OverflowError):
                pass  # a 30th of February: the sentence below says so
        raise self.wrong(
            f"{self.shown} is no instant with a zone. Write one such as 2026-03-01T00:00:00Z, "
            "with at most six digits after the seconds."
        )

    def date(self) -> date:
        """Return a date."""
        if isinstance(self.value, date) and not isinstance(self.value, datetime):
            return self.value
        if isinstance(self.value, str) and len(self.value) == 10:
            try:
                return date.fromisoformat(self.value)
            except ValueError:
                pass  # the sentence below says so
        raise self.wrong(f"{self.shown} is no date. Write one such as 2026-05-01.")


def instant(at_us: int) -> str:
    """Return an instant (microseconds UTC) in ISO 8601 with ``Z``, six digits only if they are needed."""
    return iso.written(at_us)


def exact(number: Fraction) -> str:
    """Return a number as a text that loses nothing: whole, or ``p/q``."""
    return str(number)


def decimal(number: Fraction) -> str:
    """Return a number as people write it: with its digits where they end, else ``p/q``."""
    rest, digits = number.denominator, 0
    for prime in (2, 5):
        times = 0
        while rest % prime == 0:
            rest, times = rest // prime, times + 1
        digits = max(digits, times)
    if rest != 1 or not digits:
        return str(number)
    whole, part = divmod(abs(number.numerator) * 10**digits // number.denominator, 10**digits)
    return f"{'-' if number < 0 else ''}{whole}.{part:0{digits}d}"


def parse(text: str) -> Any:
    """Return what a JSON text holds, with fractional numbers as ``Decimal``: exactly as they are written.

    Raises:
        DocumentError: It is no JSON, or an object has one key twice.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise DocumentError((), f"{at}: this is no JSON ({error.msg}). Mend it there.") from None
    except RecursionError:
        raise DocumentError((), "this JSON is nested too deeply. Write it flatter.") from None
    except DocumentError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise DocumentError((), f"a number in it cannot be read ({error}). Write it shorter.") from None


def _no_number(word: str) -> Any:
    raise DocumentError((), f"{word} is no number. Write a number, or null.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise DocumentError((), f"an object has the key {twice!r} twice. Keep one of the two.")
    return found


def _digits(number: int | float | Decimal) -> str:
    """Return a number of a document as it was written; one beyond all bounds as what is no number."""
    if not -(10**40) < number < 10**40 or (isinstance(number, Decimal) and number.adjusted() < -40):
        return "beyond"
    return format(number, "f") if isinstance(number, Decimal) else repr(number)


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates
        return False
    return True


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
