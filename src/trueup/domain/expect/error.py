"""What is wrong with an expectation as it is written, and where."""

from __future__ import annotations


class ExpectationError(ValueError):
    """An expectation that cannot be used: what is wrong, what to write, and in which column.

    ``column`` counts characters from 1.
    """

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message = message
        self.column = column

    def __str__(self) -> str:
        """Return the message with its column."""
        return f"column {self.column}: {self.message}"

    def pointed(self, source: str) -> str:
        """Return the source with a caret under the column."""
        return f"{source}\n{' ' * (self.column - 1)}^"
