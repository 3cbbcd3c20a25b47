"""The bars of a component."""

from __future__ import annotations

import re

from tests.world import DAY, HOUR, SECOND

from trueup.domain.sla import Tally
from trueup.pages.bars import drawing, paths


def _height(path: str) -> int:
    found = re.search(r"v(\d+)", path)
    assert found is not None
    return int(found[1])


def test_whole_day_is_one_full_bar() -> None:
    assert paths([Tally(up_us=DAY)]) == {"up": "M0 0h3v40h-3z"}


def test_outage_of_a_second_is_seen_and_a_longer_one_is_higher() -> None:
    heights = [
        _height(paths([Tally(up_us=DAY - lost, down_us=lost)])["down"]) for lost in (SECOND, HOUR, DAY)
    ]

    assert heights == sorted(set(heights))
    assert heights[0] >= 8
    assert heights[-1] == 40


def test_loss_stands_on_the_ground_and_up_above_it() -> None:
    found = paths([Tally(up_us=DAY - 2 * HOUR, down_us=HOUR, degraded_us=HOUR)])

    tops = {name: int(path.split()[1].split("h")[0]) for name, path in found.items()}
    assert tops["up"] == 0
    assert tops["degraded"] < tops["down"] == 40 - _height(found["down"])
    assert sum(_height(path) for path in found.values()) == 40


def test_day_before_the_first_check_is_a_stub() -> None:
    assert list(paths([Tally(outside_us=DAY)])) == ["none"]


def test_days_follow_each_other() -> None:
    assert paths([Tally(up_us=DAY)], first=89) == {"up": "M356 0h3v40h-3z"}


def test_layers_make_one_drawing() -> None:
    svg = drawing([paths([Tally(up_us=DAY)]), paths([Tally(up_us=DAY)], 1)], 2, "two days")

    assert svg.count("<path") == 1
    assert 'viewBox="0 0 7 40"' in svg
