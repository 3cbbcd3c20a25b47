"""How available something was: the one place in which availability is computed.

The house profile, for percentages shown without a contract: ``evaluate`` and ``evaluate_days``.
A contract over a window: ``judge`` of a ``Case``, which ``document`` reads from JSON.
"""

from trueup.domain.sla.case import Case, Exclusion, Maintenance, Part
from trueup.domain.sla.coarse import TOO_COARSE, resolution, too_coarse, undecided
from trueup.domain.sla.document import read_case
from trueup.domain.sla.house import Tally, evaluate, evaluate_days, percent, truncate_percent
from trueup.domain.sla.judge import CaseError, judge
from trueup.domain.sla.result import ComponentResult, Decision, Ratios, Result, Sums
from trueup.domain.sla.writing import evaluate_case, write_band, write_result
from trueup.domain.timeline import Blip, Probed, Record, Timeline

KERNEL = 1  # raised whenever any result of any case changes

__all__ = [
    "KERNEL",
    "TOO_COARSE",
    "Blip",
    "Case",
    "CaseError",
    "ComponentResult",
    "Decision",
    "Exclusion",
    "Maintenance",
    "Part",
    "Probed",
    "Ratios",
    "Record",
    "Result",
    "Sums",
    "Tally",
    "Timeline",
    "evaluate",
    "evaluate_case",
    "evaluate_days",
    "judge",
    "percent",
    "read_case",
    "resolution",
    "too_coarse",
    "truncate_percent",
    "undecided",
    "write_band",
    "write_result",
]
