"""A history from elsewhere, judged window by window."""

from __future__ import annotations

import pytest

from trueup.domain.result import State
from trueup.figures.sla import deal
from trueup.figures.sla.backtest import HistoryError, backtest, components_of, profile, read
from trueup.figures.sla.summary import summary

HEAD = "component,start,end,state\n"
DECEMBER = HEAD + "backend,2025-12-03T10:00:00Z,2025-12-03T10:11:30Z,down\n"


def months(text: str, otherwise: State = State.UP) -> list[dict[str, object]]:
    history = read(text)
    found = deal.of_document("built-in", "Built-in profile", profile(history, "UTC"), 0)
    return [summary(each) for each in backtest(history, found, otherwise)]


def test_month_of_the_seed_comes_to_what_is_right() -> None:
    [month] = months(DECEMBER)

    assert month["uptime_percent"] == 99.974  # of 31 days; of 30 it would be 99.973
    assert month["downtime_minutes"] == {"used": 11.5, "allowed": 43.2, "remaining": 31.7}
    assert (month["allowed_exact_minutes"], month["service_credit_final"]) == (44.64, 0)


def test_rows_may_overlap_and_come_in_any_order() -> None:
    more = "web,2025-12-03T10:05:00Z,2025-12-03T10:20:00Z,down\n"
    more += "backend,2025-12-03T10:01:00Z,2025-12-03T10:02:00Z,up\n"

    [month] = months(HEAD + more + DECEMBER.removeprefix(HEAD))

    assert month["downtime_minutes"] == {"used": 20.0, "allowed": 43.2, "remaining": 23.2}


def test_time_of_which_nothing_is_written_can_be_unknown() -> None:
    [month] = months(DECEMBER, State.UNKNOWN)

    assert month["uptime_percent"] == 0.0
    assert month["coverage_percent"] == 0.025


def test_each_fault_is_told_with_its_line() -> None:
    rows = [
        "backend,2025-12-03T10:00:00Z,2025-12-03T09:00:00Z,down",
        "backend,2025-12-03T10:00:00Z,2025-12-03T11:00:00Z,dwon",
        "backend,yesterday,,down",
        ",2025-12-03T10:00:00Z,,down",
        "backend,2025-12-03T10:00:00Z",
    ]

    with pytest.raises(HistoryError) as told:
        read(HEAD + "\n".join(rows))

    lines = str(told.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"line {number}" for number in (2, 3, 4, 5, 6)]
    assert "before it starts" in lines[0]
    assert "Did you mean down?" in lines[1]
    assert "no instant" in lines[2]
    assert "names no component" in lines[3]
    assert "2 cells" in lines[4]


@pytest.mark.parametrize("text", ["", "a,b\n", HEAD, 'component,start,end,state\n"x'])
def test_what_is_no_history_is_refused(text: str) -> None:
    with pytest.raises(HistoryError):
        read(text)


def test_component_that_the_contract_does_not_have_is_refused() -> None:
    history = read(DECEMBER.replace("backend", "backnd"))
    other = deal.of_document("built-in", "Built-in profile", profile(read(DECEMBER), "UTC"), 0)

    with pytest.raises(HistoryError, match="Did you mean backend"):
        components_of(history, other)
