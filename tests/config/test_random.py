from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.config.loading import spec

from trueup.config.fields import INTERVALS_US
from trueup.config.load import loads
from trueup.config.problem import ConfigErrors
from trueup.config.vocabulary import vocabulary
from trueup.domain import duration
from trueup.domain.reference import escape
from trueup.domain.spec import CheckSpec, ConfigSpec, Secret

ENVIRON = {"A": "a", "EMPTY": "", "TREE": "{x: [1, 2]}"}


def outcome(data: bytes) -> ConfigSpec | ConfigErrors:
    """Return what becomes of some bytes; anything but these two is a fault."""
    try:
        return loads(data, "trueup.yaml", ENVIRON, Path("/nowhere"))
    except ConfigErrors as errors:
        return errors


@given(data=st.binary(max_size=200))
def test_random_bytes_are_a_configuration_or_errors(data: bytes) -> None:
    found = outcome(data)

    assert isinstance(found, ConfigErrors)
    assert found.problems


@given(text=st.text(alphabet=":-[]{}'\"|>&*!#%@`?,~ \t\n\\ab1.$<", max_size=60))
@example("a: &a [*a]")
@example('"\\U99999999"')
@example("? ? ?")
@example("%YAML 9.9\n---")
def test_random_punctuation_is_a_configuration_or_errors(text: str) -> None:
    found = outcome(text.encode())

    assert isinstance(found, ConfigErrors)
    assert all(problem.message for problem in found.problems)


_KEYS = st.sampled_from([*vocabulary().plain, *vocabulary().secret, "x", "$secret", ""])
_LEAVES = st.sampled_from(
    [None, True, 0, -1, 1.5, 10**30, "", " ", "any", "5s", "1m", "http://localhost", "localhost:80", "${A}",
     "${NOPE}", "${", "$${A}", "${TREE}", "status == 200", "$.a.b == 'x'", "latency > 1 s", "Europe/Moscow",
     "frontend", "month", "\ud7ff", "a" * 5001, "/re(/"]
)  # fmt: skip
_TREES = st.recursive(
    _LEAVES | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=20,
)
_CHECK = st.dictionaries(_KEYS, _TREES, max_size=4).map(lambda keys: {"http": "http://localhost", **keys})
_COMPONENT = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Frontend", "Backend", "Ё"]) | _TREES,
        "checks": st.lists(_CHECK, max_size=2) | _TREES,
    },
    optional={"slug": _TREES, "was": _TREES, "down_when": _TREES, "x": _TREES},
)
_DOCUMENT = st.fixed_dictionaries(
    {"components": st.lists(_COMPONENT, max_size=3) | _TREES},
    optional={
        "site": _TREES,
        "defaults": _TREES,
        "contracts": st.lists(_TREES, max_size=2) | _TREES,
        "channels": st.lists(_TREES, max_size=2) | _TREES,
    },
)


@settings(max_examples=100)
@given(tree=_DOCUMENT | _TREES)
def test_random_documents_are_a_configuration_or_errors(tree: Any) -> None:
    found = outcome(json.dumps(tree).encode())

    if isinstance(found, ConfigErrors):
        assert found.report()
        assert json.dumps(found.as_json())


_WORDS = st.text(alphabet="abcXYZ012 é-", min_size=1, max_size=12).filter(lambda word: word.strip(" -é"))
_CHECKS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["http", "tcp"]),
        "interval_us": st.sampled_from(INTERVALS_US[4:]),
        "timeout_us": st.integers(10_000, 5_000_000),
        "confirm": st.integers(1, 5),
        "recover": st.integers(1, 5),
        "counts": st.booleans(),
        "token": st.none() | st.sampled_from(["plain", "a${b}", "${A}", "Key ${A}"]),
    }
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a good document."""
    components = []
    for number in range(draw(st.integers(1, 3))):
        checks = [
            _written(f"c{number}-{position}", **draw(_CHECKS)) for position in range(draw(st.integers(1, 3)))
        ]
        down_when = draw(st.sampled_from(["any", "all"]))
        name = f"{draw(_WORDS)} {number}"
        components.append({"name": name, "slug": f"s{number}", "down_when": down_when, "checks": checks})
    return {"site": {"name": draw(_WORDS)}, "components": components}


def _written(
    slug: str, *, kind: str, interval_us: int, timeout_us: int, token: str | None, **more: Any
) -> Any:
    target = "http://localhost/x" if kind == "http" else "localhost:80"
    secret = {"token": token.replace("a${b}", "a$${b}")} if token and kind == "http" else {}
    times = {"interval": duration.text(interval_us), "timeout": duration.text(timeout_us)}
    return {kind: target, "slug": slug, **times, **more, **secret}


def written(found: ConfigSpec) -> dict[str, Any]:
    """Return a document that means a configuration."""
    return {
        "site": {"name": found.site.name},
        "components": [
            {
                "name": escape(each.name),
                "slug": each.slug,
                "down_when": each.down_when,
                "checks": [_check(check) for check in each.checks],
            }
            for each in found.components
        ],
    }


def _check(found: CheckSpec) -> dict[str, Any]:
    options = {
        name: value.source if isinstance(value, Secret) else value for name, value in found.options.items()
    }
    return {
        found.kind: escape(found.target),
        "name": found.name,
        "slug": found.slug,
        "interval": duration.text(found.interval_us),
        "timeout": duration.text(found.timeout_us),
        "confirm": found.confirm,
        "recover": found.recover,
        "counts": found.counts,
        **({"expect": [escape(each) for each in found.expect]} if found.expect else {}),
        **options,
    }


@settings(max_examples=30)
@given(document=documents())
def test_what_a_configuration_means_can_be_written_down_again(document: dict[str, Any]) -> None:
    first = spec(json.dumps(document), environ=ENVIRON)

    again = spec(json.dumps(written(first)), environ=ENVIRON)

    assert replace(again, notices=first.notices) == first  # notices bear places
