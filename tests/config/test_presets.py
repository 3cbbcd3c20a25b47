"""Published agreements: each can be used, each figure has its source; the definitions follow the default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripts import definitions, reference
from tests.config.loading import spec

from trueup.config.presets import inexpressible, presets
from trueup.domain import terms
from trueup.domain.sla import evaluate_case, read_case

ROOT = Path(__file__).parents[2]
HEAD = "components:\n  - {name: A, checks: [http: http://localhost]}\ncontracts:\n"
PRESETS = sorted(presets())


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_contract(name: str) -> None:
    (found,) = spec(f"{HEAD}  - {{name: S, preset: {name}, components: a}}\n").contracts

    assert found.expanded is not None
    assert terms.document(terms.read(found.expanded["terms"])) == found.expanded["terms"]
    party = presets()[name].party
    assert found.expanded["direction"] == ("supplier" if party else "customer")
    assert (found.expanded["parties"]["provider"] or {"name": ""})["name"] == party


@pytest.mark.parametrize("name", PRESETS)
def test_each_figure_has_its_source_and_no_key_is_without_a_figure(name: str) -> None:
    found = presets()[name]

    assert {each.of for each in found.figures} == set(found.contract)
    assert all(each.source and each.says for each in found.figures)
    assert all(re.fullmatch(r"|\d{4}(-\d\d(-\d\d)?)?", each.date) for each in found.figures)


def test_what_was_not_read_in_the_text_is_not_called_verified() -> None:
    doubtful = {
        name: {each.of for each in found.figures if not each.verified} for name, found in presets().items()
    }

    assert {"objective", "tiers"} <= doubtful["aws-ec2-instance"]
    assert {"tiers", "window"} <= doubtful["aws-ec2"] & doubtful["gcp-compute-engine"]
    assert doubtful["default"] == set()


def test_a_preset_is_used_with_a_word_on_what_is_not_verified() -> None:
    found = spec(f"{HEAD}  - {{name: S, preset: aws-ec2-instance, components: a}}\n").notices

    assert any("objective, tiers, exclusions, window, maintenance not verified" in each for each in found)


def test_keys_of_the_contract_stand_above_those_of_its_preset() -> None:
    line = (
        "  - {name: S, preset: twilio, components: a, objective: 99.9, tiers: default, direction: customer}\n"
    )
    (found,) = spec(HEAD + line).contracts

    assert found.expanded is not None
    assert found.expanded["terms"]["objective"] == "99.9"
    assert len(found.expanded["terms"]["tiers"]) == 4
    assert found.expanded["direction"] == "customer"
    assert found.expanded["terms"]["exclusions"] == {"mode": "count_as_up"}


def test_what_cannot_be_said_yet_has_its_reason() -> None:
    names = " ".join(each.name for each in inexpressible())

    assert all(word in names for word in ("S3", "Cloud Run", "Cloudflare", "GitHub"))
    assert all(each.why.endswith(".") for each in inexpressible())


def test_the_default_preset_is_the_default_profile() -> None:
    (found,) = spec(f"{HEAD}  - {{name: S, preset: default, components: a, aggregation: single}}\n").contracts

    assert found.expanded is not None
    assert found.expanded["terms"] == terms.document(terms.read({}))


def test_the_definitions_name_targets_tiers_severities_and_the_two_inconsistencies() -> None:
    page = (ROOT / "docs" / "SLA_DEFINITIONS.md").read_text("utf-8")

    assert reference.renewed(page) == page
    for part in definitions.PARTS:
        if part not in ("sla_presets", "sla_inexpressible"):
            assert f"generated: {part} " in page
    for word in (
        "Excellent",
        "Good",
        "Acceptable",
        "Poor",
        "15 minutes",
        "1 hour",
        "4 hours",
        "1 business day",
    ):
        assert word in page
    assert "11.5 of 43,200 minutes are an availability of 99.973 %" in page
    assert "a thousandth of it is 44.64 minutes" in page


@pytest.mark.parametrize(
    ("period", "exact", "shown"),
    [("2025-12", "13392/5", "2592"), ("2025-11", "2592", "2592"), ("2026-02", "12096/5", "12096/5")],
)
def test_the_figures_in_the_definitions_are_those_of_the_kernel(period: str, exact: str, shown: str) -> None:
    case = {**definitions.WORKED, "period": period, "maintenance": [], "components": [{
        "id": "a", "default_state": "up",
        "intervals": [{"state": "down", "start": f"{period}-01T00:00:00Z", "end": f"{period}-01T00:11:30Z"}],
    }]}  # fmt: skip

    found = evaluate_case(read_case(case))

    assert (found["allowed_seconds"], found["allowed_seconds_compat"]) == (exact, shown)
    if period == "2025-11":
        assert found["uptime_percent"].startswith("99.973")
