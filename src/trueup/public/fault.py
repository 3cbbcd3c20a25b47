"""The one error of the Python API."""

from __future__ import annotations


class UptimeError(Exception):
    """Something that people have to mend: the sentence says what happened, why, and what to do."""
