"""The JSON Schemas of contracts: as they are written, as they are kept, and of the cases judged by them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trueup.config.agreement import BUDGETS, DIRECTIONS, PARTIES, PARTY
from trueup.config.presets import presets
from trueup.domain import terms
from trueup.domain.calendar import PERIODS, WEEKDAYS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = {"type": "string", "pattern": r"\$\{"}  # a variable may hold anything
_NUMBER = {"type": ["number", "string"]}
_EXACT = {"type": ["number", "string"], "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?(/[0-9]+)?$"}
_SECONDS = {**_EXACT, "minimum": 0}
_LENGTH = {"anyOf": [{"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(us|ms|s|sec|m|min|h|d)\s*$"},
                     {"const": 0}, {"const": "0"}, _REFERENCE]}  # fmt: skip
_LEAF = {"type": ["string", "number", "boolean"]}
_DATE = {"type": "string", "pattern": r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|.*\$\{)"}
_ISO = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]"}
_DAY = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_CLOCK = {"type": "string", "pattern": r"^[0-2][0-9]:[0-5][0-9]$"}
_NONE = {"type": "null"}
_PERCENT = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 100}, {"type": "string"}]}
_OBJECTIVE = {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 100}, {"type": "string"}]}


def properties() -> dict[str, Any]:
    """Return the keys of a contract in the configuration, each with what it may hold."""
    mode, amount = _word(terms.MODES), {"amount": _NUMBER, "currency": _LEAF}
    return {
        "preset": {**_word(presets()), "description": "A published agreement to begin with."},
        "direction": _word(DIRECTIONS),
        "parties": _nothing(_object({each: _any(_LEAF, _party(), _NONE) for each in PARTIES})),
        "components": _any(
            {"type": "string", "minLength": 1},
            {"type": "array", "minItems": 1, "items": _LEAF},
            {"type": "object", "minProperties": 1, "additionalProperties": _NUMBER},
        ),
        "aggregation": _nothing(_any(_word(terms.AGGREGATIONS), {"type": "object"})),
        "objective": _OBJECTIVE,
        "window": _any(_word(PERIODS), _short_window(), {**_window(), "required": ["type"]}),
        "schedule": _nothing(_short_schedule()),
        "maintenance": _any(mode, _object({
            "mode": mode, "notice": _LENGTH, "cap": _nothing(_LENGTH),
            "min_notice_seconds": _nothing(_SECONDS), "cap_seconds": _nothing(_SECONDS),
        })),
        "exclusions": _any(mode, _object({"mode": mode}, ["mode"])),
        "unknown": _word(terms.UNKNOWN),
        "paused": _word(terms.PAUSED),
        "degraded_weight": _NUMBER,
        "min_outage": _any(_LENGTH, _object({"length": _LENGTH, **_min_outage()})),
        "slices": _nothing(_object({"length": _LENGTH, **_slices()})),
        "edge": _word(terms.EDGES),
        "rounding": _nothing(_any({"enum": ["none", "exact"]}, _rounding())),
        "min_coverage": _nothing(_PERCENT),
        "tiers": _nothing(_any(
            {"type": "string"}, {"type": "array", "items": _tier()},
            {"type": "object", "additionalProperties": _NUMBER},
        )),
        "fee": _nothing(_any(_NUMBER, _object(amount, amount))),
        "currency": _nothing({"type": "string", "pattern": r"^([A-Z]{3}$|.*\$\{)"}),
        "budget_basis": _nothing(_word(BUDGETS)),
        **{key: _nothing(_DATE) for key in ("contract_from", "contract_to", "effective")},
    }  # fmt: skip


def contract() -> dict[str, Any]:
    """Return the JSON Schema of a contract as it is kept, hashed and put into statements."""
    party = _nothing(_object({key: {"type": "string"} for key in PARTY}, ["name"]))
    found = _object(
        {
            "direction": {"enum": list(DIRECTIONS)},
            "parties": _object(dict.fromkeys(PARTIES, party), PARTIES),
            "components": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
            "component_ids": {"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9]{12}$"}},
            "terms": {"$ref": "#/$defs/terms"},
            "fixed": _nothing(_object({"start": _ISO, "end": _ISO}, ["start", "end"])),
            "fee": _nothing(_EXACT),
            "currency": _nothing({"type": "string", "pattern": "^[A-Z]{3}$"}),
            "contract_from": _nothing(_ISO),
            "contract_to": _nothing(_ISO),
            "settle_seconds": _SECONDS,
            "budget_basis": {"enum": list(BUDGETS)},
        }
    )
    found["required"] = [key for key in found["properties"] if key != "component_ids"]
    return {"$schema": _DIALECT, "title": "A contract of trueup", **found, "$defs": {"terms": _terms()}}


def case() -> dict[str, Any]:
    """Return the JSON Schema of what ``trueup sla evaluate`` reads: one case, or many under ``cases``."""
    many = _object({"cases": {"type": "array", "items": {"$ref": "#/$defs/case"}}}, ["cases"], closed=False)
    return {
        "$schema": _DIALECT,
        "title": "A case of trueup",
        "anyOf": [{"$ref": "#/$defs/case"}, many],
        "$defs": {"case": _case(), "record": _record(), "terms": _terms()},
    }


def text(document: dict[str, Any]) -> str:
    """Return a JSON Schema as it is published."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _case() -> dict[str, Any]:
    records = {"type": "array", "items": {"$ref": "#/$defs/record"}}
    span = _object({"start": _ISO, "end": _nothing(_ISO)}, ["start"], closed=False)
    planned = {"type": "array", "items": span}
    component = _object(
        {
            "id": {"type": "string", "minLength": 1},
            "default_state": {"enum": ["up", "unknown", "degraded", "down", "paused"]},
            "intervals": records,
            "checks": {"type": "array", "items": {"type": "object"}},
            "maintenance": planned,
        },
        ["id"],
        closed=False,
    )
    return _object(
        {
            "id": {"type": "string"},
            "contract": {"$ref": "#/$defs/terms"},
            "period": {"type": "string"},
            "window": {"type": ["array", "object"]},
            "components": {"type": "array", "minItems": 1, "items": component},
            "maintenance": planned,
            "exclusions": planned,
            "as_of": _nothing(_ISO),
            "contract_from": _nothing(_ISO),
            "contract_to": _nothing(_ISO),
            "fee": _nothing(_EXACT),
        },
        ["contract", "components"],
        closed=False,
    )


