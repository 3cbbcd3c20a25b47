"""Sentences: what they say, and that nothing a target sends can spoil them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain import text
from trueup.domain.catalogue import ENGLISH
from trueup.domain.text import Text, Value, from_json, render

ASKED: dict[str, Value] = {"asked": "http://localhost:8080/", "waited_us": 10_003_000}
params = st.dictionaries(
    st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.floats() | st.text()
)


def test_a_sentence_names_what_was_asked_what_came_and_how_long_it_waited() -> None:
    reached = Text("timeout.wait", {**ASKED, "peer": "127.0.0.1:8080", "connect_us": 310})

    assert render(reached) == (
        "Asked http://localhost:8080/ and waited 10.0 s: "
        "connected to 127.0.0.1:8080 after 0.3 ms, but no answer came."
    )


def test_a_section_whose_value_is_missing_is_left_out() -> None:
    assert render(Text("timeout.wait", ASKED)) == (
        "Asked http://localhost:8080/ and waited 10.0 s: no answer came."
    )
    assert render(Text("timeout.wait", {**ASKED, "peer": "127.0.0.1:8080"})) == (
        "Asked http://localhost:8080/ and waited 10.0 s: connected to 127.0.0.1:8080, but no answer came."
    )
    assert render(Text("timeout.wait", {"peer": ""})) == "no answer came."


@pytest.mark.parametrize("identity", sorted(ENGLISH))
def test_every_sentence_can_be_said_with_all_of_its_values_and_with_none(identity: str) -> None:
    names = set(re.findall(r"\{(\w+)", ENGLISH[identity]))
    full = Text(identity, {name: 1_000_000 if name.endswith("_us") else "x" for name in names})

    assert text.missing(full) == []
    for said in (render(full), render(Text(identity))):
        assert not set("[]{}") & set(said)
        assert "  " not in said
        assert said.endswith(".")
    assert "?" not in render(full)


def test_what_a_sentence_lacks_is_named() -> None:
    assert text.missing(Text("redirect.many", {"limit": 10})) == ["location"]
    with pytest.raises(KeyError):
        text.missing(Text("no.such.sentence"))


def test_an_unknown_sentence_is_shown_with_its_values() -> None:
    assert render(Text("coming.later", {"b": 2, "a": "x"})) == "coming.later (a=x, b=2)"
    assert render(Text("coming.later")) == "coming.later"


@given(st.sampled_from([*sorted(ENGLISH), "unknown", ""]), params)
def test_no_values_make_a_sentence_fail(identity: str, values: dict[str, str | int | None]) -> None:
    names = re.findall(r"\{(\w+)", ENGLISH.get(identity, ""))
    values = dict(zip([*names, *values], [*values.values(), *values.values()], strict=False))

    assert isinstance(render(Text(identity, values)), str)


def test_what_a_target_sends_is_shown_as_plain_signs_and_is_no_template() -> None:
    hostile = Text("redirect.many", {"limit": 3, "location": "{limit}[x]\n\x1b[31m\x00\u202e\ud800"})

    assert render(hostile).endswith("{limit}[x]\\n\\x1b[31m\\x00\\u202e\\ud800.")


@pytest.mark.parametrize("stored", [{}, {"id": 5}, {"id": "x", "params": []}, {"params": {}}])
def test_a_stored_form_that_is_no_sentence_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is no sentence"):
        from_json(stored)


@pytest.mark.parametrize(
    ("length_us", "shown"),
    [
        (0, "0 us"),
        (99, "99 us"),
        (100, "0.1 ms"),
        (1_249, "1.2 ms"),
        (99_949, "99.9 ms"),
        (99_950, "100 ms"),
        (999_499, "999 ms"),
        (999_500, "1.0 s"),
        (59_949_999, "59.9 s"),
        (59_950_000, "1 min"),
        (125_400_000, "2 min 5 s"),
        (3_600_000_000, "1 h"),
        (11_520_000_000, "3 h 12 min"),
        (1_227_605_000_000, "14 d 5 h"),
        (-310, "-0.3 ms"),
    ],
)
def test_a_length_of_time_is_shown_in_the_unit_that_fits(length_us: int, shown: str) -> None:
    assert text.duration(length_us) == shown


@given(st.integers(100, 10**16), st.integers(0, 10**16))
def test_a_longer_time_is_never_shown_as_a_shorter_one(length_us: int, more_us: int) -> None:
    def shortest_us(shown: str) -> float:
        units = {"ms": 1e3, "s": 1e6, "min": 60e6, "h": 3_600e6, "d": 86_400e6}
        words = shown.split()
        return sum(float(words[at]) * units[words[at + 1]] for at in range(0, len(words), 2))

    assert shortest_us(text.duration(length_us)) <= shortest_us(text.duration(length_us + more_us))


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (64_000, "64 kB"),
        (1_536, "1.5 kB"),
        (1_000_000, "1 MB"),
        (2_345_678, "2.3 MB"),
    ],
)
def test_a_size_is_shown_in_the_unit_that_fits(count: int, shown: str) -> None:
    assert text.size(count) == shown


def test_an_instant_is_shown_in_utc() -> None:
    assert text.instant(1_766_863_800_999_999) == "2025-12-27T19:30:00Z"
    assert render(Text("tls.expired", {"subject": "x", "not_after_us": 10**30})).endswith(f"at {10**30}.")
