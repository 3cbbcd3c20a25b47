"""The worked cases: what contracts come to, figure by figure, as text that loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trueup.domain.node import parse

DOCUMENT: dict[str, Any] = parse((Path(__file__).parent / "cases.json").read_text("utf-8"))
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in DOCUMENT["cases"]}
