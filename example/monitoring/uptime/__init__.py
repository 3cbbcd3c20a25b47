"""trueup under the name that this project's code uses: `from monitoring.uptime import UptimeMonitor`."""

from trueup import HealthCheckResult, UptimeError, UptimeMonitor

__all__ = ["HealthCheckResult", "UptimeError", "UptimeMonitor"]
