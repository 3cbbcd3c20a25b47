"""What people may say about an outage, and in which order: severities, impacts, statuses and their steps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SEVERITIES: Mapping[str, str] = MappingProxyType(
    {"P1": "Critical", "P2": "High", "P3": "Medium", "P4": "Low"}
)
# Within which time people answer an incident of each severity.
RESPONSES: Mapping[str, str] = MappingProxyType(
    {"P1": "15 minutes", "P2": "1 hour", "P3": "4 hours", "P4": "1 business day"}
)
INVESTIGATING, IDENTIFIED, MONITORING = "investigating", "identified", "monitoring"
RESOLVED, POSTMORTEM = "resolved", "postmortem"
STATUSES = (INVESTIGATING, IDENTIFIED, MONITORING, RESOLVED, POSTMORTEM)
OPEN = (INVESTIGATING, IDENTIFIED, MONITORING)
IMPACTS = ("degraded", "partial", "down", "maintenance")

# While it goes on, people may learn that they were wrong; once it is over, it begins anew or is told of.
_STEPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "": (*OPEN, RESOLVED),
        INVESTIGATING: (*OPEN, RESOLVED),
        IDENTIFIED: (*OPEN, RESOLVED),
        MONITORING: (*OPEN, RESOLVED),
        RESOLVED: (RESOLVED, INVESTIGATING, POSTMORTEM),
        POSTMORTEM: (POSTMORTEM,),
    }
)


class IncidentError(ValueError):
    """Something that cannot be said of an incident: what, why and what to do."""


def severity(written: str) -> str:
    """Return a severity, ``P1`` to ``P4``, written so or by its name, in any case.

    Raises:
        IncidentError: There is no such severity.
    """
    for code, name in SEVERITIES.items():
        if written.strip().lower() in (code.lower(), name.lower()):
            return code
    known = ", ".join(f"{code} ({name})" for code, name in SEVERITIES.items())
    raise IncidentError(f"{written!r} is no severity. Write one of {known}.")


def impact(written: str) -> str:
    """Return an impact on a component.

    Raises:
        IncidentError: There is no such impact.
    """
    return _one_of(written, IMPACTS, "impact")


def status(written: str) -> str:
    """Return a status.

    Raises:
        IncidentError: There is no such status.
    """
    return _one_of(written, STATUSES, "status")


def following(before: str) -> tuple[str, ...]:
    """Return the statuses that may follow one; those with which an incident may begin where it is empty."""
    return _STEPS[before]


def step(before: str, after: str) -> str:
    """Return the status after a step; ``before`` is empty for the first one.

    Raises:
        IncidentError: That step is not allowed.
    """
    if after in _STEPS[before]:
        return after
    if not before:
        raise IncidentError(f"An incident cannot begin as {after}: there is nothing yet to look back on.")
    if before == POSTMORTEM:
        raise IncidentError(f"The incident has its postmortem and cannot become {after}: open a new one.")
    if before == RESOLVED:
        *first, last = _STEPS[before]
        raise IncidentError(
            f"The incident is resolved and cannot become {after}. "
            f"It can be {', '.join(first)} or {last}: {INVESTIGATING} opens it again."
        )
    raise IncidentError(f"The incident is {before} and cannot become {after} before it is resolved.")


def _one_of(written: str, known: tuple[str, ...], noun: str) -> str:
    found = written.strip().lower()
    if found not in known:
        raise IncidentError(f"{written!r} is no {noun}. Write one of {', '.join(known)}.")
    return found
