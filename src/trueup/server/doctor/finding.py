"""What the doctor can find: each with an id that the documentation explains and a severity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PAGE = "docs/reference/doctor.md"

# The heading of each in the documentation is its id.
SEVERITIES = {
    "clock-off": "error",
    "clock-unsynchronised": "warning",
    "clock-behind": "error",
    "timezone-data": "warning",
    "resolver-dead": "error",
    "resolver-silent": "warning",
    "witnesses-dead": "error",
    "witness-silent": "warning",
    "ping-not-allowed": "error",
    "open-files": "warning",
    "port-taken": "warning",
    "disk-space": "warning",
    "disk-slow": "warning",
    "data-missing": "warning",
    "data-owner": "error",
    "data-unwritable": "error",
    "key-unusable": "error",
    "signing-key-unusable": "error",
    "secret-missing": "error",
    "database-missing": "warning",
    "database-old": "error",
    "database-newer": "error",
    "database-unusable": "error",
    "engine-silent": "error",
    "second-engine": "error",
    "config-missing": "warning",
    "config-unusable": "error",
    "config-not-applied": "warning",
    "contract-idle": "warning",
    "version-old": "error",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be: what, and what to do."""

    id: str
    sentence: str
    remedy: str

    @property
    def severity(self) -> str:
        """Return ``error`` or ``warning``."""
        return SEVERITIES[self.id]

    def as_json(self) -> dict[str, Any]:
        """Return the finding for a program."""
        return {
            "id": self.id,
            "severity": self.severity,
            "sentence": self.sentence,
            "remedy": self.remedy,
            "page": f"{PAGE}#{self.id}",
        }
