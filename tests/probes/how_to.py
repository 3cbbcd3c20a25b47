"""The examples of the how-to pages, asked for real."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.test_docs import DOCS, blocks

from trueup.config.load import loads
from trueup.domain.expect import judge, parse
from trueup.domain.result import Judgement
from trueup.probes.ask import Answer, ask_once
from trueup.probes.base import build


def asked(
    page: str, swaps: Mapping[str, str], environ: Mapping[str, str], *, number: int = 0, **more: object
) -> list[tuple[Answer, Judgement]]:
    """Return the answers of all checks in a YAML example of a how-to page, and what they amount to.

    ``swaps`` puts the addresses of real servers in the place of those on the page; ``number`` is the
    block's, from 0; ``more`` goes to the asker.
    """
    text = blocks(DOCS / "how-to" / page, "yaml")[number]
    for written, real in swaps.items():
        assert written in text, f"{page} does not hold {written}"
        text = text.replace(written, real)
    found = []
    for component in loads(text.encode(), page, environ, Path("/")).components:
        for check in component.checks:
            probe = build(check.kind, check.target, check.options)
            answer = ask_once(probe, check.timeout_us / 1e6, **more)  # type: ignore[arg-type]
            expected = [parse(each, probe.provides) for each in check.expect]
            degraded = [parse(each, probe.provides) for each in check.degraded_when]
            judged = judge(answer.facts, answer.duration_us, 0, expected, degraded, asked=probe.asks)
            found.append((answer, judged))
    return found
