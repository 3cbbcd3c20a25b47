"""Read configurations from texts, as the tests write them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from trueup.config.load import loads
from trueup.config.problem import ConfigErrors
from trueup.domain.spec import CheckSpec, ConfigSpec

NAME = "trueup.yaml"


def spec(text: str, folder: Path = Path("/"), environ: Mapping[str, str] = {}, **more: str) -> ConfigSpec:
    """Return the configuration of a text."""
    return loads(text.encode(), NAME, {**environ, **more}, folder)


def errors(text: str, folder: Path = Path("/"), **environ: str) -> ConfigErrors:
    """Return what is wrong with a text."""
    with pytest.raises(ConfigErrors) as caught:
        loads(text.encode(), NAME, environ, folder)
    return caught.value


def refused(text: str, folder: Path = Path("/"), **environ: str) -> list[str]:
    """Return what is wrong with a text, each as ``line:column: message``."""
    return [
        problem.sentence(NAME).removeprefix(f"{NAME}:").strip()
        for problem in errors(text, folder, **environ).problems
    ]


def of_check(lines: str, head: str = "") -> str:
    """Return a configuration of one check whose keys are these lines."""
    body = "\n".join(f"        {line}" for line in lines.strip().splitlines())
    return f"{head}components:\n  - name: Backend\n    checks:\n      -\n{body}\n"


def check(lines: str, head: str = "", folder: Path = Path("/"), **environ: str) -> CheckSpec:
    """Return the one check of ``of_check``."""
    return spec(of_check(lines, head), folder, environ).components[0].checks[0]


def refused_check(lines: str, head: str = "", folder: Path = Path("/"), **environ: str) -> list[str]:
    """Return what is wrong with the one check of ``of_check``, messages only."""
    return [each.message for each in errors(of_check(lines, head), folder, **environ).problems]
