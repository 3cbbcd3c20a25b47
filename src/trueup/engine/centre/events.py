"""What the outbox is told of a check's ledger; the keys are stable: the same thing is told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trueup.domain.result import FailureClass, State
from trueup.domain.text import Text
from trueup.store.write.draft import Draft


@dataclass(frozen=True, slots=True)
class Notice:
    """A check changed its state: for the log, and for whoever drives the centre."""

    check: str  # its slug
    state: State
    before: State
    start_us: int
    cause: FailureClass | None = None
    text: Text | None = None


def changed(draft: Draft, public_id: str, notice: Notice) -> None:
    """Note ``check.up``, ``check.down`` and so on, keyed by check, start and state."""
    state = notice.state.value
    payload: dict[str, Any] = {
        "check": notice.check,
        "from": notice.before.value,
        "to": state,
        "since_us": notice.start_us,
        "cause": notice.cause.value if notice.cause else None,
        "text": notice.text,
    }
    key = f"check:{public_id}:{notice.start_us}:{state}"
    draft.event(f"check.{state}", key, notice.start_us, f"check:{public_id}", payload)


def restated(draft: Draft, public_id: str, from_us: int) -> None:
    """Note that what was written from an instant on is written anew: results came late."""
    key = f"check:{public_id}:restated:{from_us}:{draft.now_us}"
    draft.event("check.restated", key, from_us, f"check:{public_id}", {"from_us": from_us})
