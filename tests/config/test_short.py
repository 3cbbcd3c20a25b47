"""What people write of a contract, what it means, and what is said of what cannot be meant."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.config.loading import errors, refused, spec
from tests.config.test_random import outcome

from trueup.config.problem import ConfigErrors
from trueup.domain import terms
from trueup.domain.spec import ContractSpec

HEAD = """\
site: {timezone: Europe/Moscow}
components:
  - {name: Frontend, checks: [http: http://localhost]}
  - {name: Backend, checks: [{http: http://localhost, interval: 10s}]}
  - {name: Hidden, checks: [{http: http://localhost, counts: false}]}
contracts:
"""
PLAIN = {"name": "S", "components": "[frontend, backend]", "objective": "99.5", "window": "month"}


def text(**keys: str) -> str:
    """Return a configuration with one contract whose keys stand one on a line; an empty one is left out."""
    lines = [f"{key.replace('__', '-')}: {value}" for key, value in {**PLAIN, **keys}.items() if value]
    return HEAD + "  - " + "\n    ".join(lines) + "\n"


def contract(**keys: str) -> ContractSpec:
    return spec(text(**keys)).contracts[0]


def expanded(**keys: str) -> dict[str, Any]:
    found = contract(**keys).expanded
    assert found is not None
    return dict(found)


def notices(source: str) -> list[str]:
    """Return what is said of a configuration, but that a component has no availability."""
    return [each for each in spec(source).notices if "it has no availability" not in each]


def meant(key: str, value: str, **more: str) -> Any:
    """Return what a key of the terms means."""
    return expanded(**{key: value}, **more)["terms"][key]


@pytest.mark.parametrize(
    ("key", "written", "meaning"),
    [
        ("window", "week", {"type": "calendar", "period": "week", "timezone": "Europe/Moscow"}),
        ("window", "{calendar: day, timezone: UTC}",
         {"type": "calendar", "period": "day", "timezone": "UTC"}),
        ("window", "{rolling: 30d}", {"type": "rolling", "seconds": 2_592_000}),
        (
            "window",
            "{type: calendar, period: year, timezone: UTC}",
            {"type": "calendar", "period": "year", "timezone": "UTC"},
        ),
        ("aggregation", "all", {"type": "all"}),
        ("aggregation", "{quorum: 2}", {"type": "quorum", "k": 2}),
        ("aggregation", "{type: quorum, k: 1}", {"type": "quorum", "k": 1}),
        (
            "aggregation",
            "{weighted_mean: {frontend: 3, backend: 0.5}}",
            {"type": "weighted_mean", "weights": {"frontend": "3", "backend": "0.5"}},
        ),
        ("maintenance", "ignore", {"mode": "ignore", "min_notice_seconds": 0, "cap_seconds": None}),
        (
            "maintenance",
            "{notice: 48h, cap: 4h}",
            {"mode": "exclude", "min_notice_seconds": 172_800, "cap_seconds": 14_400},
        ),
        (
            "maintenance",
            "{mode: count_as_up, min_notice_seconds: 60}",
            {"mode": "count_as_up", "min_notice_seconds": 60, "cap_seconds": None},
        ),
        ("exclusions", "ignore", {"mode": "ignore"}),
        ("unknown", "down", "down"),
        ("paused", "exclude", "exclude"),
        ("degraded_weight", "1/3", "1/3"),
        ("min_outage", "5m", {"seconds": 300, "basis": "raw", "counting": "full"}),
        (
            "min_outage",
            "{length: 5m, basis: counted, counting: excess}",
            {"seconds": 300, "basis": "counted", "counting": "excess"},
        ),
        ("slices", "{length: 1m, bad_when: 5%}", {"seconds": 60, "bad_when": "0.05"}),
        ("slices", "{length: 5m}", {"seconds": 300, "bad_when": "any"}),
        ("edge", "conservative", "conservative"),
        ("rounding", "{digits: 2, mode: half_up}", {"digits": 2, "mode": "half_up"}),
        ("rounding", "none", None),
        ("min_coverage", "95 %", "95"),
        ("tiers", "{99.5: 0, 99: 10 %, 0: 25}", [
            {"min": "99.5", "credit": "0"}, {"min": "99", "credit": "10"}, {"min": "0", "credit": "25"},
        ]),
        ("tiers", "twilio", [{"min": "99.95", "credit": "0"}, {"min": "0", "credit": "10"}]),
        ("tiers", "[]", []),
    ],
)  # fmt: skip
def test_the_short_form_means_one_document(key: str, written: str, meaning: Any) -> None:
    assert meant(key, written) == meaning


def test_default_tiers_begin_at_the_objective() -> None:
    assert [each["min"] for each in expanded()["terms"]["tiers"]] == ["99.5", "99", "95", "0"]
    assert [each["min"] for each in expanded(objective="95")["terms"]["tiers"]] == ["95", "0"]


def test_components_with_weights_make_a_weighted_mean() -> None:
    found = expanded(components="{frontend: 3, backend: 1}", aggregation="weighted_mean")

    assert found["components"] == ["backend", "frontend"]
    assert found["terms"]["aggregation"]["weights"] == {"frontend": "3", "backend": "1"}


def test_business_hours_are_written_by_days() -> None:
    found = meant(
        "schedule", "{mon-fri: 9:00-18:00, 'sat, sun': [10:00-12:00, 13:00-24:00], holidays: [2026-01-01]}"
    )

    days = ["mon", "tue", "wed", "thu", "fri"]
    assert found == {
        "timezone": "Europe/Moscow",
        "weekly": [
            {"days": days, "from": "09:00", "to": "18:00"},
            {"days": ["sat", "sun"], "from": "10:00", "to": "12:00"},
            {"days": ["sat", "sun"], "from": "13:00", "to": "24:00"},
        ],
        "holidays": ["2026-01-01"],
    }


def test_a_country_has_its_holidays_and_a_region_more() -> None:
    years = {"contract_from": "2026-02-01", "contract_to": "2026-11-01"}
    hours = (
        "{mon-fri: 09:00-18:00, holidays: {country: DE, region: BY, also: 2026-12-24, except: [2026-05-01]}}"
    )

    days = meant("schedule", hours, **years)["holidays"]

    assert {"2026-01-06", "2026-10-03", "2026-12-24", "2026-12-25"} <= set(days)
    assert "2026-05-01" not in days
    assert {day[:4] for day in days} == {"2026"}


def test_without_the_package_a_country_is_refused_with_the_command_to_install_it() -> None:
    trial = (
        "import sys; sys.modules['holidays'] = None\n"
        "from tests.config.test_short import refused, text\n"
        "print(*refused(text(schedule='{mon-fri: 09:00-18:00, holidays: {country: DE}}')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", trial], capture_output=True, text=True, timeout=60, check=True
    )

    assert "pip install 'trueup[holidays]', or write the dates as a list" in done.stdout


def test_everything_beside_the_terms_is_in_the_document() -> None:
    found = expanded(
        direction="supplier",
        parties="{provider: {name: ACME, reference: K-17}, customer: We}",
        fee="1200.50 EUR",
        settle="48h",
        contract_from="2026-01-01",
        contract_to="2027-01-01T00:00:00Z",
        budget_basis="exact",
    )

    del found["terms"], found["components"]
    assert found == {
        "direction": "supplier",
        "parties": {
            "provider": {"name": "ACME", "contact": "", "reference": "K-17"},
            "customer": {"name": "We", "contact": "", "reference": ""},
        },
        "fixed": None,
        "fee": "1200.5",
        "currency": "EUR",
        "contract_from": "2025-12-31T21:00:00Z",
        "contract_to": "2027-01-01T00:00:00Z",
        "settle_seconds": 172_800,
        "budget_basis": "exact",
    }


def test_the_default_profile_is_what_a_month_of_99_9_means() -> None:
    found = expanded(objective="99.9", window="{calendar: month, timezone: UTC}", aggregation="single",
                     components="[backend]")  # fmt: skip

    assert found["terms"] == terms.document(terms.read({}))
    assert (found["settle_seconds"], found["budget_basis"]) == (86_400, "min_nominal30")


def test_a_fixed_window_has_its_days() -> None:
    found = expanded(window="{fixed: {from: 2026-01-01, to: 2026-04-01}, timezone: UTC}")

    assert found["fixed"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"components": "[frontent]"}, "8:18: no component has the slug 'frontent': did you mean 'frontend'"),
        ({"components": "[hidden]"}, "8:18: no check of component 'hidden' counts, so it has no availabilit"),
        ({"components": ""}, "7:5: a contract needs the key 'components'"),
        ({"objective": "0"}, "9:16: objective: 0 is no objective. Write a percentage above 0 and at most 10"),
        ({"objective": "100.01"}, "9:16: objective: 100.01 is no objective."),
        ({"objective": ""}, "7:5: a contract needs the key 'objective'"),
        ({"window": "{calendar: month, timezone: Europe/Berln}"}, "10:41: window.timezone: 'Europe/Berln' i"),
        ({"window": "mont"}, "10:13: window.calendar: 'mont' is none of day, week, month, quarter, year: di"),
        ({"window": "{rolling: 0s}"}, "10:23: window.rolling: it is shorter than a second"),
        (
            {"window": "{fixed: {from: 2026-02-01, to: 2026-02-01}}"},
            "10:21: window.fixed: it is empty: from 2026-02-01 is not before to 2026-02-01. Write a later to",
        ),
        ({"aggregation": "weighted_mean"}, "11:18: aggregation: weighted_mean needs weights: write componen"),
        (
            {"aggregation": "{weighted_mean: {frontend: 3}}"},
            "11:18: weights are missing for backend: write one for each",
        ),
        ({"aggregation": "{quorum: 3}"}, "11:18: quorum 3 of 2 components can never be down: write 1 to 2"),
        ({"components": "{frontend: 1}"}, "aggregation: the components have weights, which only weighted_me"),
        ({"fee": "100"}, "11:10: fee: it has no currency: write fee: 100 EUR, or add currency: EUR"),
        ({"fee": "1200 EUR", "currency": "USD"}, "11:10: fee: it is in EUR, and currency says USD: leave on"),
        ({"fee": "-1 EUR"}, "11:10: fee: '-1 EUR' is no amount of money"),
        ({"fee": "1", "currency": "euro"}, "fee: 'euro' is no currency: write its three letters, such as EU"),
        (
            {"tiers": "[{min: 99, credit: 10}, {min: 99.9, credit: 0}, {min: 0, credit: 100}]"},
            "11:36: tiers.2: the tier from 99.9 stands below that from 99. Swap them.",
        ),
        (
            {"tiers": "[{min: 99.9, credit: 0}, {min: 99.9, credit: 10}, {min: 0, credit: 100}]"},
            "11:37: tiers.2: two tiers begin at 99.9: they overlap. Leave one out.",
        ),
        (
            {"tiers": "[{min: 99.9, credit: 0}, {min: 95, credit: 10}]"},
            "11:12: tiers: between 0 and 95 no tier holds: a gap. Add a tier with min 0.",
        ),
        ({"tiers": "{99: 10, 99.9: 20, 0: 100}"}, "11:17: tiers.99: from 99 on the credit is 10, less"),
        ({"tiers": "aws"}, "11:12: tiers: no preset is called 'aws'"),
        ({"schedule": "{mon-fri: 09:00}"}, "11:25: schedule.mon-fri: '09:00' are no hours: write such as"),
        ({"schedule": "{mon-fry: 09:00-18:00}"}, "schedule.mon-fry: 'mon-fry' names no days of the week: di"),
        ({"schedule": "{mon-fri: 22:00-06:00}"}, "11:25: schedule.mon-fri: hours from 22:00 to 06:00 are no"),
        (
            {"schedule": "{mon-fri: 09:00-18:00, holidays: {country: Germany}}"},
            "11:58: schedule.holidays.country: 'Germany' is no country: write its code, such as DE",
        ),
        ({"schedule": "{mon-fri: 09:00-18:00, holidays: [soon]}"}, "'soon' is no date. Write one such as"),
        ({"maintenance": "{notice: 48}"}, "11:27: maintenance.notice: '48' has no unit: write 48s or 48ms"),
        ({"maintenance": "{notic: 48h}"}, "unknown key 'notic' in maintenance: did you mean 'notice'?"),
        ({"degraded_weight": "2"}, "11:22: degraded_weight: 2 is out of bounds. Write a number from 0 to 1."),
        ({"unknown": "maybe"}, "11:14: unknown: 'maybe' is not known here. Write exclude, up, down or carry"),
        ({"direction": "ours"}, "11:16: direction: 'ours' is not known: write customer or supplier"),
        ({"parties": "{provider: {contact: x}}"}, "11:25: parties.provider: a party needs the key 'name'"),
        (
            {"contract_from": "2026-05-01", "contract_to": "2026-05-01"},
            "12:18: contract_to: 2026-05-01 is not after contract_from 2026-05-01: the contract would never ",
        ),
        ({"contract_from": "soon"}, "11:20: contract_from: 'soon' is neither a date such as 2026-01-01 nor"),
        ({"settle": "24"}, "11:13: settle '24' has no unit: write 24s or 24ms"),
        ({"preset": "aws-ec3"}, "11:13: no preset is called 'aws-ec3': did you mean 'aws-ec2'?"),
        ({"min_outage": ""}, ""),
        ({"edge": "~"}, "11:11: edge: it is empty: write a value, or leave the key out"),
        ({"tires": "[]"}, "11:5: unknown key 'tires' in a contract: did you mean 'tiers'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_where_it_stands(keys: dict[str, str], message: str) -> None:
    if not message:
        assert contract(**keys).expanded
        return

    found = refused(text(**keys))

    assert [each for each in found if message in each], found


def test_everything_wrong_with_a_contract_is_said_at_once() -> None:
    found = errors(text(objective="0", fee="5", edge="x", window="{calendar: month, timezone: Mars}"))

    assert [each.message.partition(":")[0] for each in found.problems] == [
        "objective", "window.timezone", "fee", "edge",
    ]  # fmt: skip


def test_the_line_of_a_wrong_tier_is_shown() -> None:
    assert "tiers: {99.9: 20, 99: 10}" in errors(text(tiers="{99.9: 20, 99: 10}")).report()


def test_only_one_contract_leads() -> None:
    two = text(default="true") + text(name="T", default="true").removeprefix(HEAD)

    assert refused(two) == ["16:14: the contract on line 11 is the default already: leave it out"]


@pytest.mark.parametrize(
    ("keys", "notice"),
    [
        (
            {"objective": "99.99"},
            "is asked every 1m: one probe stands for 23.1 % of that. An interval of 20s or less resolves it",
        ),
        (
            {"objective": "99.999"},
            "9:16: objective 99.999 leaves 25.9 s a month, and component 'frontend' is asked every 1m",
        ),
        (
            {"objective": "99.999"},
            "one probe stands for more than that, so no verdict is given. An interval of 2s or less resolves",
        ),
        (
            {"objective": "99.99", "window": "day"},
            "so no verdict is given. No interval is short enough: take a longer window, or a lower objective",
        ),
        (
            {"tiers": "{99: 0, 0: 10}"},
            "11:12: the objective is 99.5, but nothing is due before 99",
        ),
        (
            {"tiers": "{99.9: 0, 0: 10}"},
            "11:12: below 99.9 a credit is due although the objective 99.5 is met until then",
        ),
        (
            {"preset": "aws-ec2", "tiers": "{99.5: 0, 0: 10}"},
            "preset aws-ec2: tiers, window, maintenance not verified against its text yet",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_is_said(keys: dict[str, str], notice: str) -> None:
    found = notices(text(**keys))

    assert [each for each in found if notice in each], found


def test_one_vantage_that_asks_once_carries_no_99_9() -> None:
    shaky = text(objective="99.9", components="[backend]").replace(
        "interval: 10s", "interval: 10s, confirm: 1"
    )

    (found,) = notices(shaky)
    assert found.removeprefix("trueup.yaml:9:16: ") == (
        "99.9 with one vantage: 0.1 % false failures cost the month's budget; confirm >= 2 or a second region"
    )


@pytest.mark.parametrize("keys", [{}, {"objective": "100"}, {"objective": "99.9"}])
def test_a_sound_contract_is_met_with_silence(keys: dict[str, str]) -> None:
    assert notices(text(**keys)) == []


@settings(max_examples=60)
@given(
    keys=st.dictionaries(
        st.sampled_from([*terms.DEFAULTS, "fee", "currency", "parties", "contract_from", "preset"]),
        st.sampled_from(
            ["~", "5", "any", "x", "[]", "{}", "[1, {a: b}]", "{a: 1}", "{type: calendar}", "2026-01-01",
             "{weighted_mean: []}", "{quorum: x}", "{mon-fri: [x]}", "{holidays: {country: [1]}}", "{99: {}}",
             "{rolling: 1d}", "{fixed: {from: 1, to: 2}}", "{length: {}}", "9999-12-31", "true", "1/0"]
        ),
        max_size=4,
    )
)  # fmt: skip
def test_whatever_is_written_is_a_contract_or_errors(keys: dict[str, str]) -> None:
    found = outcome(text(**keys).encode())

    assert isinstance(found, ConfigErrors) or found.contracts[0].expanded
