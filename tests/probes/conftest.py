"""Ask real servers on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.servers import Servers
from tests.servers.tls import Authority

from trueup.domain.result import FailureClass
from trueup.domain.text import missing, render
from trueup.probes.ask import Answer, ask_once
from trueup.probes.base import build

Ask = Callable[..., Answer]


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Give servers on loopback that end with the test."""
    with Servers() as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give a certificate authority."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def ask() -> Ask:
    """Ask once: ``ask(kind, target, timeout_s=..., servers=..., **options)``."""

    def once(kind: str, target: str, *, timeout_s: float = 5, **options: Any) -> Answer:
        ours = {name: options.pop(name) for name in ("policy", "deny_private", "servers") if name in options}
        return ask_once(build(kind, target, options), timeout_s, **ours)

    return once


def why(answer: Answer) -> tuple[FailureClass, str]:
    """Return an answer's failure class and its sentence, which is whole."""
    failure = answer.facts.failure
    assert failure is not None, answer
    assert missing(failure.text) == [], failure.text
    sentence = render(failure.text)
    assert sentence.startswith("Asked "), sentence
    assert "waited" in sentence
    return failure.cause, sentence
