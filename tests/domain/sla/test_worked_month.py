"""The month that the documentation works through comes to what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from trueup.domain.sla import evaluate_case, read_case

PAGE = (Path(__file__).parents[3] / "docs" / "explanation" / "availability.md").read_text("utf-8")


def test_the_worked_month_of_the_documentation_comes_to_what_it_says() -> None:
    [case] = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    rows = re.findall(r"^\| [^|]+ \| `(\w+)` \| (\S+) \|$", PAGE, re.MULTILINE)
    found = evaluate_case(read_case(json.loads(case)))

    assert len(rows) == 13
    assert {key: found[key] for key, _ in rows} == dict(rows)


def test_the_sums_of_the_worked_month_are_right() -> None:
    sums = re.findall(r"([\d,]+) - ([\d,]+) - ([\d,]+) = ([\d,]+)", PAGE)

    assert sums
    for whole, first, second, rest in sums:
        numbers = [int(each.replace(",", "")) for each in (whole, first, second, rest)]
        assert numbers[0] - numbers[1] - numbers[2] == numbers[3]
