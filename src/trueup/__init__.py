"""True uptime, and the true-up that settles the bill.

What people import from here is loaded when it is first named: ``import trueup`` alone loads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trueup.public import HealthCheckResult as HealthCheckResult
    from trueup.public import SLACalculator as SLACalculator
    from trueup.public import UptimeError as UptimeError
    from trueup.public import UptimeMonitor as UptimeMonitor

__version__ = "0.1.0"
__all__ = ["HealthCheckResult", "SLACalculator", "UptimeError", "UptimeMonitor", "__version__"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("trueup.public"), name)
