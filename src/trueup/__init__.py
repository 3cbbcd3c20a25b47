"""True uptime, and the true-up that settles the bill."""

__version__ = "0.1.0"
