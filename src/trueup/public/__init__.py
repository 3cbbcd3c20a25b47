"""trueup from Python: what a script, or a project of somebody else, imports."""

from trueup.public.calculator import SLACalculator
from trueup.public.fault import UptimeError
from trueup.public.monitor import UptimeMonitor
from trueup.public.result import HealthCheckResult

__all__ = ["HealthCheckResult", "SLACalculator", "UptimeError", "UptimeMonitor"]
