"""The JSON Schemas of contracts and cases agree with what is kept and what is judged."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from scripts import reference
from tests.config.loading import spec
from tests.config.test_presets import HEAD, PRESETS
from tests.test_docs import DOCS, blocks

from trueup.config import contract_shape
from trueup.domain import terms

CONTRACT = Draft202012Validator(contract_shape.contract())
CASE = Draft202012Validator(contract_shape.case())
CASES = json.loads((Path(__file__).parents[1] / "domain" / "sla" / "cases.json").read_text("utf-8"))["cases"]
EXAMPLE = blocks(DOCS / "how-to" / "write-a-contract.md", "yaml")[0]


def test_published_schemas_are_current() -> None:
    for path, document in reference.schemas().items():
        Draft202012Validator.check_schema(document)
        assert path.read_text("utf-8") == contract_shape.text(document), "run: make fix"


def test_the_example_of_the_how_to_means_three_contracts() -> None:
    found = spec(EXAMPLE)

    assert [each.slug for each in found.contracts] == ["standard", "office-hours", "relay"]
    for each in found.contracts:
        assert list(CONTRACT.iter_errors(each.expanded)) == []


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_what_the_schema_says(name: str) -> None:
    (found,) = spec(f"{HEAD}  - {{name: S, preset: {name}, components: a}}\n").contracts

    assert list(CONTRACT.iter_errors(found.expanded)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_worked_case_is_what_the_schema_says(case: dict[str, Any]) -> None:
    assert [each.message for each in CASE.iter_errors(case)] == []


def test_the_default_terms_are_what_the_schema_says() -> None:
    case = {"contract": terms.document(terms.read({})), "period": "2026-01", "components": [{"id": "a"}]}

    assert CASE.is_valid(case)
    assert CASE.is_valid({"cases": [case, case]})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("objective", "much"), ("window", {"type": "calendar"}), ("unknown", "maybe"), ("tires", []),
        ("aggregation", {"type": "quorum"}), ("tiers", [{"min": "99"}]), ("edge", None),
        ("maintenance", {"mode": "exclude", "notice": "48h"}), ("schedule", {"weekly": []}),
    ],
)  # fmt: skip
def test_what_the_terms_refuse_the_schema_refuses(key: str, value: Any) -> None:
    case = copy.deepcopy(CASES[0])
    case["contract"][key] = value

    with pytest.raises(terms.TermsError):
        terms.read(case["contract"])
    assert not CASE.is_valid(case)
