from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.reference import BadReferenceError, MissingVariableError, escape, expand, is_whole

ENVIRON = {"A": "one", "EMPTY": "", "LIKE_A_REFERENCE": "${A}"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("${A}", "one"),
        ("x${A}y${A}", "xoneyone"),
        ("${A:-two}", "one"),
        ("${B:-two}", "two"),
        ("${B:-}", ""),
        ("${EMPTY}", ""),
        ("${EMPTY:-two}", "two"),
        ("${B:-http://localhost:8000}/health", "http://localhost:8000/health"),
        ("$${A}", "${A}"),
        ("$A $ $$ {A}", "$A $ $$ {A}"),
        ("${LIKE_A_REFERENCE}", "${A}"),
    ],
)
def test_references_are_replaced_once(text: str, expanded: str) -> None:
    assert expand(text, ENVIRON) == expanded


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(MissingVariableError, match="environment variable NOPE is not set") as caught:
        expand("${A}${NOPE}", ENVIRON)

    assert caught.value.name == "NOPE"


@pytest.mark.parametrize("text", ["${", "${}", "${A", "${1A}", "${A-x}", "${A:-${A}}", "${ A }"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(BadReferenceError, match=r"write \$\{NAME\} or"):
        expand(text, ENVIRON)


@given(text=st.text(alphabet="${}A:-x"))
def test_an_escaped_text_means_itself(text: str) -> None:
    assert expand(escape(text), {}) == text


def test_only_a_reference_without_anything_else_reveals_nothing() -> None:
    assert is_whole("${A}")
    assert not any(map(is_whole, ["${A:-secret}", "x${A}", "${A}\n", "$${A}", "secret", ""]))
