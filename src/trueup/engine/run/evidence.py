"""What is kept of a probe beside its numbers, and with which results it travels."""

from __future__ import annotations

import dataclasses
import hashlib

from trueup.domain import record
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
    if like is not None and _alike(like, facts, text):
        return like
    body = facts.body or b""
    return Detail(
        address=facts.address,
        text=text,
        certificate=facts.certificate,
        body_sha256=hashlib.sha256(body).hexdigest() if body else "",
        body_head=body[:HEAD],
        picture=facts.picture if text is not None and len(facts.picture) <= MAX_PICTURE else b"",
    )


def _alike(detail: Detail, facts: Facts, text: Text | None) -> bool:
    body = facts.body or b""
    return (
        len(body) < HEAD
        and detail.body_head == body
        and detail.address == facts.address
        and detail.certificate == facts.certificate
        and detail.text == text
    )


class Trail:
    """One series' last good answer, and whether it fails: what goes with which result."""

    __slots__ = ("_good", "detail", "failing")

    def __init__(self) -> None:
        self.failing = False
        self.detail: Detail | None = None  # of the last good result
        self._good = b""  # its record

    def repeats(self, facts: Facts) -> bool:
        """Return whether what was measured has the evidence of the good answer before it."""
        return not self.failing and self.detail is not None and _alike(self.detail, facts, None)

    def goes_on(self, packed: bytes) -> None:
        """Take the record of a good result that ``repeats`` the one before."""
        self._good = packed

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
            if changed and self._good:
                before = dataclasses.replace(record.one(self._good), detail=self.detail)
            return dataclasses.replace(result, detail=detail, before=before), changed
        changed = changed or not self._good
        self._good, self.detail = record.packed(result), detail
        return (dataclasses.replace(result, detail=detail) if was else result), changed
