"""The colours of the page can be told apart and read."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

_STYLE = (files("trueup.pages") / "static" / "page.css").read_text()
_TEXT, _SHAPE = 4.5, 3.0  # WCAG 2.2 AA: 1.4.3 and 1.4.11


def _tokens(dark: bool) -> dict[str, str]:
    """Return the colours by their names, as one of the two schemes has them."""
    light, _, rest = _STYLE.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if dark:
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", rest.partition("*, *::before")[0]))
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read_on_its_ground(dark: bool) -> None:
    colour = _tokens(dark)
    pairs = [(ink, ground) for ink in ("ink", "soft") for ground in ("ground", "card")]
    pairs += [(f"{state}-ink", "card") for state in ("up", "degraded", "down", "unknown")]
    pairs += [
        (ink, f"{state}-wash") for ink in ("ink", "soft") for state in ("up", "degraded", "down", "unknown")
    ]
    pairs += [("degraded-ink", "degraded-wash"), ("ground", "ink")]

    poor = {pair: _contrast(colour[pair[0]], colour[pair[1]]) for pair in pairs}

    assert {pair: ratio for pair, ratio in poor.items() if ratio < _TEXT} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_marks_and_bars_can_be_seen_on_the_card(dark: bool) -> None:
    colour = _tokens(dark)

    poor = {
        state: _contrast(colour[state], colour["card"])
        for state in ("up", "degraded", "down", "unknown", "focus")
    }

    assert {state: ratio for state, ratio in poor.items() if ratio < _SHAPE} == {}
