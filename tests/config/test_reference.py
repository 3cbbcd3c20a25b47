"""``${NAME}`` works in every value, and what becomes of it there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.config.loading import check, refused_check, spec

from trueup.domain.option import OptionError, OptionField
from trueup.domain.reference import escape, expand, names
from trueup.domain.spec import Secret
from trueup.probes import base

TARGETS = {"http": "http://localhost/", "websocket": "ws://localhost/"}
_PLAIN: dict[str, list[Any]] = {
    "text": ["x", "1s"],
    "number": [3],
    "flag": [True],
    "size": ["64 B"],
    "texts": [["x"]],
    "map": [{"a": "x"}],
}


def _options() -> list[tuple[str, OptionField]]:
    return [(kind, each) for kind in base.kinds() for each in base.option_fields(kind) if not each.parts]


def _takes(kind: str, name: str, value: Any) -> bool:
    """Tell whether a kind takes a value alone, without the other options it may belong to."""
    try:
        base.build(kind, TARGETS.get(kind, "localhost:1"), {name: value}, files=False)
    except OptionError:
        return False
    return True


@pytest.mark.parametrize(("kind", "each"), _options(), ids=lambda value: getattr(value, "name", value))
def test_a_reference_in_an_option_reads_as_its_value(kind: str, each: OptionField, tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    file.touch()
    of_type = {**_PLAIN, "file": [str(file)]}
    candidates = list(each.choices) or of_type.get(each.type.removeprefix("secret").strip() or "text", ["x"])
    for value in candidates:
        if not _takes(kind, each.name, value):
            continue
        plain = check(_lines(kind, each.name, value))

        referred = check(_lines(kind, each.name, value, "${IT}"), IT=_leaf(value))

        if each.secret:
            assert [inner.source for inner in _secrets(referred.options)] == ["${IT}"]
        else:
            assert referred == plain


def _lines(kind: str, name: str, value: Any, leaf: str = "") -> str:
    """Return a check with one option; a leaf stands as it is, since what it holds decides what it is."""
    inner = leaf or json.dumps(_leaf(value) if not isinstance(value, bool | int) else value)
    head = f"{kind}: {TARGETS.get(kind, 'localhost:1')}\n{name}:"
    if isinstance(value, dict):
        return f"{head}\n  a: {inner}"
    return f"{head}\n  - {inner}" if isinstance(value, list) else f"{head} {inner}"


def _leaf(value: Any) -> str:
    if isinstance(value, dict | list):
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    return json.dumps(value) if isinstance(value, bool | int) else str(value)


def _secrets(value: Any) -> list[Secret]:
    if isinstance(value, Secret):
        return [value]
    inner: list[Any] = []
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list):
        inner = value
    return [secret for each in inner for secret in _secrets(each)]


def test_every_kind_keeps_its_secrets_as_secrets() -> None:
    secret = [(kind, each.name) for kind, each in _options() if each.secret]

    assert ("http", "password") in secret
    assert ("http", "secret_headers") in secret


def test_a_reference_in_a_step_is_kept_where_it_is_a_secret() -> None:
    found = check(
        "steps: http://localhost\n"
        "requests:\n"
        "  - path: /login/${USER}\n"
        "    secret_headers: {Authorization: '${V}'}\n"
        "  - path: /me",
        USER="me",
        V="hidden",
    )

    first = found.options["requests"][0]
    assert first["path"] == "/login/me"
    assert first["secret_headers"]["Authorization"].source == "${V}"


def test_missing_variable_is_named_with_its_place_wherever_it_stands() -> None:
    told = "environment variable GONE is not set: set it, or give a default with ${GONE:-default}"

    assert refused_check("http: ${GONE}") == [told]
    assert refused_check("http: http://localhost\nheaders:\n  X-A: a ${GONE}") == [told]
    assert refused_check("http: http://localhost\nsecret_headers: {X-A: '${GONE}'}") == [told]
    assert refused_check("http: http://localhost\nexpect: ['body contains \"${GONE}\"']") == [told]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("http: http://localhost/bot${BOT_TOKEN}/me", "an address"),
        ("http: http://localhost\nheaders: {X-A: '${BOT_TOKEN}'}", "headers"),
        ("http: http://localhost\nexpect: ['body contains \"${BOT_TOKEN}\"']", "expect"),
    ],
)
def test_a_variable_named_like_a_secret_is_noticed_where_it_is_shown(lines: str, what: str) -> None:
    from tests.config.loading import of_check

    found = spec(of_check(lines), BOT_TOKEN="x")

    (notice,) = found.notices
    assert notice.endswith(
        f"the value of BOT_TOKEN is stored and shown here: {what} is no place for a secret"
    )


def test_a_secret_in_its_place_is_not_worth_a_notice() -> None:
    from tests.config.loading import of_check

    assert spec(of_check("{http: http://localhost, token: '${BOT_TOKEN}'}"), BOT_TOKEN="x").notices == ()


def test_value_of_a_reference_is_what_the_check_asks() -> None:
    found = check("http: ${HOST:-http://localhost}/${PATH}", PATH="health")

    assert found.target == "http://localhost/health"


@given(text=st.text(alphabet="${}AB:-x ", max_size=20))
def test_names_are_those_that_expansion_needs(text: str) -> None:
    escaped = escape(text)

    assert names(escaped) == ()
    assert expand(escaped, {}) == text
    assert names(f"{escaped} ${{A}}${{B:-c}}") == ("A", "B")
