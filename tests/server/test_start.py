"""What a start says."""

from __future__ import annotations

from pathlib import Path

from trueup.config.load import loads
from trueup.server.start import _say_checks, _say_notices

_CONFIG = b"components: [{name: Api, checks: [{http: 'https://example.org/health?token=hunter2&full=1'}]}]"


def test_start_names_what_is_watched_without_what_looks_like_a_secret() -> None:
    said: list[str] = []

    def say(line: str, **_facts: object) -> None:
        said.append(line)

    _say_checks(loads(_CONFIG, "trueup.yaml", {}, Path()), say)

    assert said == ["Api: http https://example.org/health?token=********&full=1 every 1m"]


def test_start_names_file_and_line_of_a_notice_once() -> None:
    said: list[str] = []

    def say(line: str, **_facts: object) -> None:
        said.append(line)

    text = _CONFIG + b"\ncontracts: [{name: Relay, preset: twilio, components: [api]}]\n"
    _say_notices(loads(text, "trueup.yaml", {}, Path()), say)

    assert said
    assert all(each.count("trueup.yaml:") == 1 for each in said)
