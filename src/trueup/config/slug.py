"""Make slugs of names, and see to it that nothing has the name of something else."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from trueup.config.document import Path
from trueup.config.findings import Findings

_NO_SLUG_CHARACTER = re.compile(r"[^a-z0-9]+")


def from_name(name: str) -> str:
    """Return a name's slug; empty where it has no Latin letter or digit."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NO_SLUG_CHARACTER.sub("-", letters).strip("-")[:100].strip("-")


@dataclass
class Names:
    """Which names of one noun are taken, and where."""

    noun: str  # "component"
    findings: Findings
    _taken: dict[tuple[str, str], Path] = field(default_factory=dict)
    _former: list[tuple[str, str, Path]] = field(default_factory=list)

    def claim(self, what: str, value: str, path: Path) -> bool:
        """Take a name ("name") or slug ("slug"); return whether it was free, else add an error."""
        first = self._taken.setdefault((what, value), path)
        if first == path:
            return True
        line = self.findings.document.place(first).line
        remedies = {
            "slug": "give one of them a 'slug:' of its own",
            "was": "only one of them can have been it",
        }
        remedy = remedies.get(what, "give one of them another name")
        self.findings.error(path, f"{what} '{value}' is taken by the {self.noun} on line {line}: {remedy}")
        return False

    def rename(self, was: str | None, slug: str, path: Path) -> None:
        """Note that something was called otherwise; ``path`` is where that is written."""
        if was:
            self._former.append((was, slug, path))

    def check_former(self) -> None:
        """Add an error for each former slug that is still in use, or is claimed twice."""
        for was, slug, path in self._former:
            if was == slug:
                self.findings.error(path, f"was '{was}' is the slug it still has: leave the key out")
            elif ("slug", was) in self._taken:
                line = self.findings.document.place(self._taken["slug", was]).line
                self.findings.error(
                    path,
                    f"was '{was}' still is the slug of the {self.noun} on line {line}: "
                    "leave 'was' out once the renaming is done",
                )
            else:
                self.claim("was", was, path)
