"""What a regular expression takes out of a text, in time proportional to the text.

The text of the group ``(...)`` is taken, of the whole match where there is none: of the leftmost match,
with the preferences that Python has. All ways through the expression are followed side by side, each
with the place where its group began; the expression and its limits are those of ``automaton``.
"""

from __future__ import annotations

import re
from functools import reduce
from typing import NamedTuple

from trueup.domain.expect.automaton import FLAGS, TooMuchWorkError, character
from trueup.domain.expect.error import ExpectationError
from trueup.domain.expect.pattern import Atom, Choice, Look, Mark, Node, Repeat, Sequence, parse

_MAX_STEPS = 500
_MAX_WORK = 200_000  # ways followed in one search: about 50 ms, which every other check waits for


class _Step(NamedTuple):
    """Take a character, look at a place, note a place, or go on to each of ``to``, the preferred first."""

    to: tuple[int, ...]
    takes: re.Pattern[str] | None = None
    looks: str = ""
    marks: str = ""  # begin or end of the group


class _Way(NamedTuple):
    """One way through the expression: where it stands, and what it has noted."""

    step: int
    start: int
    begin: int
    end: int


class Capture:
    """A regular expression that takes a part out of a text."""

    def __init__(self, source: str, flags: str = "", column: int = 1) -> None:
        """Read the expression; ``column`` is where its first character stands.

        Raises:
            ExpectationError: It cannot be read, is refused, or would need too many steps.
        """
        tree = parse(source, column, marks=True)
        self._flags = reduce(lambda all_flags, flag: all_flags | FLAGS[flag], flags, re.NOFLAG)
        self._multiline, self._column = "m" in flags, column
        self._steps: list[_Step] = [_Step(())]  # the first is the end
        self._first = self._build(tree, 0)
        self._begins = _first_characters(tree, self._flags)

    def taken_from(self, text: str) -> str | None:
        """Return what the expression takes out of a text, None where it does not match.

        Raises:
            TooMuchWorkError: It would take so long that other checks had to wait.
        """
        found: _Way | None = None
        ways: list[_Way] = []
        at, work = 0, 0
        while True:
            if not ways and found is None and self._begins is not None:
                begin = self._begins.search(text, at)  # nothing can match before it
                if begin is None:
                    return None
                at = begin.start()
            if found is None:
                ways = [*ways, _Way(self._first, at, -1, -1)]
            ways, ended, visited = self._spread(ways, text, at)
            found = ended or found
            work += visited
            if work > _MAX_WORK:
                raise TooMuchWorkError
            if at == len(text) or (not ways and found is not None):
                break
            sign = text[at]
            ways = [
                way._replace(step=self._steps[way.step].to[0])
                for way in ways
                if (takes := self._steps[way.step].takes) is not None and takes.fullmatch(sign)
            ]
            at += 1
        return None if found is None else _text_of(found, text)

    def _spread(self, ways: list[_Way], text: str, at: int) -> tuple[list[_Way], _Way | None, int]:
        """Follow ways to where each takes a character; the one that ends cuts off all that come after."""
        reached: list[_Way] = []
        seen: set[int] = set()
        waiting = ways[::-1]
        while waiting:
            way = waiting.pop()
            if way.step in seen:
                continue
            seen.add(way.step)
            if way.step == 0:
                return reached, way._replace(end=way.end if way.begin >= 0 else at), len(seen)
            step = self._steps[way.step]
            if step.takes is not None:
                reached.append(way)
            elif not step.looks or self._holds(step.looks, text, at):
                noted = way._replace(**{step.marks: at}) if step.marks else way
                waiting.extend(noted._replace(step=each) for each in reversed(step.to))
        return reached, None, len(seen)

    def _holds(self, place: str, text: str, at: int) -> bool:
        if place in "bB":
            edge = _is_word(text[at - 1 : at] if at else "") != _is_word(text[at : at + 1])
            return edge == (place == "b")
        if place == "A" or place == "^":
            return at == 0 or (place == "^" and self._multiline and text[at - 1] == "\n")
        if place == "Z" or at == len(text):
            return at == len(text)
        return text[at] == "\n" and (self._multiline or at == len(text) - 1)

    def _build(self, node: Node, then: int) -> int:
        """Add the steps of a node in front of step ``then``; return the first."""
        if isinstance(node, Sequence):
            for part in reversed(node.parts):
                then = self._build(part, then)
            return then
        if isinstance(node, Repeat):
            return self._build_repeat(node, then)
        if isinstance(node, Atom):
            return self._add(_Step((then,), takes=character(node.source, self._flags)))
        if isinstance(node, Look):
            return self._add(_Step((then,), looks=node.place))
        if isinstance(node, Mark):
            return self._add(_Step((then,), marks="end" if node.end else "begin"))
        return self._add(_Step(tuple(self._build(option, then) for option in node.options)))

    def _build_repeat(self, node: Repeat, then: int) -> int:
        if node.high is None:
            loop = self._add(_Step(()))
            self._steps[loop] = _Step(_preferred(node, self._build(node.node, loop), then))
            then = loop
        else:
            behind = then
            for _ in range(node.high - node.low):
                then = self._add(_Step(_preferred(node, self._build(node.node, then), behind)))
        for _ in range(node.low):
            then = self._build(node.node, then)
        return then

    def _add(self, step: _Step) -> int:
        self._steps.append(step)
        if len(self._steps) > _MAX_STEPS:
            raise ExpectationError(
                f"this expression needs more than {_MAX_STEPS} steps: repeat less often.", self._column
            )
        return len(self._steps) - 1


def _preferred(node: Repeat, again: int, on: int) -> tuple[int, int]:
    return (on, again) if node.lazy else (again, on)


def _text_of(way: _Way, text: str) -> str:
    return text[way.start : way.end] if way.begin < 0 else text[way.begin : way.end]


def _is_word(sign: str) -> bool:
    return bool(sign and re.match(r"\w", sign))


def _first_characters(tree: Node, flags: int) -> re.Pattern[str] | None:
    """Return an expression for every character a match may begin with; None where it may take none."""
    found = _firsts(tree)
    return None if None in found else re.compile("|".join(sorted(filter(None, found))), flags)


def _firsts(node: Node) -> set[str | None]:
    """Return what a node may take first; None is among it where it may take nothing."""
    if isinstance(node, Atom):
        return {node.source}
    if isinstance(node, Choice):
        return {first for option in node.options for first in _firsts(option)}
    if isinstance(node, Repeat):
        return _firsts(node.node) | (set() if node.low else {None})
    found: set[str | None] = {None}
    for part in node.parts if isinstance(node, Sequence) else ():
        found = (found - {None}) | _firsts(part)
        if None not in found:
            break
    return found
