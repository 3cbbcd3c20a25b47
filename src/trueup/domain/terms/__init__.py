"""The terms of a contract: one document, read into exact values, and written out whole again.

Percentages stand in the document; inside, ratios from 0 to 1 are exact, and lengths are microseconds.
"""

from trueup.domain.terms.model import (
    Aggregation,
    MinOutage,
    Planned,
    Rounding,
    Slices,
    Terms,
    Tier,
    Window,
)
from trueup.domain.terms.reading import (
    AGGREGATIONS,
    DEFAULTS,
    EDGES,
    MODES,
    PAUSED,
    ROUNDINGS,
    UNKNOWN,
    TermsError,
    read,
)
from trueup.domain.terms.writing import document

__all__ = [
    "AGGREGATIONS",
    "DEFAULTS",
    "EDGES",
    "MODES",
    "PAUSED",
    "ROUNDINGS",
    "UNKNOWN",
    "Aggregation",
    "MinOutage",
    "Planned",
    "Rounding",
    "Slices",
    "Terms",
    "TermsError",
    "Tier",
    "Window",
    "document",
    "read",
]
