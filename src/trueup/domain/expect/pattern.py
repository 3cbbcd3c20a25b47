r"""Regular expressions as expectations write them, read into a tree.

A subset of Python's: characters, classes, groups, alternatives, repetitions, ``^ $ \b \B \A \Z``
and the flags ``i``, ``m``, ``s``. What needs backtracking (references, lookaround) is refused, so that
``automaton`` can search in time proportional to the text. A repetition inside a repetition is refused
too: it is nearly always a slip, and other programs hang on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trueup.domain.expect.error import ExpectationError

_MAX_DEPTH = 20  # groups in groups
_CLASS_ESCAPES = "dDwWsS"
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_COUNT = re.compile(r"\{(\d{0,6})(?:(,)(\d{0,6}))?\}")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})")


@dataclass(frozen=True, slots=True)
class Atom:
    """One character; ``source`` is a regular expression that matches exactly one."""

    source: str
    literal: str = ""  # the character itself, where it is only one


@dataclass(frozen=True, slots=True)
class Look:
    """A place between characters: ``^``, ``$``, ``b``, ``B``, ``A`` or ``Z``."""

    place: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One or the other."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """From ``low`` to ``high`` times; ``None`` is without end."""

    node: Node
    low: int
    high: int | None
    lazy: bool = False  # as few times as possible: which matters only where a part is taken out


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the group begins, or ends, whose text is taken out."""

    end: bool


Node = Atom | Look | Sequence | Choice | Repeat | Mark


def parse(source: str, column: int = 1, *, marks: bool = False) -> Node:
    """Return the tree of a regular expression whose first character stands in ``column``.

    With ``marks`` the ends of its first group ``(...)`` are in the tree, which may then be the only one.

    Raises:
        ExpectationError: It cannot be read, or is refused.
    """
    return _Parser(source, column, marks=marks).whole()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    yield node
    if isinstance(node, Repeat):
        yield from walk(node.node)
    elif isinstance(node, Sequence | Choice):
        for part in node.parts if isinstance(node, Sequence) else node.options:
            yield from walk(part)


