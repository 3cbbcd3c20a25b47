"""What is wrong with a configuration: where, what and the line it stands on, without its secrets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; line and column count from 1, in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; without a place it concerns the whole file."""

    message: str
    place: Place | None = None
    excerpt: str = ""  # the line, secrets masked, and a caret below

    def sentence(self, source: str) -> str:
        """Return ``file:line:column: message``."""
        where = f"{source}:{self.place.line}:{self.place.column}" if self.place else source
        return f"{where}: {self.message}"


class ConfigErrors(Exception):  # noqa: N818  (it always stands for all of them)
    """Everything that is wrong with a configuration, in the order of its lines.

    ``source`` is the file as it was named; the string form is the whole report.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(self.report())

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.source, self.problems))

    def report(self) -> str:
        """Return every problem with its line and a caret."""
        parts = []
        for problem in self.problems:
            parts.append(problem.sentence(self.source))
            if problem.excerpt:
                parts.append(problem.excerpt)
        return "\n".join(parts)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the problems for a program: file, line, column (null for the whole file), message."""
        return [
            {
                "file": self.source,
                "line": problem.place.line if problem.place else None,
                "column": problem.place.column if problem.place else None,
                "message": problem.message,
            }
            for problem in self.problems
        ]
