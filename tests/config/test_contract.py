from __future__ import annotations

import pytest
from tests.config.loading import refused, spec

from trueup.domain import terms

HEAD = """\
components:
  - {name: Frontend, checks: [http: http://localhost]}
  - {name: Backend, checks: [http: http://localhost]}
"""
GOOD = "{name: S, components: [frontend, backend], objective: 99.9, window: {calendar: month}}"


def contract(text: str) -> str:
    """Return a configuration with one contract."""
    return f"{HEAD}contracts:\n  - {text}\n"


def test_a_contract_is_kept_exactly_as_written_and_expanded() -> None:
    found = spec(
        contract(
            "{name: Standard, components: [frontend], objective: 99.90, window: {calendar: month, "
            "timezone: Europe/Moscow}, aggregation: single, tiers: [{min: 99.9, credit: 0}, "
            "{min: 0, credit: 5}], default: true}"
        )
    )

    (kept,) = found.contracts
    assert (kept.slug, kept.name) == ("standard", "Standard")
    assert kept.document == {
        "components": ["frontend"],
        "objective": "99.90",
        "window": {"calendar": "month", "timezone": "Europe/Moscow"},
        "aggregation": "single",
        "tiers": [{"min": "99.9", "credit": 0}, {"min": 0, "credit": 5}],
        "default": True,
    }
    assert kept.expanded is not None
    assert kept.expanded["terms"] == terms.document(
        terms.read(
            {
                "objective": "99.9",
                "window": {"type": "calendar", "period": "month", "timezone": "Europe/Moscow"},
                "tiers": [{"min": "99.9", "credit": "0"}, {"min": "0", "credit": "5"}],
            }
        )
    )
    assert found.notices == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[frontend, backend]",
            "[frontent]",
            "no component has the slug 'frontent': did you mean 'frontend'?",
        ),
        ("[frontend, backend]", "[xyz]", "no component has the slug 'xyz': there are backend, frontend"),
        ("[frontend, backend]", "[backend, backend]", "component 'backend' stands in this contract twice"),
        ("[frontend, backend]", "[]", "components is empty: write at least one"),
        ("99.9", "101", "objective: 101 is no objective. Write a percentage above 0 and at most 100,"),
        (
            "99.9",
            "0",
            "objective: 0 is no objective. Write a percentage above 0 and at most 100, such as 99.9",
        ),
        ("99.9", "1e999999999", "objective: '1e999999999' is no number. Write one such as 99.9"),
        (
            "{calendar: month}",
            "{calendar: fortnight}",
            "window.calendar: 'fortnight' is none of day, week, month, quarter, year",
        ),
        (
            "{calendar: month}",
            "{calender: month}",
            "unknown key 'calender' in window: did you mean 'calendar'?",
        ),
        (
            "{calendar: month}",
            "{calendar: month, rolling: 30d}",
            "a window is exactly one of calendar: PERIOD",
        ),
        ("{calendar: month}", "{rolling: 30}", "window.rolling: '30' has no unit: write 30s or 30ms"),
        (
            "{calendar: month}",
            "{fixed: {from: 2026-01-01}}",
            "fixed needs the keys from and to, and no others",
        ),
        ("{calendar: month}", "{calendar: month, timezone: Mars}", "window.timezone: 'Mars' is no time zone"),
        ("objective: 99.9, ", "", "a contract needs the key 'objective'"),
        (
            "objective",
            "aggregation: most, objective",
            "aggregation.type: 'most' is not known here. Write single, any, all,",
        ),
        (
            "objective",
            "aggregation: single, objective",
            "aggregation single speaks of one component, not of 2",
        ),
        (
            "objective",
            "objectif: 1, objective",
            "unknown key 'objectif' in a contract: did you mean 'objective'?",
        ),
        (
            "objective",
            "fee: -5 EUR, objective",
            "fee: '-5 EUR' is no amount of money: write one such as 1200 EUR",
        ),
        ("objective", "fee: 12 Euros, objective", "fee: '12 Euros' is no amount of money"),
        (
            "components: [frontend, backend], ",
            "components: {frontend: 0, backend: 0}, aggregation: weighted_mean, ",
            "components: no weight is above 0",
        ),
    ],
)
def test_a_contract_that_cannot_be_meant_is_refused(old: str, new: str, message: str) -> None:
    found = refused(contract(GOOD.replace(old, new)))

    assert len(found) == 1
    assert message in found[0]


def test_aggregation_may_carry_its_number() -> None:
    found = spec(contract(GOOD.replace("objective", "aggregation: {quorum: 2}, objective")))

    assert found.contracts[0].document["aggregation"] == {"quorum": 2}


def test_contracts_have_names_of_their_own() -> None:
    assert refused(f"{HEAD}contracts:\n  - {GOOD}\n  - {GOOD}\n") == [
        "6:12: name 'S' is taken by the contract on line 5: give one of them another name"
    ]
