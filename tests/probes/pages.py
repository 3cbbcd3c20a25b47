"""The examples of the how-to pages, asked as they stand of servers that are here."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from trueup.config.load import load
from trueup.domain.expect import judge, parse
from trueup.domain.result import State
from trueup.domain.spec import CheckSpec
from trueup.domain.text import render
from trueup.probes.ask import ask_once
from trueup.probes.base import build

_PAGES = Path(__file__).parents[2] / "docs" / "how-to"


def states(
    page: str, folder: Path, places: Mapping[str, str], environ: Mapping[str, str], ca: str = ""
) -> dict[str, tuple[State, str]]:
    """Return what the checks of a page find, by slug, with the reason where one is not up.

    ``places`` says what stands for the words of the page, such as the address of a server; ``ca`` is the
    file that the page calls ca.pem.
    """
    text = (_PAGES / page).read_text("utf-8")
    example = re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[0]
    for words, place in places.items():
        assert words in example
        example = example.replace(words, place)
    file = folder / "trueup.yaml"
    file.write_text(example, "utf-8")
    if ca:
        shutil.copy(ca, folder / "ca.pem")
    return {check.slug: _state(check) for part in load(file, environ).components for check in part.checks}


def _state(check: CheckSpec) -> tuple[State, str]:
    probe = build(check.kind, check.target, check.options)
    answer = ask_once(probe, 5)
    found = judge(
        answer.facts,
        answer.duration_us,
        time.time_ns() // 1000,
        [parse(source, probe.provides) for source in check.expect],
        [parse(source, probe.provides) for source in check.degraded_when],
    )
    return found.state, render(found.text) if found.text else ""
