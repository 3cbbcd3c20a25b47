"""The examples of the reference of the API, and the shapes of documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def example(heading: str, language: str = "json") -> str:
    """Return the first example below a heading of the reference, in its language."""
    section = re.split(rf"^## {re.escape(heading)}$", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1]
    found = re.search(rf"^```{language}\n(.*?)^```$", section.split("\n## ")[0], re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def shape(value: Any, *free: str) -> Any:
    """Return the keys of a document in their order; what is an element of a list stands for all of it.

    Args:
        value: The document.
        free: Keys whose object has names for keys, as slugs: the first of it stands for all.
    """
    if isinstance(value, dict):
        return {key: _free(one, free) if key in free else shape(one, *free) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0], *free)] if value else []
    return None


def documented(heading: str, *free: str) -> Any:
    """Return the shape of the example below a heading."""
    return shape(json.loads(example(heading)), *free)


def _free(value: dict[str, Any], free: tuple[str, ...]) -> list[Any]:
    return [shape(next(iter(value.values())), *free)] if value else []
