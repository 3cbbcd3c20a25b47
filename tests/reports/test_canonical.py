"""One document has one sequence of bytes: that of RFC 8785."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from trueup.reports.canonical import decode, digest, encode, spelled

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LEAVES = st.none() | st.booleans() | TEXTS
DOCUMENTS = st.dictionaries(
    TEXTS,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_size=5,
)


@given(DOCUMENTS)
def test_bytes_are_those_of_the_standard_and_read_again(document: dict[str, Any]) -> None:
    assert encode(document) == rfc8785.dumps(document)
    assert decode(encode(document)) == document


def test_keys_are_in_the_order_of_the_standard() -> None:
    assert encode({"\ue000": "1", "\U0001f680": "2", "a": "3"}) == rfc8785.dumps(
        {"a": "3", "\U0001f680": "2", "\ue000": "1"}
    )
    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})


def test_numbers_become_texts_that_lose_nothing() -> None:
    assert spelled({"a": 1, "b": [Fraction(1, 3), Fraction(999, 10)], "c": True, "d": None}) == {
        "a": "1",
        "b": ["1/3", "99.9"],
        "c": True,
        "d": None,
    }
    with pytest.raises(TypeError, match="float has no exact text"):
        spelled(0.1)
