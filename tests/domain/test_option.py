from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from trueup.domain.option import OptionError, fields, option, read, schema
from trueup.domain.spec import Secret


@dataclass(frozen=True, kw_only=True)
class Door:
    """A kind with an option of every type."""

    kind: ClassVar[str] = "door"

    target: str = ""
    text: str = option("", "A text.")
    word: str = option("a", "One of two words.", choices=("a", "b"))
    number: int = option(3, "A number.")
    flag: bool = option(True, "A flag.")
    size: int = option(1000, "A size.", form="size")
    file: str = option("", "A file.", form="file")
    texts: tuple[str, ...] = option((), "Texts.")
    map: Mapping[str, str] = option({}, "A map.")
    secret: Secret | None = option(None, "A secret.")
    secrets: Mapping[str, Secret] = option({}, "Secrets.")


def test_the_fields_of_a_kind_are_its_options() -> None:
    found = {each.name: (each.type, each.secret) for each in fields(Door)}

    assert found == {
        "text": ("text", False),
        "word": ("text", False),
        "number": ("number", False),
        "flag": ("flag", False),
        "size": ("size", False),
        "file": ("file", False),
        "texts": ("texts", False),
        "map": ("map", False),
        "secret": ("secret", True),
        "secrets": ("secret map", True),
    }


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("text", "x", "x"),
        ("text", 1, "1"),
        ("number", "5", 5),
        ("number", -5, -5),
        ("flag", False, False),
        ("flag", "true", True),
        ("size", "64 kB", 64_000),
        ("size", "1MB", 1_000_000),
        ("size", 12, 12),
        ("texts", "one", ("one",)),
        ("texts", ["one", "two"], ("one", "two")),
        ("map", {"a": "b"}, {"a": "b"}),
        ("secret", Secret("x"), Secret("x")),
        ("secret", "x", Secret("x")),
        ("secrets", {"a": "x"}, {"a": Secret("x")}),
    ],
)
def test_what_is_written_becomes_what_is_meant(name: str, written: Any, meant: Any) -> None:
    assert read(Door, {name: written}) == {name: meant}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("text", ["x"]),
        ("text", True),
        ("word", "c"),
        ("number", "x"),
        ("number", True),
        ("number", "1.5"),
        ("number", "--5"),
        ("number", "9" * 5_000),
        ("flag", "no"),
        ("size", "5 parsec"),
        ("size", "9" * 5_000),
        ("texts", {"a": "b"}),
        ("texts", [["x"]]),
        ("map", ["a"]),
        ("map", {"a": ["b"]}),
        ("secret", ["hunter2"]),
        ("secrets", {"a": ["hunter2"]}),
    ],
)
def test_what_is_not_of_its_type_is_refused_without_a_secret(name: str, written: Any) -> None:
    with pytest.raises(OptionError, match=rf"^{name}: ") as caught:
        read(Door, {name: written})

    assert caught.value.field == name
    assert "hunter2" not in str(caught.value)


def test_an_unknown_option_is_refused_with_the_nearest() -> None:
    with pytest.raises(OptionError, match=r"nomber is no option of door: did you mean number\?"):
        read(Door, {"nomber": 1})


def test_the_schema_shows_no_default_of_a_secret() -> None:
    found = schema(fields(Door))

    assert found["additionalProperties"] is False
    assert found["properties"]["word"] == {
        "type": "string",
        "description": "One of two words.",
        "enum": ["a", "b"],
        "default": "a",
    }
    assert "default" not in found["properties"]["secret"]


def test_a_field_that_cannot_be_written_is_a_fault_of_the_kind() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Odd:
        strange: complex = 1j

    with pytest.raises(TypeError, match="strange"):
        fields(Odd)
