from __future__ import annotations

import pytest
from tests.config.loading import errors, refused

from trueup.config.document import MAX_REPEATED, parse

SYNTAX = {
    "site:\n\tname: x": "2:1: a tab cannot be used for indentation in YAML: use spaces",
    "site: [1": "1:7: a list that begins with [ is not closed with ]",
    "site: {a: 1": "1:7: a mapping that begins with { is not closed with }",
    "site: 'x": "1:7: a text in quotes is not closed",
    "site: a: b": "1:8: a colon cannot stand here: check the indentation, or use quotes",
    "site: @x": "1:7: a value cannot begin with this character: put it in quotes",
    'site: "\\q"': "1:9: an unknown escape: write \\\\ for a backslash, or use single quotes",
    "a:\n  - b\n c: d": "3:2: this does not fit what stands above: check the indentation",
    "- a\nb: 1": "2:1: this does not fit the list above: check the indentation",
    "a: 1\n---\nb: 2": "2:1: a second document begins here: a configuration is one document",
    "a: *x": "1:4: a value that begins with * repeats an anchor, and there is none: use quotes",
    "a: \x01": "1:4: a character that no YAML file may hold",
    "}": "1:1: a value is missing before this character, or needs quotes",
    'a: "\\U99999999"': "1:1: not YAML: an escape or a number in it is out of range",
}


@pytest.mark.parametrize(("text", "sentence"), SYNTAX.items())
def test_broken_yaml_is_told_with_its_place(text: str, sentence: str) -> None:
    assert refused(text) == [sentence]


def test_the_offending_line_stands_below_with_a_caret() -> None:
    assert str(errors("site:\n  name: [x\n")) == (
        "trueup.yaml:2:9: a list that begins with [ is not closed with ]\n"
        "    2 |   name: [x\n"
        "      |         ^"
    )


def test_a_key_that_stands_twice_names_both_places() -> None:
    assert "3:3: key 'name' stands here twice: first on line 2" in refused("site:\n  name: x\n  name: y\n")


def test_a_key_must_be_a_text() -> None:
    assert "1:3: a key must be a text" in refused("? [a]\n: b\n")


def test_tags_and_merge_keys_are_refused() -> None:
    found = refused("site:\n  name: !!python/object:os.system x\n  <<: {url: a}\n")

    assert "2:9: tags (a value that begins with !) are not used here: put the value in quotes" in found
    assert any(each.startswith("3:3: '<<' is not part of YAML 1.2") for each in found)


def test_an_alias_repeats_a_value() -> None:
    document = parse("a: &x {b: 1}\nc: *x\n", {})

    assert document.tree == {"a": {"b": "1"}, "c": {"b": "1"}}
    assert document.problems == []


def test_an_alias_inside_its_own_value_is_refused() -> None:
    assert refused("a: &x [*x]") == ["1:4: an alias inside the value it stands for: it would never end"]


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]

    (found,) = refused("\n".join(levels))

    assert f"aliases stand for more than {MAX_REPEATED} values" in found


@pytest.mark.parametrize("text", ["[" * 1_000, "{a: " * 1_000, "- " * 5_000, "[" * 60 + "]" * 60])
def test_endless_nesting_is_refused(text: str) -> None:
    assert "nested more than 50 levels deep" in refused(text)[0]


def test_yaml_is_version_1_2() -> None:
    # in 1.1 "no" was false, 1:30 was ninety and 010 was eight
    document = parse("a: no\nb: 1:30\nc: 010\n", {})

    assert document.tree == {"a": "no", "b": "1:30", "c": "010"}


def test_references_are_expanded_in_values_whatever_their_quotes() -> None:
    document = parse("a: ${A}\nb: '${A}-${B:-two}'\nc: \"$${A}\"\nd: >-\n  x\n  ${A}\n", {"A": "one"})

    assert document.tree == {"a": "one", "b": "one-two", "c": "${A}", "d": "x one"}


def test_what_a_variable_holds_is_never_read_as_yaml() -> None:
    document = parse("a: ${A}\n", {"A": "x\nb: 1 # {"})

    assert document.tree == {"a": "x\nb: 1 # {"}


def test_a_missing_variable_is_named_with_its_place() -> None:
    assert refused(
        "site: {name: x}\ncomponents:\n  - name: ${NOPE}\n    checks: [http: http://localhost]\n"
    ) == ["3:11: environment variable NOPE is not set: set it, or give a default with ${NOPE:-default}"]


@pytest.mark.parametrize("text", ["${", "${}", "${1}", "${A", "${A-b}", "${A:-{b}}", "${A:-${B}}"])
def test_a_reference_that_cannot_be_read_is_refused(text: str) -> None:
    found = refused(
        f"site: {{name: '{text}'}}\ncomponents:\n  - name: x\n    checks: [http: http://localhost]\n"
    )

    assert len(found) == 1
    assert found[0].startswith("1:14: a reference that cannot be read: write ${NAME} or ${NAME:-default}")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("expect: status = 200", 16),
        ("expect: 'status = 200'", 17),
        ('expect: "status = 200"', 17),
        ('expect: ["body == \\"x\\" y"]', 25),
        ("expect: ['body == ''x'' y']", 25),
    ],
)
def test_errors_inside_a_text_point_at_their_character(text: str, column: int) -> None:
    prefix = "components:\n  - name: x\n    checks:\n      - http: http://localhost\n        "

    found = errors(prefix + text)

    place = found.problems[0].place
    assert place is not None
    assert (place.line, place.column) == (5, 8 + column)
