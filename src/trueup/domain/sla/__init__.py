"""How available something was: the one place in which availability is computed.

The house profile, for percentages shown without a contract: ``evaluate`` and ``evaluate_days``.
A contract over a window: ``judge`` of a ``Case``, which ``document`` reads from JSON.
"""

from trueup.domain.sla.case import Case, Exclusion, Maintenance, Part
from trueup.domain.sla.house import Tally, evaluate, evaluate_days, percent, truncate_percent
from trueup.domain.timeline import Blip, Probed, Record, Timeline

KERNEL = 1  # raised whenever any result of any case changes

__all__ = [
    "KERNEL",
    "Blip",
    "Case",
    "Exclusion",
    "Maintenance",
    "Part",
    "Probed",
    "Record",
    "Tally",
    "Timeline",
    "evaluate",
    "evaluate_days",
    "percent",
    "truncate_percent",
]
