"""The JSON Schema of the configuration agrees with what the loader accepts and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from scripts import reference
from tests.config.loading import errors, of_check, spec
from tests.config.test_random import ENVIRON, documents, outcome, written
from tests.test_docs import PAGES, blocks, name_of

from trueup.config import example, shape
from trueup.config.problem import ConfigErrors

DOCUMENT = shape.document()
VALIDATOR = Draft202012Validator(DOCUMENT)


def complaints(text: str) -> list[str]:
    """Return what an editor would underline."""
    tree = YAML(typ="safe", pure=True).load(text)
    tree = json.loads(json.dumps(tree, default=str))  # as editors do: keys are texts, and dates too
    return [error.message for error in VALIDATOR.iter_errors(tree)]


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(DOCUMENT)


def test_published_schema_is_current() -> None:
    assert reference.SCHEMA.read_text("utf-8") == shape.text(), "run: make fix"


def test_starter_is_what_the_schema_says() -> None:
    assert complaints(example.TEXT) == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=name_of)
def test_examples_of_the_documentation_are_what_the_schema_says(page: Path) -> None:
    assert [complaints(block) for block in blocks(page, "yaml")] == [[]] * len(blocks(page, "yaml"))


@settings(max_examples=30)
@given(document=documents())
def test_whatever_can_be_applied_is_what_the_schema_says(document: dict[str, Any]) -> None:
    found = spec(json.dumps(document), environ=ENVIRON)

    assert complaints(json.dumps(document)) == []
    assert complaints(json.dumps(written(found))) == []


@pytest.mark.parametrize(
    "lines",
    [
        "http: ${A}",
        "http: http://localhost\ninterval: ${I:-5s}\nconfirm: ${N:-2}\ncounts: ${C:-true}\ntags: eu",
        "{http: http://localhost, expect: status == 200, headers: {X-Number: 5, X-Flag: true}}",
        "http: http://localhost\nname: 200\ninsecure: ${F:-false}",
        "{tcp: 'localhost:80', degraded_when: [], tags: [a, ж]}",
    ],
)
def test_a_reference_may_stand_in_every_value(lines: str) -> None:
    text = of_check(lines)

    assert spec(text, environ={"A": "http://localhost"}).components
    assert complaints(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "components: []",
        "component: []",
        of_check("htp: http://localhost"),
        of_check("{http: http://localhost, tcp: 'localhost:1'}"),
        of_check("{http: http://localhost, metod: GET}"),
        of_check("{http: http://localhost, method: FETCH}"),
        of_check("{http: http://localhost, interval: 30}"),
        of_check("{http: http://localhost, interval: 30 seconds}"),
        of_check("{http: http://localhost, confirm: 0}"),
        of_check("{http: http://localhost, confirm: two}"),
        of_check("{http: http://localhost, counts: maybe}"),
        of_check("{http: http://localhost, slug: Not a slug}"),
        of_check("{http: http://localhost, headers: [a]}"),
        of_check("{http: http://localhost, tags: [a, a]}"),
        of_check("{http: http://localhost, expect: {status: 200}}"),
        of_check("{http: }"),
        of_check("http: http://localhost", head="site: {nam: x}\n"),
        of_check("http: http://localhost", head="site: {url: example.org}\n"),
        of_check("http: http://localhost", head="defaults: {timeout: 5}\n"),
        of_check("http: http://localhost") + "contracts: [{name: A}]\n",
        of_check("http: http://localhost")
        + "contracts: [{name: A, components: [backend], objective: 101, window: {rolling: 30d}}]\n",
        of_check("http: http://localhost")
        + "contracts: [{name: A, components: [backend], objective: 99, window: {}}]\n",
        of_check("http: http://localhost")
        + "contracts: [{name: A, components: [backend], objective: 99, window: {rolling: 30d}, tires: 1}]\n",
        of_check("http: http://localhost") + "channels: [{slak: x}]\n",
        of_check("http: http://localhost") + "channels: [{slack: 'https://x.example/', colour: red}]\n",
    ],
)
def test_what_apply_refuses_an_editor_underlines(text: str) -> None:
    assert errors(text).problems
    assert complaints(text)


_LEAVES = ["x", "5s", "any", 5, 1.5, True, None, [], ["x"], {}, {"x": "y"}]


@pytest.mark.parametrize("place", [name for name in DOCUMENT["$defs"] if "-" in name])
def test_schema_never_refuses_a_value_that_the_loader_takes(place: str) -> None:
    noun, _, kind = place.partition("-")
    wrong = []
    for key in DOCUMENT["$defs"][place]["properties"]:
        for value in _LEAVES if key != kind else ():
            document = _with(noun, kind, {key: value})
            taken = not isinstance(outcome(json.dumps(document).encode()), ConfigErrors)
            if taken and not VALIDATOR.is_valid(document):
                wrong.append((key, value))

    assert wrong == []


def _with(noun: str, kind: str, keys: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"http": "http://localhost/"}
    targets = {"http": "http://localhost/", "websocket": "ws://localhost/"}
    if noun == "check":
        good = {kind: targets.get(kind, "localhost:1"), **keys}
    document: dict[str, Any] = {"components": [{"name": "A", "checks": [good]}]}
    return document if noun == "check" else {**document, "channels": [{kind: "https://localhost/x", **keys}]}
