"""One probe, its answer and what that amounts to, as a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trueup.domain import text
from trueup.domain.expect import Expectation
from trueup.domain.result import Certificate, Judgement
from trueup.probes.ask import Answer
from trueup.probes.base import Probe


@dataclass(frozen=True, slots=True)
class Question:
    """What the engine asked for us."""

    kind: str
    target: str
    asks: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One probe, its answer and what that amounts to."""

    probe: Probe | Question
    expect: tuple[Expectation, ...]
    answer: Answer
    judgement: Judgement
    asked_us: int


def document(asked: Asked) -> dict[str, Any]:
    """Return everything about one probe, for a program."""
    answer, facts, judgement = asked.answer, asked.answer.facts, asked.judgement
    return {
        "target": asked.probe.target,
        "kind": asked.probe.kind,
        "asked_at": text.instant(asked.asked_us),
        "state": judgement.state,
        "cause": judgement.cause,
        "why": text.render(judgement.text) if judgement.text else None,
        "expected": [each.source for each in asked.expect],
        "duration_ms": answer.duration_us / 1000,
        "phases_ms": {name: us / 1000 for name, us in phases(answer)},
        "address": facts.address or None,
        "values": {
            name: value for name, value in facts.values.items() if isinstance(value, str | int | float)
        },
        "body_bytes": None if facts.body is None else len(facts.body),
        "certificate": _certificate(facts.certificate, asked.asked_us) if facts.certificate else None,
    }


def phases(answer: Answer) -> list[tuple[str, int]]:
    """Return the phases of an answer in their order, microseconds; what they leave is the transfer."""
    found = answer.facts.phases
    named = (
        ("dns", found.dns_us),
        ("connect", found.connect_us),
        ("tls", found.tls_us),
        ("wait", found.wait_us),
    )
    known = [(name, us) for name, us in named if us is not None]
    rest_us = answer.duration_us - sum(us for _, us in known)
    return [*known, ("transfer" if answer.facts.failure is None else "until then", max(0, rest_us))]


def _certificate(served: Certificate, now_us: int) -> dict[str, Any]:
    return {
        "subject": served.subject,
        "issuer": served.issuer,
        "names": list(served.names),
        "not_before": text.instant(served.not_before_us),
        "not_after": text.instant(served.not_after_us),
        "days_left": (served.not_after_us - now_us) // 86_400_000_000,
        "sha256": served.sha256,
    }
