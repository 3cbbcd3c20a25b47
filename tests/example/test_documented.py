"""What the how-to pages show of the example project stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "example").rglob("*.py")))
PAGES = ["docs/how-to/embed-in-django.md", "docs/how-to/test-your-code.md", "example/README.md"]
_BLOCK = re.compile(r"^```py\n(.*?)^```", re.DOTALL | re.MULTILINE)
# Parts of a page that stand nowhere in the example: usage that a reader types, a fixture of pytest.
_ELSEWHERE = ("status = UptimeMonitor()", "@pytest.fixture")


@pytest.mark.parametrize("page", PAGES)
def test_code_of_a_page_is_code_of_the_example(page: str) -> None:
    shown = _BLOCK.findall((ROOT / page).read_text("utf-8"))

    assert shown
    missing = [
        line
        for block in shown
        if not any(word in block and "class " not in block for word in _ELSEWHERE)
        for line in block.splitlines()
        if line.strip() not in EXAMPLE
    ]
    assert missing == []
