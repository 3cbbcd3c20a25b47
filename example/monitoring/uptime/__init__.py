"""trueup under the name that this project's code uses: `from monitoring.uptime import UptimeMonitor`."""

from trueup import HealthCheckResult, SLACalculator, UptimeError, UptimeMonitor

__all__ = ["HealthCheckResult", "SLACalculator", "UptimeError", "UptimeMonitor"]