def _record() -> dict[str, Any]:
    states = {"enum": ["down", "degraded", "up", "paused", "unknown"]}
    return _object({"state": states, "start": _ISO, "end": _nothing(_ISO)}, ["state", "start"], closed=False)


def _terms() -> dict[str, Any]:
    """Return what terms may hold; a key that is left out means what the default profile says."""
    mode, least = {"enum": list(terms.MODES)}, _nothing(_SECONDS)
    return _object({
        "objective": _EXACT,
        "window": _window(),
        "schedule": _nothing(_schedule()),
        "maintenance": _object({"mode": mode, "min_notice_seconds": least, "cap_seconds": least}, ["mode"]),
        "exclusions": _object({"mode": mode}, ["mode"]),
        "paused": {"enum": list(terms.PAUSED)},
        "unknown": {"enum": list(terms.UNKNOWN)},
        "degraded_weight": _EXACT,
        "min_outage": _object(_min_outage(), ["seconds"]),
        "slices": _nothing(_object(_slices(), ["seconds", "bad_when"])),
        "aggregation": _aggregation(),
        "rounding": _nothing(_rounding()),
        "tiers": {"type": "array", "items": _tier()},
        "min_coverage": _nothing(_EXACT),
        "edge": {"enum": list(terms.EDGES)},
    })  # fmt: skip


