"""Exactly one key of a check, or of a channel, names its kind."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from trueup.config.document import Path
from trueup.config.findings import Findings


def find(
    tree: Mapping[str, Any],
    known: Collection[str],
    common: Collection[str],
    noun: str,
    path: Path,
    findings: Findings,
) -> str | None:
    """Return the kind that a mapping names, None after an error that proposes one was added.

    Args:
        tree: The mapping.
        known: The names of all kinds.
        common: The keys that have nothing to do with the kind.
        noun: What the mapping is: "check".
        path: Where it stands.
        findings: Where errors go.
    """
    named = [key for key in tree if key in known]
    if len(named) == 1:
        return named[0]
    others = [key for key in tree if key not in common]
    slips = {key: near[0] for key in others if (near := difflib.get_close_matches(key, known, 1, 0.5))}
    if named:
        both = " and ".join(named)
        findings.error(path, f"a {noun} has one kind, but this one names {both}: make two {noun}s of it")
    elif slips:
        key, near_kind = next(iter(slips.items()))
        findings.error((*path, key), f"unknown kind '{key}': did you mean '{near_kind}'?", at_key=True)
    elif len(others) == 1:
        message = f"unknown kind '{others[0]}': known are {', '.join(known)}"
        findings.error((*path, others[0]), message, at_key=True)
    else:
        findings.error(path, f"no key of this {noun} names its kind: write one of {', '.join(known)}")
    return None
