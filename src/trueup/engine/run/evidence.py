"""What is kept of a probe beside its numbers, and with which results it travels."""

from __future__ import annotations

import dataclasses
import hashlib

from trueup.domain.result import MAX_PICTURE, Detail, Facts, Result, State
from trueup.domain.text import Text

HEAD = 2048  # bytes of a body


def detail_of(facts: Facts, text: Text | None, like: Detail | None = None) -> Detail:
    """Return the evidence of one probe.

    Args:
        facts: What it measured.
        text: Why it is not up.
        like: The last good one's; it is returned itself where nothing differs, as is mostly so.
    """
    body = facts.body or b""
    if (
        like is not None
        and len(body) < HEAD
        and like.body_head == body
        and like.address == facts.address
        and like.certificate == facts.certificate
        and like.text == text
    ):
        return like
    return Detail(
        address=facts.address,
        text=text,
        certificate=facts.certificate,
        body_sha256=hashlib.sha256(body).hexdigest() if body else "",
        body_head=body[:HEAD],
        picture=facts.picture if text is not None and len(facts.picture) <= MAX_PICTURE else b"",
    )


class Trail:
    """One series' last good answer, and whether it fails: what goes with which result."""

    __slots__ = ("_good", "detail", "failing")

    def __init__(self) -> None:
        self.failing = False
        self.detail: Detail | None = None  # of the last good result
        self._good: Result | None = None

    def attach(self, result: Result, detail: Detail | None) -> tuple[Result, bool]:
        """Return a result with the evidence that belongs to it, and whether it changes anything.

        Every result that is not up has its own; the first such one has the last good one too, and the
        first good one after them has its own. A result that is unknown changes nothing.
        """
        if result.state is State.UNKNOWN:
            return dataclasses.replace(result, detail=detail), False
        was, self.failing = self.failing, result.state is not State.UP
        changed = was is not self.failing
        if self.failing:
            before = None
            if changed and self._good is not None:
                before = dataclasses.replace(self._good, detail=self.detail)
            return dataclasses.replace(result, detail=detail, before=before), changed
        changed = changed or self._good is None
        self._good, self.detail = result, detail
        return (dataclasses.replace(result, detail=detail) if was else result), changed
