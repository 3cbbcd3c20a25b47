"""A case that cannot be used is refused with the place, the value and the remedy; never with a traceback."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.domain.interval import Span, Spans
from trueup.domain.node import DocumentError, parse
from trueup.domain.result import State
from trueup.domain.sla import CaseError, Probed, evaluate_case, judge, read_case
from trueup.domain.sla.file import evaluate_file
from trueup.domain.sla.writing import money, percent

PLAIN: dict[str, Any] = {
    "id": "plain",
    "contract": {"window": {"type": "calendar", "period": "month", "timezone": "UTC"}},
    "period": "2026-02",
    "components": [{"id": "shop", "intervals": [{"state": "up", "start": "2026-02-01T00:00:00Z"}]}],
}
START, END = "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"


def changed(path: str, value: Any, basis: dict[str, Any] = PLAIN) -> dict[str, Any]:
    """Return a case with a value at a path of keys and positions; ``...`` takes the key away."""
    document: Any = deepcopy(basis)
    at = document
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    for step in steps:
        at = at[step] if isinstance(step, int) else at.setdefault(step, {})
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return dict(document)


def refusal(document: Any) -> str:
    with pytest.raises(CaseError) as caught:
        evaluate_case(read_case(document))
    return str(caught.value)


RECORD = "components.0.intervals.0"
REFUSED = json.loads((Path(__file__).parent / "refused.json").read_text("utf-8"))


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row["at"])
def test_what_cannot_be_used_is_refused_with_place_and_remedy(row: dict[str, Any]) -> None:
    assert refusal(changed(row["at"], row.get("value", ...))) == row["says"]


def test_a_place_in_a_file_is_named_from_the_top_of_the_file() -> None:
    with pytest.raises(CaseError, match=r"^cases\[1\]\.contract\.objective: '0' is no objective"):
        evaluate_file({"cases": [PLAIN, changed("contract.objective", "0")]})
    with pytest.raises(CaseError, match=r"^cases\[0\]\.components: there is none"):
        evaluate_file({"cases": [changed("components", [])]})


def test_components_must_fit_the_terms() -> None:
    two = changed("components", [PLAIN["components"][0], {**PLAIN["components"][0], "id": "api"}])
    same = changed("contract.aggregation", {"type": "any"}, changed("components", PLAIN["components"] * 2))
    mean = changed("contract.aggregation", {"type": "weighted_mean", "weights": {"shop": 1}}, two)

    assert refusal(two) == (
        "contract.aggregation: single cannot speak for 2 components. "
        "Write any, all, quorum, weighted_mean or worst, or name one component."
    )
    assert refusal(same) == "components: two have the id 'shop'. Give each an id of its own."
    assert refusal(mean) == "contract.aggregation.weights: 'api' has no weight. Give it one."


@pytest.mark.parametrize("start", [START, END])
def test_a_contract_cannot_end_before_or_as_it_begins(start: str) -> None:
    both = changed("contract_from", start, changed("contract_to", START))

    assert refusal(both) == "contract_to: the contract ends before it begins. Write a later instant."


def test_a_check_cannot_end_before_it_begins() -> None:
    both = changed("components.0.since", END, changed("components.0.until", START))

    assert refusal(both) == "components[0].until: it lies before since. Write a later instant."


def test_a_check_or_a_record_may_end_as_it_begins() -> None:
    empty = {"state": "down", "start": START, "end": START}
    check = {"id": "http", "intervals": [empty], "since": START, "until": START, "about": {"interval": 60}}
    [part] = read_case(changed("components.0", {"id": "shop", "checks": [check]})).components

    [timeline] = part.checks
    assert (timeline.since_us, timeline.until_us) == (1_769_904_000_000_000,) * 2
    [record] = timeline.records
    assert record.start_us == record.end_us == 1_769_904_000_000_000


def test_a_fixed_window_has_a_start_and_an_end_and_no_more() -> None:
    fixed = changed("contract.window", {"type": "fixed"})

    assert refusal({**fixed, "window": {"start": START}}) == "window: the key 'end' is missing. Add it."
    assert refusal({**fixed, "window": {"start": START, "end": END, "zone": "UTC"}}) == (
        "window: the key 'zone' is not known here. Known are start, end."
    )


def test_a_day_that_a_zone_skipped_is_no_window() -> None:
    day = {"type": "calendar", "period": "day", "timezone": "Pacific/Apia"}
    skipped = changed("period", "2011-12-30", changed("contract.window", day))

    assert refusal(skipped).startswith("no instant lies in the window.")


def test_everything_a_case_can_say_is_read() -> None:
    probe = ["2026-02-01T00:00:00Z", "2026-02-01T00:00:00.5Z"]
    record = {"state": "down", "start": START, "end": END, **dict.fromkeys("abcd", probe)}
    check = {
        "id": "http", "intervals": [record], "blips": [{"state": "down", **dict.fromkeys("abcd", probe)}],
        "since": START, "until": END, "covered_until": END,
    }  # fmt: skip
    planned = {"id": "m1", "start": START, "end": END, "announced_at": START, "cancelled": True, "about": {}}
    case = read_case(
        {
            "contract": {"objective": Decimal("99.95"), "edge": "midpoint"},
            "period": "2026-02",
            "as_of": END, "contract_from": START, "contract_to": END, "fee": 12,
            "components": [
                {"id": "shop", "name": "Shop", "default_state": "up", "down_when": 2, "checks": [check] * 2,
                 "maintenance": [planned]},
            ],
            "maintenance": [planned],
            "exclusions": [{"id": "e1", "start": START, "end": END, "approved": False, "reason": "customer",
                            "about": {}}],
            "resolved": {"window": [[START, END], [END, "2026-02-03T00:00:00Z"]], "schedule": [START, END]},
        }
    )  # fmt: skip
    start_us, day_us = 1_769_904_000_000_000, 86_400_000_000
    asked = Probed(start_us, start_us + 500_000)

    assert case.window == Spans([(start_us, start_us + 2 * day_us)])
    assert case.spans == case.schedule == Spans([(start_us, start_us + day_us)])
    assert (case.as_of_us, case.contract_from_us, case.contract_to_us) == (
        start_us + day_us, start_us, start_us + day_us,
    )  # fmt: skip
    assert case.fee == 12
    assert (case.period, case.terms.edge) == ("2026-02", "midpoint")
    [part] = case.components
    assert (part.id, part.down_when, part.default_state, part.check_ids) == (
        "shop", "2", State.UP, ("http", "http"),
    )  # fmt: skip
    [timeline, _] = part.checks
    [read], [blip] = timeline.records, timeline.blips
    assert (timeline.since_us, timeline.until_us, timeline.covered_until_us) == (
        start_us, start_us + day_us, start_us + day_us,
    )  # fmt: skip
    assert (read.a, read.b, read.c, read.d) == (blip.a, blip.b, blip.c, blip.d) == (asked,) * 4
    [own], [service] = part.maintenance, case.maintenance
    assert own == service
    assert (own.id, own.announced_us, own.cancelled) == ("m1", start_us, True)
    [exclusion] = case.exclusions
    assert (exclusion.id, exclusion.approved, exclusion.reason) == ("e1", False, "customer")


def test_what_is_left_out_means_what_the_model_says() -> None:
    case = read_case({key: PLAIN[key] for key in ("contract", "period", "components")})
    [part] = case.components

    assert (part.default_state, part.down_when) == (State.UNKNOWN, "any")
    assert (part.check_ids, part.maintenance, case.maintenance, case.exclusions) == ((), (), (), ())
    assert (case.as_of_us, case.fee, case.schedule) == (None, None, None)


def test_an_overlay_needs_no_name_and_may_be_empty() -> None:
    plain = {"start": START, "end": START}
    case = read_case({**PLAIN, "maintenance": [plain], "exclusions": [plain]})
    [planned], [excluded] = case.maintenance, case.exclusions

    assert (planned.id, planned.announced_us, planned.cancelled) == ("", None, False)
    assert (excluded.id, excluded.reason, excluded.approved) == ("", "", True)
    for key in ("maintenance", "exclusions"):
        assert refusal({**PLAIN, key: [{**plain, "ends": END}]}).startswith(
            f"{key}[0]: the key 'ends' is not"
        )
        assert refusal({**PLAIN, key: [{"start": START}]}) == f"{key}[0]: the key 'end' is missing. Add it."


def test_a_rolling_window_ends_now_and_is_closed() -> None:
    rolling = changed("contract.window", {"type": "rolling", "seconds": 86400}, {**PLAIN, "as_of": END})
    found = evaluate_case(read_case(rolling))

    assert (found["window_start"], found["window_end"], found["outcome"]) == (START, END, "met")
    assert "budget_exhausted_at_if_down_from_now" not in found
    assert "allowed_seconds_compat" not in found


def test_a_fee_may_be_nothing_and_less_than_one() -> None:
    assert evaluate_case(read_case({**PLAIN, "fee": "0"}))["credit_amount"] == "0.00"
    assert evaluate_case(read_case({**PLAIN, "fee": "0.5"}))["credit_amount"] == "0.00"


def test_a_blip_says_its_state_and_its_probes_and_no_more() -> None:
    blip = {"state": "down", "b": [START, END], "c": [START, END], "about": {"region": "local"}}

    assert read_case(changed("components.0.blips", [blip])).components[0].checks[0].blips
    assert refusal(changed("components.0.blips", [{**blip, "e": 1}])).startswith(
        "components[0].blips[0]: the key 'e' is not known here."
    )
    assert refusal(changed("components.0.blips", [{"b": [START, END]}])) == (
        "components[0].blips[0]: the key 'state' is missing. Add it."
    )


def test_a_document_may_be_one_case() -> None:
    assert evaluate_file(PLAIN) == {"results": [{"id": "plain", "result": evaluate_case(read_case(PLAIN))}]}


def test_a_case_stands_alone_and_not_among_others() -> None:
    with pytest.raises(CaseError, match=r"^the key 'cases' is not known here\."):
        evaluate_file({**PLAIN, "cases": [PLAIN]})


def test_percentages_and_amounts_below_nothing_have_their_sign_and_are_cut_off_downwards() -> None:
    assert percent(Fraction(-1, 3)) == "-33.333334"
    assert money(Fraction(-5, 4)) == "-1.25"


def test_resolved_instants_stand_above_the_zones() -> None:
    given = changed("resolved", {"window": [START, END], "schedule": None})

    assert judge(read_case(given)).window == Span(1_769_904_000_000_000, 1_769_990_400_000_000)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1, column 1: this is no JSON (Expecting value). Mend it there."),
        ('{"a": 1,\n}', "line 2, column 1: this is no JSON"),
        ('{"a": NaN}', "NaN is no number. Write a number, or null."),
        ('{"a": 1, "a": 2}', "an object has the key 'a' twice. Keep one of the two."),
        ("[" * 100_000, "this JSON is nested too deeply. Write it flatter."),
        ("9" * 5000, "a number in it cannot be read"),
    ],
)
def test_a_text_that_is_no_json_is_refused_with_the_place(text: str, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(text)

    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "[] is no object. Write one in braces, with keys and values."),
        ({"cases": [], "schema": "2"}, "schema: '2' is not known here. Write trueup-sla-cases/1."),
        ({"cases": [], "more": 1}, "the key 'more' is not known here."),
        ({"defaults": {"objective": 0}, "cases": []}, "defaults.objective: 0 is no objective."),
        ({"tier_cases": [{}]}, "tier_cases[0]: the key 'uptime_percent_exact' is missing. Add it."),
        ({"tier_cases": [{"uptime_percent_exact": "101"}]},
         "tier_cases[0].uptime_percent_exact: '101' is out of bounds. Write a number from 0 to 100."),
        ({"window_cases": [{"timezone": "UTC", "period": "month", "label": "x"}]},
         "window_cases[0]: 'x' is no month."),
        ({"window_cases": [{"timezone": "Pacific/Apia", "period": "day", "label": "2011-12-30"}]},
         "window_cases[0].label: 2011-12-30 does not exist in Pacific/Apia: its clocks skipped it."),
        ({"probe_cases": [{"interval_seconds": 0, "probes": []}]},
         "probe_cases[0].interval_seconds: 0 is no interval. Write more than 0 seconds."),
        ({"probe_cases": [{"interval_seconds": 1, "probes": [[1]]}]},
         "probe_cases[0].probes[0]: [1] is no probe. Write its second and whether it was good: [60, true]."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_the_place(document: Any, sentence: str) -> None:
    with pytest.raises(CaseError) as caught:
        evaluate_file(document)

    assert str(caught.value).startswith(sentence)


def test_defaults_of_a_file_hold_where_a_contract_is_silent() -> None:
    found = evaluate_file({"defaults": {"objective": "50"}, "cases": [PLAIN], "tier_cases": [
        {"uptime_percent_exact": "60"}]})  # fmt: skip

    assert found["results"][0]["result"]["allowed_seconds"] == "1209600"
    assert found["tier_cases"][0]["exact"] == {"breached": False, "credit_percent": "100"}


@pytest.mark.parametrize(
    ("probes", "confirm", "outages", "unconfirmed", "unknown"),
    [
        # It goes on: seen until the end of what the last probe covers.
        ([[0, True], [60, False]], 1, [("60", "120", "0", "120", "30", "120", False, True)], [], []),
        # One failure of two that are asked for.
        ([[0, True], [60, False], [120, True]], 2, [], [("60", "120", "0", "120", "30", "90", False, False)],
         []),
        # Silence ends what was seen, and begins what is not known.
        (
            [[0, True], [60, False], [400, False], [460, True]], 1,
            [("60", "120", "0", "120", "30", "120", False, True),
             ("400", "460", "0", "60", "400", "430", True, False)],
            [], [("120", "400")],
        ),
        (
            [[0, True], [60, False], [150, False], [210, True]], 1,
            [("60", "210", "90", "210", "30", "180", False, False)], [], [],
        ),
        ([[0, True], [90, True], [180, True]], 1, [], [], []),  # one and a half intervals are not silence yet
    ],
)  # fmt: skip
def test_probes_are_read_as_the_model_says(
    probes: list[Any], confirm: int, outages: list[Any], unconfirmed: list[Any], unknown: list[Any]
) -> None:
    keys = ("observed_start", "observed_end", "duration_lo", "duration_hi", "estimate_start", "estimate_end",
            "open_before", "open_after")  # fmt: skip
    [found] = evaluate_file(
        {"probe_cases": [{"interval_seconds": 60, "confirm": confirm, "probes": probes}]}
    )["probe_cases"]

    assert [tuple(each[key] for key in keys) for each in found["outages"]] == outages
    assert [tuple(each[key] for key in keys) for each in found["unconfirmed"]] == unconfirmed
    assert [(each["start"], each["end"]) for each in found["unknown"]] == unknown


def test_silence_and_confirmation_may_be_left_out() -> None:
    case = {"interval_seconds": 60, "probes": [[0, True], [91, False], [200, True]]}
    strict = {**case, "gap_factor": "2", "confirm": 2}
    [first, second] = evaluate_file({"probe_cases": [case, strict]})["probe_cases"]

    assert [each["fails"] for each in first["outages"]] == [1]
    assert [each["start"] for each in first["unknown"]] == ["60", "151"]
    assert ([*second["outages"]], len(second["unconfirmed"]), second["unknown"]) == ([], 1, [])


@pytest.mark.parametrize(
    ("key", "value"), [("gap_factor", "1001"), ("gap_factor", "0"), ("confirm", 0), ("confirm", 1001)]
)
def test_silence_and_confirmation_have_bounds(key: str, value: Any) -> None:
    case = {"interval_seconds": 60, "probes": [], key: value}
    with pytest.raises(
        CaseError, match=rf"^probe_cases\[0\]\.{key}: .* is out of bounds. Write a number from 1 to 1000"
    ):
        evaluate_file({"probe_cases": [case]})


def test_without_tiers_nothing_is_due_back() -> None:
    found = evaluate_file(
        {"defaults": {"tiers": []}, "cases": [PLAIN], "tier_cases": [{"uptime_percent_exact": 1}]}
    )

    assert found["tier_cases"][0]["exact"] == {"breached": True, "credit_percent": "0"}
    assert found["results"][0]["result"]["credit_percent"] == "0"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.decimals(allow_nan=False)
    | st.sampled_from([START, END, "down", "99.9", "1/0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
places = st.sampled_from(
    ["contract", "contract.objective", "contract.window", "contract.tiers", "contract.schedule", "period",
     "contract.min_outage", "contract.aggregation", "contract.slices", "components", "components.0.checks",
     "components.0.intervals", RECORD, RECORD + ".start", RECORD + ".a", "components.0.blips", "maintenance",
     "exclusions", "resolved", "fee", "as_of", "window", "contract.rounding", "contract.degraded_weight"]
)  # fmt: skip


@settings(max_examples=150)
@given(places, anything)
def test_whatever_stands_in_a_case_it_is_judged_or_refused(place: str, value: Any) -> None:
    try:
        result = evaluate_case(read_case(changed(place, value)))
    except CaseError:
        return  # any other error fails
    json.dumps(result)
