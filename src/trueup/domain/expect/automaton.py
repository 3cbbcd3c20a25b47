"""A search for a regular expression that takes time proportional to the text, whatever the text.

A target chooses what its body holds, and judging happens where every other check waits its turn; so
there is no backtracking here. The expression becomes a list of steps; the set of steps that a text
may have reached is one state; states and the moves between them are made when first needed and kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, reduce
from operator import getitem
from typing import NamedTuple

from trueup.domain.expect.error import ExpectationError
from trueup.domain.expect.pattern import Atom, Choice, Look, Node, Repeat, Sequence, parse

_MAX_STEPS = 500
_MAX_MOVES = 20_000  # kept; then all are forgotten and made anew
_CHUNK = 2_048
_MAX_WORK = 100_000  # steps looked at in one search: about 50 ms, which every other check waits for
FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_END = ""  # what follows the last character
_LAST_LINE_END = "\n$"  # a line end that is the last character: ``$`` holds before it


class TooMuchWorkError(Exception):
    """A search was given up: this text and this expression together cost too much."""


class _Step(NamedTuple):
    """Take a character, look at the place, or (with neither) go on to all of ``to`` at once."""

    to: tuple[int, ...]
    takes: re.Pattern[str] | None = None
    looks: str = ""


class _State(dict[str, "_State"]):
    """The steps reached before a character, as a table of where each character leads."""

    __slots__ = ("before", "pattern", "steps")

    def __init__(self, pattern: Pattern, steps: frozenset[int], before: str) -> None:
        super().__init__()
        self.pattern, self.steps, self.before = pattern, steps, before

    def __missing__(self, sign: str) -> _State:
        return self.pattern.move(self, sign)


class Pattern:
    """A regular expression as an expectation holds it; equal to every other of the same source."""

    def __init__(self, source: str, flags: str = "", column: int = 1) -> None:
        """Read the expression; ``column`` is where its first character stands.

        Raises:
            ExpectationError: It cannot be read, is refused, or would need too many steps.
        """
        if not source:
            raise ExpectationError("this expression is empty: every text would match.", column)
        self.source, self.flags = source, flags
        self._flags = reduce(lambda all_flags, flag: all_flags | FLAGS[flag], flags, re.NOFLAG)
        self._column = column
        tree = parse(source, column)
        self._literal = "" if "i" in flags else _longest_literal(tree)
        self._looks = False
        self._work = 0
        self._steps: list[_Step] = [_Step((0,))]
        self._end = self._add(_Step(()))
        self._steps[0] = _Step((self._build(tree, self._end),))
        self._matched = _State(self, frozenset(), "matched")
        self._forget()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and (self.source, self.flags) == (other.source, other.flags)

    def __hash__(self) -> int:
        return hash((self.source, self.flags))

    def __repr__(self) -> str:
        return f"/{self.source}/{self.flags}"

    def found_in(self, text: str) -> bool:
        """Return whether the expression matches anywhere in the text.

        Raises:
            TooMuchWorkError: It would take so long that other checks had to wait.
        """
        self._work = 0
        if self._literal not in text:
            return False
        state, ends_line = self._start, text.endswith("\n")
        until = len(text) - ends_line
        for start in range(0, until, _CHUNK):
            state = reduce(getitem, text[start : min(start + _CHUNK, until)], state)
            if state is self._matched:
                return True
        if ends_line:
            state = state[_LAST_LINE_END]
        return state[_END] is self._matched

    def move(self, state: _State, sign: str) -> _State:
        """Return the state behind one more character; keep it for the next time."""
        if state is self._matched:
            return state
        self._moves += 1
        if self._moves > _MAX_MOVES:
            self._forget()
        reached = self._reached(state, sign)
        self._work += len(reached)
        if self._work > _MAX_WORK:
            raise TooMuchWorkError
        if self._end in reached:
            following = self._matched
        else:
            character = sign[:1]
            steps = {0}  # a match may begin anywhere
            for number in reached:
                step = self._steps[number]
                if step.takes is not None and character and step.takes.fullmatch(character):
                    steps.update(step.to)
            following = self._state(frozenset(steps), _kind(character) if self._looks else "")
        state[sign] = following
        return following

    def _state(self, steps: frozenset[int], before: str) -> _State:
        key = (steps, before)
        if key not in self._states:
            self._states[key] = _State(self, steps, before)
        return self._states[key]

    def _forget(self) -> None:
        self._moves = 0
        self._states: dict[tuple[frozenset[int], str], _State] = {}
        self._start = self._state(frozenset({0}), "start" if self._looks else "")

    def _reached(self, state: _State, sign: str) -> set[int]:
        """Return every step that can be reached without taking a character."""
        reached: set[int] = set()
        waiting = list(state.steps)
        while waiting:
            number = waiting.pop()
            if number in reached:
                continue
            reached.add(number)
            step = self._steps[number]
            if step.takes is None and (not step.looks or self._holds(step.looks, state.before, sign)):
                waiting.extend(step.to)
        return reached

    def _holds(self, place: str, before: str, sign: str) -> bool:
        if place == "A" or (place == "^" and "m" not in self.flags):
            return before == "start"
        if place == "^":
            return before in ("start", "line end")
        if place == "Z":
            return sign == _END
        if place == "$":
            return sign in (_END, _LAST_LINE_END) or ("m" in self.flags and sign == "\n")
        return ((before == "word") != (_kind(sign[:1]) == "word")) == (place == "b")

    def _add(self, step: _Step) -> int:
        self._steps.append(step)
        if len(self._steps) > _MAX_STEPS:
            raise ExpectationError(
                f"this expression needs more than {_MAX_STEPS} steps: repeat less often.", self._column
            )
        return len(self._steps) - 1

    def _build(self, node: Node, then: int) -> int:
        """Add the steps of a node in front of step ``then``; return the first."""
        if isinstance(node, Atom):
            return self._add(_Step((then,), takes=character(node.source, self._flags)))
        if isinstance(node, Look):
            self._looks = True
            return self._add(_Step((then,), looks=node.place))
        if isinstance(node, Sequence):
            for part in reversed(node.parts):
                then = self._build(part, then)
            return then
        if isinstance(node, Choice):
            return self._add(_Step(tuple(self._build(option, then) for option in node.options)))
        if isinstance(node, Repeat):
            return self._build_repeat(node, then)
        return then  # a mark, which a search whether there is a match has no use for

    def _build_repeat(self, node: Repeat, then: int) -> int:
        if node.high is None:
            loop = self._add(_Step(()))
            self._steps[loop] = _Step((self._build(node.node, loop), then))
            then = loop
        else:
            behind = then
            for _ in range(node.high - node.low):
                then = self._add(_Step((self._build(node.node, then), behind)))
        for _ in range(node.low):
            then = self._build(node.node, then)
        return then


@lru_cache(maxsize=1_000)
def character(source: str, flags: int) -> re.Pattern[str]:
    """Return the expression of one character, which is read once."""
    return re.compile(source, flags)


def _kind(character: str) -> str:
    """Return what word edges, ``^`` and ``$`` have to know of the character before a place."""
    if character == "\n":
        return "line end"
    return "word" if character and re.match(r"\w", character) else "other"


def _longest_literal(tree: Node) -> str:
    """Return the longest text that every match holds, as far as the top of the tree shows it."""
    parts: Iterable[Node] = tree.parts if isinstance(tree, Sequence) else (tree,)
    run, longest = "", ""
    for part in parts:
        run = run + part.literal if isinstance(part, Atom) and part.literal else ""
        longest = max(longest, run, key=len)
    return longest
