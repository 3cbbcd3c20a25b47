"""Every worked case, key by key; every table, row by row; and nothing of it changes unnoticed."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path

import pytest
from tests.domain.sla.worked import CASES, DOCUMENT

from trueup.domain import terms
from trueup.domain.node import parse
from trueup.domain.sla import KERNEL, evaluate_case, judge, read_case, write_band, write_result
from trueup.domain.sla.file import evaluate_file
from trueup.domain.sla.trace import FIGURES, trace

# What every worked case and table comes to under a kernel. A change of any figure needs a new number:
# statements of old kernels stay signed and intact, but are not derived again by a new one.
DIGESTS = {1: "c4101a060ac8094659a93cc30ef7775150c8cab8343172ba9ac3649181d8a725"}


def stripped() -> dict[str, object]:
    """Return the document with inputs alone."""
    keep = {name: rows for name, rows in DOCUMENT.items() if not name.endswith("cases")}
    for name, known in {
        "cases": None,
        "tier_cases": ("uptime_percent_exact",),
        "window_cases": ("timezone", "period", "label"),
        "probe_cases": ("name", "interval_seconds", "gap_factor", "confirm", "probes"),
    }.items():
        keep[name] = [
            {key: row[key] for key in row if (key != "expected" if known is None else key in known)}
            for row in DOCUMENT[name]
        ]
    return keep


@pytest.mark.parametrize("name", CASES)
def test_a_worked_case_comes_to_exactly_what_was_worked_out(name: str) -> None:
    case = {key: value for key, value in CASES[name].items() if key != "expected"}

    assert evaluate_case(read_case(case)) == CASES[name]["expected"]


@pytest.mark.parametrize("name", CASES)
def test_the_keys_of_a_result_stand_in_the_order_of_the_worked_cases(name: str) -> None:
    assert list(evaluate_case(read_case(CASES[name]))) == list(CASES[name]["expected"])


@pytest.mark.parametrize("name", CASES)
def test_the_entries_of_every_figure_sum_to_it_exactly(name: str) -> None:
    case, expected = read_case(CASES[name]), CASES[name]["expected"]
    for component, figures in expected.get("components", {None: expected}).items():
        for figure in FIGURES:
            if figure in figures:
                total = sum(entry.part_us for entry in trace(case, figure, component))

                assert total == Fraction(figures[figure]) * 1_000_000, figure


@pytest.mark.parametrize("name", CASES)
def test_the_band_of_a_case_without_probes_is_its_bounds(name: str) -> None:
    case = read_case(CASES[name])
    band, expected = write_band(judge(case)), CASES[name]["expected"]

    assert band["band_lo_exact"] == expected["uptime_lo_exact"]
    assert band["band_hi_exact"] == expected["uptime_hi_exact"]


@pytest.mark.parametrize("name", CASES)
def test_terms_written_out_and_read_again_are_the_same_terms(name: str) -> None:
    words = terms.read(CASES[name]["contract"])

    assert terms.read(terms.document(words)) == words


@pytest.mark.parametrize("name", CASES)
def test_terms_that_are_complete_are_written_as_they_stand(name: str) -> None:
    written = terms.document(terms.read(CASES[name]["contract"]))

    assert written == {**CASES[name]["contract"], "edge": "observed"}


def test_a_file_without_results_gets_them_all_in_order() -> None:
    found = evaluate_file(stripped())

    assert [entry["id"] for entry in found["results"]] == list(CASES)
    assert [entry["result"] for entry in found["results"]] == [case["expected"] for case in CASES.values()]


@pytest.mark.parametrize("table", ["tier_cases", "window_cases"])
def test_a_row_of_a_table_with_its_computed_keys_is_the_worked_one(table: str) -> None:
    given = stripped()
    rows = given[table]
    assert isinstance(rows, list)
    computed = evaluate_file(given)[table]

    assert [{**row, **of} for row, of in zip(rows, computed, strict=True)] == DOCUMENT[table]


def test_probe_sequences_show_what_was_worked_out() -> None:
    assert evaluate_file(stripped())["probe_cases"] == [row["expected"] for row in DOCUMENT["probe_cases"]]


def probed(edge: str) -> dict[str, object]:
    """Return a case whose records have probes, under an edge rule."""
    case = dict(parse((Path(__file__).parent / "edges.json").read_text("utf-8"))["cases"][0])
    return {**case, "contract": {**case["contract"], "edge": edge}}


def test_the_kernel_number_stands_for_every_result() -> None:
    found: list[object] = [evaluate_file(stripped())]
    for edge in terms.EDGES:
        result = judge(case := read_case(probed(edge)))
        found.append([write_result(case, result), write_band(result)])
    digest = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()

    assert digest == DIGESTS[KERNEL], "a figure has changed: raise KERNEL, and add its digest"


@pytest.mark.parametrize(
    ("edge", "down_us"),
    [
        ("observed", 1_560_000_000),  # both checks down from 10:05:00 to 10:31:00
        ("midpoint", 1_557_500_000),  # to the middle of 10:30:55 and 10:31:00
        ("conservative", 1_560_250_000),  # to the answer of the first good probe
        ("lenient", 1_555_000_000),  # to the asking of the last failed one
    ],
)
def test_an_edge_rule_moves_the_edges_and_leaves_the_band(edge: str, down_us: int) -> None:
    result = judge(read_case(probed(edge)))

    assert result.sums is not None
    assert result.sums.down_us == down_us
    # 1560.25 s both can have been down, 2 s of a blip while the other is unknown, and half of the time
    # that one can have been degraded or down alone: 09:59:00 to 10:45:00, and an hour of unknown.
    alone_us = 2_760_000_000 - 1_560_250_000 + 3_600_000_000 - 2_000_000
    assert result.sums.downtime_most_us == 1_562_250_000 + Fraction(alone_us, 2)
    # 1555 s both were down for sure, and 1135 s one was down or degraded.
    assert result.sums.downtime_least_us == 1_555_000_000 + Fraction(1_135_000_000, 2)
