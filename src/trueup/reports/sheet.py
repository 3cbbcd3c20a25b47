"""What a statement tells people, in words and tables, before it becomes HTML, PDF or plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from trueup.domain.sla import Case, read_case
from trueup.domain.sla.trace import Entry, trace
from trueup.domain.timeline import Record
from trueup.reports.agreed import agreed
from trueup.reports.canonical import Document
from trueup.reports.speaking import length, length_us, money, percent, wall

Seen = tuple[tuple[str, str], ...]  # components and their states

_OUTCOMES = {
    "met": ("The promise was kept", "met"),
    "breached": ("The promise was broken", "breached"),
    "open": ("The window is open", "open"),
    None: ("No verdict can be given", "none"),
}
_ACCOUNT = (
    ("window_seconds", "The window", ""),
    ("out_of_schedule_seconds", "Outside the agreed hours", "less"),
    ("excluded_exclusion_seconds", "Exclusions", "less"),
    ("excluded_maintenance_seconds", "Planned maintenance", "less"),
    ("excluded_component_seconds", "Maintenance of all components", "less"),
    ("excluded_unknown_seconds", "Time of which nothing is known", "less"),
    ("counted_seconds", "Time that counts", "sum"),
    ("up_seconds", "Up", "part"),
    ("degraded_seconds", "Degraded", "part"),
    ("tolerated_seconds", "Down, but tolerated", "part"),
    ("down_seconds", "Down", "part"),
    ("downtime_seconds", "Downtime, degraded time weighed", "sum"),
    ("allowed_seconds", "Downtime that the promise allows", ""),
    ("remaining_seconds", "Left of it", ""),
)
_PROVED = (
    "The signed original is the JSON with this hash. Anybody can verify it, without us: ",
    "trueup sla verify statement.json --keys trueup-keys.json",
)
_DRAFTED = ("Nobody signed this draft, and it proves nothing: what it says can still change.", "")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading; ``kinds`` tells of each row what it is (less, sum, part), or nothing."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A statement as people read it; every text is plain."""

    title: str
    contract: str
    period: str
    window: str
    verdict: str
    mark: str  # met | breached | open | none
    draft: str
    availability: str
    band: str
    facts: tuple[tuple[str, str], ...]
    parties: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    seals: tuple[tuple[str, str], ...]
    proof: tuple[str, str]  # how it is verified: a sentence, and the command that does; none in a draft
    hash: str


def sheet(file: Document) -> Sheet:
    """Return what the file of a statement says, in words; instants on the clock of the contract's zone."""
    statement, inputs = file["statement"], file["inputs"]
    result, contract = statement["result"], statement["contract"]
    zone = _zone(inputs["case"]["contract"])
    verdict, mark = _OUTCOMES.get(result.get("outcome"), _OUTCOMES[None])
    if result["status"] == "no_data":
        verdict = "Nothing is known of this window"
    revision = "" if statement["revision"] == "1" else f", revision {statement['revision']}"
    return Sheet(
        title="Draft of a service level statement" if file["draft"] else "Service level statement",
        contract=contract["name"],
        period=f"{statement['period']}{revision}",
        window=f"{wall(statement['start'], zone)} to {wall(statement['end'], zone)} ({zone})",
        verdict=verdict,
        mark=mark,
        draft=file["draft"] or "",
        availability=percent(result.get("uptime_percent")),
        band=_band(result),
        facts=tuple(_facts(file)),
        parties=tuple(_parties(contract)),
        tables=tuple(each for each in _tables(file, zone) if each.rows),
        seals=tuple(_seals(file)),
        proof=_DRAFTED if file["draft"] else _PROVED,
        hash=file["hash"],
    )


def _zone(terms: Document) -> str:
    hours = terms.get("schedule") or {}
    return str(terms["window"].get("timezone") or hours.get("timezone") or "UTC")


def _band(result: Document) -> str:
    if result.get("band_lo_percent") is None:
        return ""
    return f"{percent(result['band_lo_percent'])} to {percent(result['band_hi_percent'])}"


def _facts(file: Document) -> Iterator[tuple[str, str]]:
    statement, terms = file["statement"], file["inputs"]["case"]["contract"]
    result, contract = statement["result"], statement["contract"]
    yield "Promised", f"at least {percent(terms['objective'])}"
    if result.get("reason"):
        yield "Why no verdict", result["reason"]
    if result.get("tier"):
        yield "Tier", result["tier"]
    if result.get("credit_percent") is not None:
        yield "Credit", percent(result["credit_percent"])
    if result.get("credit_amount") is not None:
        yield "Credit in money", money(result["credit_amount"], contract["currency"])
    if contract["fee"] is not None:
        yield "Fee of the window", money(contract["fee"], contract["currency"])
    if "downtime_seconds" in result:
        yield "Downtime", length(result["downtime_seconds"])
        yield "Allowed", length(result["allowed_seconds"])
    if result.get("coverage_percent") is not None:
        yield "Known of the time", percent(result["coverage_percent"])
    if statement["as_of"]:
        yield "As known at" if file["draft"] else "Cut at, a run went on", statement["as_of"]


def _parties(contract: Document) -> Iterator[tuple[str, str]]:
    for role, noun in (("provider", "Provider"), ("customer", "Customer")):
        party = contract[role]
        if party:
            said = (party.get(key) for key in ("name", "contact", "reference"))
            yield noun, "\n".join(each for each in said if each)


