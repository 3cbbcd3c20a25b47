"""What another revision of a statement changes, and why there is one, in words that both sides can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trueup.reports.canonical import Document


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the keys of a result that are others now, each with both values."""
    return [
        {"key": key, "before": before.get(key), "after": after.get(key)}
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]


def reason(before: Document, after: Document) -> str:
    """Return what in the inputs is another now than when the revision before was made."""
    return "; ".join(_reasons(before, after)) or "the inputs are others"


def _reasons(before: Document, after: Document) -> Iterator[str]:
    old, new = before["case"], after["case"]
    if old["contract"] != new["contract"] or before["contract"] != after["contract"]:
        yield "the contract says something else of this window"
    if old["resolved"] != new["resolved"]:
        yield "the window or the business hours are others"
    if old.get("as_of") != new.get("as_of"):
        yield "a run that was cut has ended"
    for part, noun in (("maintenance", "maintenance"), ("exclusions", "exclusion")):
        yield from _overlays(noun, old[part], new[part])
    parts = {each["id"]: each for each in old["components"]}
    for each in new["components"]:
        known = parts.get(each["id"])
        name = each.get("about", {}).get("name", each["id"])
        if known is None:
            yield f"the component {name} was added"
            continue
        yield from _overlays(f"maintenance of {name}", known["maintenance"], each["maintenance"])
        if known["checks"] != each["checks"]:
            yield f"what the ledger says of {name} was corrected or completed"


def _overlays(noun: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    gone = [each for each in old if each not in new]
    come = [each for each in new if each not in old]
    for each in come:
        replaced = any(one["start"] < each["end"] and each["start"] < one["end"] for one in gone)
        state = "called off" if each.get("cancelled") else "changed" if replaced else "added"
        yield f"{noun} from {each['start']} to {each['end']} was {state}"
    if not come:
        yield from (f"{noun} from {each['start']} to {each['end']} was withdrawn" for each in gone)
