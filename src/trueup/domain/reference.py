"""References to the environment inside a text.

``${NAME}`` is a variable, ``${NAME:-default}`` one that may be unset or empty, ``$${`` a plain ``${``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PART = re.compile(
    r"(?P<escape>\$\$\{)"
    r"|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}"
    r"|(?P<bad>\$\{[^}]*\}?)"
)
_WHOLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


class MissingVariableError(LookupError):
    """A text refers to a variable that is not set and has no default; ``name`` is that variable."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"environment variable {name} is not set: set it, or give a default with ${{{name}:-default}}"
        )
        self.name = name


class BadReferenceError(ValueError):
    """A text holds a ``${`` that is no reference."""

    def __init__(self) -> None:
        super().__init__(
            "a reference that cannot be read: write ${NAME} or ${NAME:-default} "
            "(no braces in the default), or $${ for a plain ${"
        )


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Return the text with every reference replaced by its variable; an empty one takes its default.

    Raises:
        MissingVariableError: A variable without default is not set.
        BadReferenceError: A ``${`` begins no reference.
    """

    def replaced(part: re.Match[str]) -> str:
        if part["escape"]:
            return "${"
        if part["bad"]:
            raise BadReferenceError
        value = environ.get(part["name"])
        if part["default"] is not None:
            return value or part["default"]
        if value is None:
            raise MissingVariableError(part["name"])
        return value

    return _PART.sub(replaced, text)


def names(text: str) -> tuple[str, ...]:
    """Return the variables that a text refers to, in order."""
    return tuple(part["name"] for part in _PART.finditer(text) if part["name"])


def escape(text: str) -> str:
    """Return a text that ``expand`` turns back into this one."""
    return text.replace("${", "$${")


def is_whole(text: str) -> bool:
    """Return whether the text is one reference without default and nothing else: it reveals only a name."""
    return _WHOLE.fullmatch(text) is not None