def _tables(file: Document, zone: str) -> Iterator[Table]:
    statement, inputs = file["statement"], file["inputs"]
    result, case = statement["result"], inputs["case"]
    if statement["reason"]:
        rows = tuple((each["key"], each["before"] or "-", each["after"] or "-") for each in _flat(statement))
        yield Table("What this revision changes", ("Figure", "Before", "Now"), rows, statement["reason"])
    yield _account(result)
    separate = tuple(
        (name, length(each["counted_seconds"]), length(each["down_seconds"]), percent(each["uptime_percent"]))
        for name, each in result.get("components", {}).items()
    )
    yield Table("Components", ("Component", "Counted", "Down", "Availability"), separate)
    yield _lost(inputs, zone)
    yield _maintenance(case, zone)
    yield _exclusions(case, zone)
    terms = agreed(case["contract"], statement["start"], statement["end"])
    yield Table("What was agreed", ("Term", "Meaning"), terms)
    yield Table(
        "How it was measured",
        ("Check", "Kind", "Asked every", "Confirmed after", "From"),
        tuple(
            (
                each["check"],
                each["kind"],
                length(each["interval_seconds"]),
                f"{each['confirm']} probes",
                wall(each["valid_from"], zone),
            )
            for each in inputs["checks"]
        ),
        "The error band holds if no state lasted less than the time between two probes.",
    )


def _flat(statement: Document) -> list[Document]:
    return [each for each in statement["changes"] if not isinstance(each["after"] or each["before"], dict)]


def _account(result: Document) -> Table:
    found = [(key, noun, kind) for key, noun, kind in _ACCOUNT if key in result]
    kept = [
        each for each in found if result[each[0]] != "0" or each[2] == "sum" or each[0] == "remaining_seconds"
    ]
    return Table(
        "Where the time went",
        ("", "Time", "Exact seconds"),
        tuple((noun, length(result[key]), result[key]) for key, noun, _ in kept),
        kinds=tuple(kind for _, _, kind in kept),
    )


def _lost(inputs: Document, zone: str) -> Table:
    case = read_case(inputs["case"], ("inputs", "case"))
    names = {
        each["id"]: each.get("about", {}).get("name", each["id"]) for each in inputs["case"]["components"]
    }
    rows = [
        (
            wall(start_us, zone),
            wall(end_us, zone),
            length_us(end_us - start_us),
            length_us(int(weight * (end_us - start_us))),
            ", ".join(dict.fromkeys(names.get(component, component) for component, _ in seen)) or "-",
            ", ".join(dict.fromkeys(state for _, state in seen)) or "-",
        )
        for start_us, end_us, weight, seen in _joined(_downtime(case))
    ]
    return Table(
        "Time that was lost",
        ("From", "To", "For", "Enters", "Component", "State"),
        tuple(rows),
        "Every stretch that enters the downtime, and how much of it does; together they are the downtime.",
    )


def _joined(entries: list[Entry]) -> Iterator[tuple[int, int, Fraction, Seen]]:
    """Yield stretches in the order of time, those as one that follow each other and say the same."""
    held: tuple[int, int, Fraction, Seen] | None = None
    for each in entries:
        seen = _seen(each)
        if held is not None and (held[1], held[2], held[3]) == (each.start_us, each.weight, seen):
            held = (held[0], each.end_us, each.weight, seen)
            continue
        if held is not None:
            yield held
        held = (each.start_us, each.end_us, each.weight, seen)
    if held is not None:
        yield held


def _seen(entry: Entry) -> Seen:
    """Return the components that were not up, with what they were, in the order of their names."""
    found = {
        (cause.component, cause.what.state.value) for cause in entry.causes if isinstance(cause.what, Record)
    }
    return tuple(sorted(found))


def _downtime(case: Case) -> list[Entry]:
    """Return the stretches that make the downtime; those of all components where each is judged alone."""
    try:
        found = list(trace(case, "downtime_seconds"))
    except ValueError:
        found = [each for part in case.components for each in trace(case, "down_seconds", part.id)]
    return sorted(found, key=lambda each: (each.start_us, each.end_us))


def _maintenance(case: Document, zone: str) -> Table:
    listed = [*case["maintenance"], *(each for part in case["components"] for each in part["maintenance"])]
    unique = list({str(each): each for each in listed}.values())
    rows = tuple(
        (
            wall(each["start"], zone),
            wall(each["end"], zone),
            wall(each["announced_at"], zone) if "announced_at" in each else "-",
            _about(each, "name", "reason") + (" (called off)" if each.get("cancelled") else ""),
            _about(each, "by"),
        )
        for each in unique
    )
    return Table("Maintenance", ("From", "To", "Announced", "What", "By"), rows)


def _exclusions(case: Document, zone: str) -> Table:
    rows = tuple(
        (
            wall(each["start"], zone),
            wall(each["end"], zone),
            each.get("reason", "-"),
            _about(each, "asked_by"),
            ("approved" if each.get("approved", True) else "not approved") + _by(each),
        )
        for each in case["exclusions"]
    )
    return Table("Exclusions", ("From", "To", "Why", "Asked by", "Decision"), rows)


def _by(each: Document) -> str:
    by = each.get("about", {}).get("decided_by")
    return f" by {by}" if by else ""


def _about(each: Document, *keys: str) -> str:
    said: dict[str, Any] = each.get("about", {})
    return ", ".join(str(said[key]) for key in keys if said.get(key)) or "-"


def _seals(file: Document) -> Iterator[tuple[str, str]]:
    statement = file["statement"]
    yield "Statement", f"{statement['id']}, number {statement['seq']} of this contract"
    if statement["supersedes"]:
        before = statement["supersedes"]
        yield "Supersedes", f"{before['id']}, revision {before['revision']}"
    yield "SHA-256 of the signed part", file["hash"]
    yield "Signed with key", statement["key_id"] or "not signed"
    yield "Contract version", f"{statement['contract']['version']}, {statement['contract']['version_hash']}"
    yield "Computed by", f"kernel {statement['kernel']}, zones {statement['tzdata']}"
    yield "Built", file["built_at"]
