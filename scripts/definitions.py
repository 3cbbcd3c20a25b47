"""Make the parts of the documentation that speak of contracts, from the default profile and the kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

Table = Callable[[Iterable[str], Iterable[Iterable[str]]], str]

# The month that docs/SLA_DEFINITIONS.md works through: each outage with its start and end.
WORKED: dict[str, Any] = {
    "id": "worked",
    "contract": {},
    "period": "2025-12",
    "fee": "1000",
    "components": [
        {
            "id": "backend",
            "default_state": "up",
            "intervals": [
                {"state": "down", "start": "2025-12-03T09:00:00Z", "end": "2025-12-03T09:07:30Z"},
                {"state": "down", "start": "2025-12-18T22:10:00Z", "end": "2025-12-18T22:50:00Z"},
                {"state": "unknown", "start": "2025-12-20T00:00:00Z", "end": "2025-12-20T00:30:00Z"},
            ],
        }
    ],
    "maintenance": [
        {
            "start": "2025-12-18T22:00:00Z",
            "end": "2025-12-18T22:40:00Z",
            "announced_at": "2025-12-10T12:00:00Z",
        }
    ],
    "exclusions": [],
}


def targets(table: Table) -> str:
    """Return what the default profile promises."""
    terms = _default()
    window, maintenance = terms["window"], terms["maintenance"]
    rows = [
        ("Availability", f"{terms['objective']} % of each calendar {window['period']}"),
        ("Downtime that a month of 30 days allows", "43.2 minutes"),
        ("Downtime that a month of 31 days allows, exactly", "44.64 minutes; 43.2 are shown as allowed"),
        ("Planned maintenance", f"`{maintenance['mode']}`: it is not counted"),
        (
            "Time that nobody watched",
            f"`{terms['unknown']}`: neither kept nor broken, and shown beside the figure",
        ),
        ("Degraded time", f"counts as lost with the weight {terms['degraded_weight']}"),
    ]
    return table(("What", "How much"), rows)


def tiers(table: Table) -> str:
    """Return the tiers of the default profile."""
    found = _default()["tiers"]
    tops = ["", *(f", below {each['min']} %" for each in found[:-1])]
    rows = [
        (f"{each['min']} % or more{top}", each["label"], f"{each['credit']} %")
        for each, top in zip(found, tops, strict=True)
    ]
    return table(("Availability of the month, exactly", "Tier", "Credit"), rows)


def severities(table: Table) -> str:
    """Return the severities of incidents with their response times."""
    from trueup.domain.incident import RESPONSES, SEVERITIES

    rows = [(code, name, RESPONSES[code]) for code, name in SEVERITIES.items()]
    return table(("Severity", "Name", "First answer within"), rows)


def month(table: Table) -> str:
    """Return what the worked month comes to."""
    from trueup.domain.sla import evaluate_case, read_case

    result = evaluate_case(read_case(WORKED))
    rows = [(meaning, _minutes(result[key])) for key, meaning in _SECONDS.items()]
    rows += [
        ("availability", f"{result['uptime_percent']} %"),
        ("verdict", str(result["outcome"])),
        ("credit", f"{result['credit_percent']} %, {result['credit_amount']} of a fee of 1000.00"),
    ]
    return table(("Figure", "Value"), rows)


def presets(table: Table) -> str:
    """Return every published agreement with its figures, their sources, and whether they were read there."""
    from trueup.config.presets import presets as every

    parts = []
    for each in every().values():
        rows = [
            (
                f"`{figure.of}`",
                figure.says,
                f"{figure.source} {figure.date}".strip(),
                str(figure.verified).lower(),
            )
            for figure in each.figures
        ]
        limits = "".join(f"\n- {limit}" for limit in each.limits)
        parts.append(
            f"### {each.name}\n\n{each.title}.\n\n"
            + table(("Key", "What the text says", "Source, date", "Verified"), rows)
            + (f"\n{limits}" if limits else "")
        )
    return "\n\n".join(parts)


def inexpressible(table: Table) -> str:
    """Return the agreements that no preset is made of."""
    from trueup.config.presets import inexpressible as left_out

    return table(("Agreement", "Why not yet"), [(each.name, each.why) for each in left_out()])


_SECONDS = {
    "window_seconds": "the month",
    "excluded_maintenance_seconds": "planned maintenance, not counted",
    "excluded_unknown_seconds": "nobody watched, not counted",
    "counted_seconds": "counted",
    "downtime_seconds": "downtime",
    "allowed_seconds": "downtime allowed, exactly",
    "allowed_seconds_compat": "downtime allowed, as shown",
}


def _minutes(seconds: str) -> str:
    minutes = Fraction(seconds) / 60
    thousandths = minutes.numerator * 1000 // minutes.denominator
    return f"{thousandths // 1000:,}.{thousandths % 1000:03d}".rstrip("0").rstrip(".") + " min"


def _default() -> dict[str, Any]:
    from trueup.domain import terms

    return terms.document(terms.read({}))


PARTS: dict[str, Callable[[Table], str]] = {
    "sla_inexpressible": inexpressible,
    "sla_month": month,
    "sla_presets": presets,
    "sla_severities": severities,
    "sla_targets": targets,
    "sla_tiers": tiers,
}
