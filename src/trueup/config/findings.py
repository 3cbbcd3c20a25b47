"""Gather everything that is wrong with a document, and everything worth saying, with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from trueup.config.document import Document, Path
from trueup.config.excerpt import Vocabulary, excerpt
from trueup.config.problem import ConfigErrors, Place, Problem


@dataclass
class Findings:
    """The errors and notices of one document; ``source`` is the file as it was named."""

    source: str
    document: Document
    words: Vocabulary
    _errors: list[tuple[Place, str]] = field(default_factory=list)
    _notices: list[tuple[Place, str]] = field(default_factory=list)

    def error(self, path: Path, message: str, *, at_key: bool = False, index: int | None = None) -> None:
        """Add an error about the value (or the key) at a path; ``index`` points into the value's text.

        A value whose references could not be expanded has its error already.
        """
        if path in self.document.missing or path in self.document.unexpanded:
            return
        place = self.document.place_of_key(path) if at_key else self.document.place(path)
        if index is not None:
            place = self.document.place_inside(path, index)
        self._errors.append((place, message))

    def unknown_key(self, path: Path, what: object, known: Iterable[str]) -> None:
        """Add an error about a key that nobody knows, and propose the nearest one."""
        names = list(known)
        near = difflib.get_close_matches(str(path[-1]), names, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"possible are {', '.join(names)}"
        self.error(path, f"unknown key '{path[-1]}' in {what}: {hint}", at_key=True)

    def notice(self, path: Path, message: str, *, at_key: bool = False) -> None:
        """Add something that is no error but worth saying, about the value (or the key) at a path."""
        place = self.document.place_of_key(path) if at_key else self.document.place(path)
        self._notices.append((place, message))

    @property
    def are_errors(self) -> bool:
        """Return whether an error was added so far."""
        return bool(self._errors)

    def notices(self) -> tuple[str, ...]:
        """Return the notices in the order of their lines, each with its place."""
        return tuple(Problem(text, place).sentence(self.source) for place, text in sorted(self._notices))

    def raise_errors(self) -> None:
        """Raise all errors, if there are any.

        Raises:
            ConfigErrors: With the errors of the document itself and those added, in the order of lines.
        """
        missing = [(self.document.place(path), str(error)) for path, error in self.document.missing.items()]
        found = sorted({*self.document.problems, *missing, *self._errors})
        if found:
            raise ConfigErrors(
                self.source,
                [
                    Problem(text, place, excerpt(self.document.lines, place, self.words))
                    for place, text in found
                ],
            )
