"""What the chain of the audit log finds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.domain.audit import Entry, canonical, digest, plain
from trueup.domain.chain import Link, faults
from trueup.domain.spec import Secret


def chain(length: int) -> list[Link]:
    links: list[Link] = []
    for number in range(1, length + 1):
        links.append(Link(number, links[-1].digest if links else "", f"d{number}", intact=True))
    return links


def found(links: list[Link]) -> set[tuple[int, str]]:
    return {(each.id, each.what) for each in faults(links)}


@given(st.integers(0, 20))
def test_a_whole_chain_holds(length: int) -> None:
    assert not faults(chain(length))


@given(st.integers(1, 12), st.data())
def test_an_edited_entry_is_named(length: int, data: st.DataObject) -> None:
    links = chain(length)
    at = data.draw(st.integers(0, length - 1))
    one = replace(links[at], intact=False)
    changed = [one, replace(one, previous="x"), replace(one, digest="x")]
    links[at] = data.draw(st.sampled_from(changed))

    assert found(links) == {(at + 1, "edited")}


@given(st.integers(2, 12), st.data())
def test_a_removed_entry_is_named_by_the_one_after_it(length: int, data: st.DataObject) -> None:
    links = chain(length)
    at = data.draw(st.integers(0, length - 2))
    del links[at]

    assert found(links) == {(at + 2, "removed")}


@given(st.integers(3, 12), st.data(), st.sampled_from(["follows", "nonsense"]))
def test_an_inserted_entry_is_named(length: int, data: st.DataObject, how: str) -> None:
    links = [replace(each, id=each.id * 10) for each in chain(length)]
    at = data.draw(st.integers(1, length - 2))
    previous = links[at - 1].digest if how == "follows" else "x"
    links.insert(at, Link(at * 10 + 5, previous, "new", intact=True))

    assert found(links) == {(at * 10 + 5, "inserted")}


@given(st.integers(2, 12), st.data())
def test_two_entries_that_changed_places_are_named(length: int, data: st.DataObject) -> None:
    links = chain(length)
    one, other = sorted(data.draw(st.lists(st.integers(0, length - 1), min_size=2, max_size=2, unique=True)))
    links[one], links[other] = replace(links[other], id=one + 1), replace(links[one], id=other + 1)

    assert found(links) == {(one + 1, "moved"), (other + 1, "moved")}


def test_a_digest_is_the_same_for_ever() -> None:
    entry = Entry(
        at_us=1_795_478_231_925_295, who="os:anna", verb="pause", noun="check", subject="web",
        before=None, after={"until_us": None, "reason": "Wartung: Käse"}, source="command line on here",
    )  # fmt: skip

    assert canonical(entry, "").decode() == (
        '{"after":{"reason":"Wartung: Käse","until_us":null},"at_us":1795478231925295,"before":null,'
        '"form":1,"noun":"check","previous":"","source":"command line on here","subject":"web",'
        '"verb":"pause","who":"os:anna"}'
    )
    assert digest(entry, "") == "7782b08c31a0e77a338befacc239015be01535a6edb6b909289fcfe2cd26524f"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0.1, "0.1"),
        ((1, True, None), [1, True, None]),
        ({"a\0": "\ud800"}, {"a\ufffd": "?"}),
        (Secret("hunter2", "${TOKEN}"), "${TOKEN}"),
        ({"x": Secret("hunter2", "Bearer ${TOKEN}")}, {"x": str(Secret("y"))}),
    ],
)
def test_what_an_entry_holds_can_be_stored_as_it_is(value: object, kept: object) -> None:
    assert plain(value) == kept
