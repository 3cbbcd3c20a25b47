"""Words from outside are stored so that every database takes them, and come back as they were."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.text import Text, from_json
from trueup.store.words import text_json

# what PostgreSQL refuses: NUL, and half a surrogate pair
good = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def test_what_no_database_can_hold_is_replaced() -> None:
    stored = text_json(Text("internal", {"error": "a\x00b\ud800", "a\0": 5}))

    assert stored is not None
    assert stored.encode()  # no half of a pair
    assert "\\u0000" not in stored
    assert json.loads(stored) == {"id": "internal", "params": {"error": "a\ufffdb\ufffd", "a\ufffd": 5}}


@given(good, st.dictionaries(good, st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | good))
def test_a_sentence_comes_back_as_it_was_stored(identity: str, values: dict[str, int | str | None]) -> None:
    stored = text_json(Text(identity, values))

    assert stored is not None
    assert from_json(json.loads(stored)) == Text(identity, values)