class _Parser:
    def __init__(self, source: str, column: int, *, marks: bool) -> None:
        self.source, self.column, self.at, self.depth = source, column, 0, 0
        self.marks, self.marked = marks, False

    def error(self, message: str, at: int | None = None) -> ExpectationError:
        return ExpectationError(message, self.column + (self.at if at is None else at))

    def whole(self) -> Node:
        tree = self.choice()
        if self.at < len(self.source):
            raise self.error("this ) closes nothing: write \\) for the character.")
        return tree

    def choice(self) -> Node:
        options = [self.sequence()]
        while self.source.startswith("|", self.at):
            self.at += 1
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            start = self.at
            parts.append(self.repeated(self.single(), start))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, node: Node, start: int) -> Node:
        bounds = self.bounds()
        if bounds is None:
            return node
        low, high = bounds
        if not any(isinstance(below, Atom) for below in walk(node)):
            raise self.error("only what takes a character can be repeated.", start)
        endless = (below for below in walk(node) if isinstance(below, Repeat) and below.high is None)
        if high is None and any(endless):
            written = self.source[start : self.at]
            raise self.error(
                f"{written} repeats a repetition, which can take for ever: repeat only once, as in (ab)+.",
                start,
            )
        lazy = self.source.startswith("?", self.at)
        self.at += lazy
        if self.bounds() is not None:
            raise self.error("one repetition follows another: keep one.", self.at - 1)
        if any(isinstance(below, Mark) for below in walk(node)):
            raise self.error("a group that is taken out cannot be repeated: write (?:...) around it.", start)
        return Repeat(node, low, high, lazy)

    def bounds(self) -> tuple[int, int | None] | None:
        sign = self.source[self.at : self.at + 1]
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if sign in simple:
            self.at += 1
            return simple[sign]
        found = _COUNT.match(self.source, self.at)
        if found is None or not (found[1] or found[2]):
            return None  # as in Python, a brace that counts nothing is itself
        low = int(found[1] or 0)
        high = low if not found[2] else int(found[3]) if found[3] else None
        if high is not None and (high < low or not high):
            raise self.error(f"{found[0]} counts {'backwards' if high < low else 'to nothing'}.")
        self.at = found.end()
        return low, high

    def single(self) -> Node:
        sign = self.source[self.at]
        counts = _COUNT.match(self.source, self.at)
        if sign in "*+?" or (counts and (counts[1] or counts[2])):
            raise self.error(f"{sign} repeats nothing: write \\{sign} for the character.")
        if sign == "(":
            return self.group()
        if sign == "[":
            return Atom(self.klass())
        self.at += 1
        if sign == "\\":
            return self.escape()
        if sign in "^$":
            return Look(sign)
        return Atom(".") if sign == "." else _literal(sign)

    def group(self) -> Node:
        start = self.at
        self.at += 1
        marked = self.marks
        if self.source.startswith("?", self.at):
            if not self.source.startswith("?:", self.at):
                raise self.error("of groups with (? only (?:...) is known; flags stand behind: /re/i.", start)
            self.at += 2
            marked = False
        if marked and self.marked:
            raise self.error("one group is taken out: write (?:...) for the others.", start)
        self.marked = self.marked or marked
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.error(f"groups are nested deeper than {_MAX_DEPTH}.", start)
        tree = self.choice()
        self.depth -= 1
        if not self.source.startswith(")", self.at):
            raise self.error("this ( is never closed: write \\( for the character.", start)
        self.at += 1
        return Sequence((Mark(end=False), tree, Mark(end=True))) if marked else tree

    def escape(self) -> Node:
        sign = self.source[self.at : self.at + 1]
        if sign in _CLASS_ESCAPES and sign:
            self.at += 1
            return Atom(f"\\{sign}")
        if sign in ("b", "B", "A", "Z"):
            self.at += 1
            return Look(sign)
        return _literal(self.character())

    def character(self) -> str:
        """Return the character that is written behind a backslash."""
        sign = self.source[self.at : self.at + 1]
        coded = _HEX.match(self.source, self.at)
        if coded:
            self.at = coded.end()
            return chr(int(coded[1] or coded[2], 16))
        if not sign or (sign.isalnum() and sign not in _CONTROLS) or sign == "_":
            meant = f"\\{sign}" if sign else "a single \\"
            remedy = "references to groups are refused" if sign.isdigit() else "write \\\\ for a backslash"
            raise self.error(f"{meant} is not known here: {remedy}.", self.at - 1)
        self.at += 1
        return _CONTROLS.get(sign, sign)

    def klass(self) -> str:
        """Return a class such as ``[^a-z_]``, written so that Python reads it the same for ever."""
        start = self.at
        self.at += 1
        negated = self.source.startswith("^", self.at)
        self.at += negated
        members: list[str] = []
        while not (self.source.startswith("]", self.at) and members):
            if self.at >= len(self.source):
                raise self.error("this [ is never closed: write \\[ for the character.", start)
            members.append(self.member())
        self.at += 1
        return f"[{'^' if negated else ''}{''.join(members)}]"

    def member(self) -> str:
        start = self.at
        low = self.class_character()
        if not re.match(r"-[^\]]", self.source[self.at : self.at + 2]):
            return low if len(low) > 1 else re.escape(low)
        self.at += 1
        high = self.class_character()
        if len(low) > 1 or len(high) > 1 or high < low:
            raise self.error(f"{self.source[start : self.at]} is no range: write the lower end first.", start)
        return f"{re.escape(low)}-{re.escape(high)}"

    def class_character(self) -> str:
        """Return one character, or an escape for a class of digits or the like, that stands for several."""
        sign = self.source[self.at]
        self.at += 1
        if sign != "\\":
            return sign
        if self.source[self.at : self.at + 1] in tuple(_CLASS_ESCAPES):
            self.at += 1
            return f"\\{self.source[self.at - 1]}"
        return self.character()


def _literal(sign: str) -> Atom:
    return Atom(re.escape(sign), sign)