def _window() -> dict[str, Any]:
    calendar = {
        "type": {"const": "calendar"},
        "period": {"enum": list(PERIODS)},
        "timezone": {"type": "string"},
    }
    rolling = {"type": {"const": "rolling"}, "seconds": _SECONDS}
    fixed = _object({"type": {"const": "fixed"}}, ["type"])
    return {"oneOf": [_object(calendar, calendar), _object(rolling, rolling), fixed]}


def _short_window() -> dict[str, Any]:
    found = _object(
        {
            "calendar": _word(PERIODS),
            "rolling": _LENGTH,
            "fixed": _object({"from": _DATE, "to": _DATE}, ["from", "to"]),
            "timezone": {"type": "string", "minLength": 1},
        }
    )
    return {**found, "oneOf": [{"required": [form]} for form in ("calendar", "rolling", "fixed")]}


def _schedule() -> dict[str, Any]:
    hours = _object(
        {"days": {"type": "array", "items": {"enum": list(WEEKDAYS)}}, "from": _CLOCK, "to": _CLOCK},
        ["days", "from", "to"],
    )
    return _object(
        {
            "timezone": {"type": "string"},
            "weekly": {"type": "array", "minItems": 1, "items": hours},
            "holidays": _nothing({"type": "array", "items": _DAY}),
        },
        ["timezone", "weekly"],
    )


def _short_schedule() -> dict[str, Any]:
    dates = {"anyOf": [_DATE, {"type": "array", "items": _DATE}, _NONE]}
    country = _object({"country": _LEAF, "region": _LEAF, "also": dates, "except": dates}, ["country"])
    hours = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    whole = _schedule()["properties"]
    return {
        "type": "object",
        "properties": {
            "timezone": whole["timezone"],
            "weekly": whole["weekly"],
            "holidays": _any(_NONE, {"type": "array", "items": _DATE}, country),
        },
        "patternProperties": {"^[ ]*[A-Za-z]{3}([ ]*[-,].*)?$": hours},
        "additionalProperties": False,
    }


def _aggregation() -> dict[str, Any]:
    plain = [each for each in terms.AGGREGATIONS if each not in ("quorum", "weighted_mean")]
    quorum = {"type": {"const": "quorum"}, "k": {"type": ["integer", "string"]}}
    weights = {"type": "object", "minProperties": 1, "additionalProperties": _EXACT}
    weighted = {"type": {"const": "weighted_mean"}, "weights": weights}
    return {
        "oneOf": [
            _object({"type": {"enum": plain}}, ["type"]),
            _object(quorum, quorum),
            _object(weighted, weighted),
        ]
    }


def _min_outage() -> dict[str, Any]:
    return {
        "seconds": _SECONDS,
        "basis": {"enum": ["raw", "counted"]},
        "counting": {"enum": ["full", "excess"]},
    }


def _slices() -> dict[str, Any]:
    return {"seconds": _SECONDS, "bad_when": _NUMBER}


def _rounding() -> dict[str, Any]:
    digits = {"type": ["integer", "string"]}
    return _object({"digits": digits, "mode": {"enum": list(terms.ROUNDINGS)}}, ["digits", "mode"])


def _tier() -> dict[str, Any]:
    return _object(
        {"min": _NUMBER, "credit": _NUMBER, "label": _nothing({"type": "string"})}, ["min", "credit"]
    )


def _party() -> dict[str, Any]:
    return _object(dict.fromkeys(PARTY, _LEAF), ["name"])


def _word(words: Iterable[str]) -> dict[str, Any]:
    return {"anyOf": [{"enum": list(words)}, _REFERENCE]}


def _any(*forms: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": list(forms)}


def _nothing(form: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [form, _NONE]}


def _object(
    properties: dict[str, Any], required: Iterable[str] = (), *, closed: bool = True
) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    if closed:
        found["additionalProperties"] = False
    needed = list(required)
    return {**found, "required": needed} if needed else found
