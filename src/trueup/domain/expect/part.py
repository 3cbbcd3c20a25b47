r"""A part of an answer as people name it, to be used in the next question.

$.token        header["location"]        body matches /name="csrf" value="([^"]+)"/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from trueup.domain.expect import document
from trueup.domain.expect.answer import Answer, UnjudgedError, shown_value, wrong_type
from trueup.domain.expect.automaton import TooMuchWorkError
from trueup.domain.expect.capture import Capture
from trueup.domain.expect.error import ExpectationError
from trueup.domain.expect.form import Subject
from trueup.domain.expect.grammar import read_part
from trueup.domain.expect.judging import MATCHED_BYTES
from trueup.domain.expect.meaning import kind_of
from trueup.domain.result import FailureClass


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part of an answer stands, and what is taken out of it."""

    source: str
    subject: Subject
    capture: Capture | None = None

    def taken(self, answer: Answer) -> str:
        """Return the part as text.

        Raises:
            UnjudgedError: The answer has none.
        """
        value = answer.value(self.subject)
        if self.capture is None:
            return _as_text(self.subject, value)
        text = value.decode(errors="replace") if isinstance(value, bytes) else value
        if not isinstance(text, str):
            raise wrong_type(self.subject, value)
        try:
            found = self.capture.taken_from(text[:MATCHED_BYTES])
        except TooMuchWorkError:
            raise UnjudgedError("too_much_work", FailureClass.INTERNAL, subject=self.subject.text) from None
        if found is None:
            raise UnjudgedError("unmatched", subject=self.subject.text, got=shown_value(value))
        return found


def parse_part(source: str, provides: Mapping[str, type] | None = None) -> Part:
    """Return a part as it is written; ``provides`` is what the check's kind of probe measures.

    Raises:
        ExpectationError: It cannot be read, or there can be no such part.
    """
    subject, expression = read_part(source)
    kind = kind_of(subject, provides)
    if expression is None:
        return Part(source, subject)
    if kind not in ("text", "document", None):
        raise ExpectationError(f"{subject.text} is no text: leave out matches.", expression[2])
    return Part(source, subject, Capture(*expression))


def _as_text(subject: Subject, value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, bool):
        return document.shown(value)
    if isinstance(value, str | int | Decimal):
        return str(value)
    raise wrong_type(subject, value)
