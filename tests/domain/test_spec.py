from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict

import pytest

from trueup.domain.spec import CheckSpec, Secret

SECRET = Secret("hunter2")


@pytest.mark.parametrize(
    "shown",
    [
        str(SECRET),
        repr(SECRET),
        f"{SECRET} {SECRET!r} {SECRET!s:>20}",
        "%s" % SECRET,  # noqa: UP031
        "".join([SECRET]),
        SECRET + "x",
        SECRET.upper(),
        json.dumps({"a": SECRET}),
        repr([SECRET]),
        repr(SECRET.encode()),
        repr(CheckSpec("a", "a", "http", "x", 1, 1, options={"token": SECRET})),
        repr(asdict(CheckSpec("a", "a", "http", "x", 1, 1, options={"token": SECRET}))),
        repr(copy.deepcopy({"a": SECRET})),
    ],
)
def test_a_secret_shows_its_mask_however_it_is_printed(shown: str) -> None:
    assert "hunter2" not in shown.lower()


def test_only_reveal_gives_the_value() -> None:
    assert SECRET.reveal() == "hunter2"
    assert copy.deepcopy(SECRET).reveal() == "hunter2"


def test_a_secret_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(SECRET)


def test_secrets_are_equal_when_they_were_written_alike() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a", "${A}") == Secret("another value", "${A}")
    assert Secret("a", "${A}") != Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_no_secret_equals_a_plain_text() -> None:
    assert Secret("a") != "a"
    assert Secret("a") != "********"
    assert "********" != Secret("a")  # noqa: SIM300


def test_the_source_of_a_literal_means_itself() -> None:
    assert Secret("a${b}").source == "a$${b}"
    assert Secret("x", "${B}").source == "${B}"
