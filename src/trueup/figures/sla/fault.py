"""What cannot be asked of contracts; each sentence says what happened, why, and what to do."""

from __future__ import annotations


class UnknownContractError(LookupError):
    """There is no contract of a name; the sentence says which there are."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class WindowError(ValueError):
    """A window that a contract does not have, or that has not begun."""
