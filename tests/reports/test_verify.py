"""A statement that was touched anywhere is found out, and what was touched is named."""

from __future__ import annotations

import base64
import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.domain.sla.worked import CASES
from tests.reports.making import KEYS, PRIVATE, PUBLIC, SIGNER, made

from trueup.domain import sla
from trueup.reports import key
from trueup.reports import verify as verifying
from trueup.reports.canonical import Document, FormError, decode, encode
from trueup.reports.chain import verify_all
from trueup.reports.signer import Signer
from trueup.reports.statement import Place, Superseded, file_document, message, statement_document
from trueup.reports.verify import verify

Change = Callable[[Any], Any]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where every single value of a document stands."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list) and value:
        for position, inner in enumerate(value):
            yield from places(inner, (*path, position))
    else:
        yield path


def altered(value: Any) -> Any:
    """Return another value of the same kind, as plausible as can be."""
    if isinstance(value, bool):
        return not value
    if value is None:
        return "1"
    if isinstance(value, list):
        return ["1"]
    if value and value[-1].isdigit():
        return value[:-1] + str((int(value[-1]) + 1) % 10)
    if value.endswith("Z") and len(value) > 3 and value[-2].isdigit():
        return value[:-2] + str((int(value[-2]) + 1) % 10) + "Z"
    return value + "x" if value else "x"


def put(document: Document, path: tuple[Any, ...], value: Any) -> Document:
    """Return a copy with one value replaced."""
    found = copy.deepcopy(document)
    inner: Any = found
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return found


def words(path: tuple[Any, ...]) -> str:
    """Return the deepest name of a path that is a key, as a finding would hold it."""
    return next(str(name) for name in reversed(path) if isinstance(name, str))


def test_every_worked_case_makes_a_statement_that_holds() -> None:
    for name in CASES:
        found = verify(encode(made(name)), KEYS)

        assert found.holds, (name, found.findings)


def test_its_layout_does_not_matter() -> None:
    laid_out = json.dumps(made(), indent=4, ensure_ascii=True).encode()

    assert verify(laid_out, KEYS).holds


def test_every_change_of_a_single_value_is_named() -> None:
    file = made(place=Place(4, "cd" * 32, 2, Superseded("a" * 12, 1, "ef" * 32), "late data"))
    signed = [("statement", *path) for path in places(file["statement"])]
    inputs = [("inputs", *path) for path in places(file["inputs"])]
    seals = [("hash",), ("signature",)]
    tried = 0

    for path in (*signed, *inputs, *seals):
        value: Any = file
        for name in path:
            value = value[name]
        found = verify(encode(put(file, path, altered(value))), KEYS)
        named = " ".join(map(str, found.findings))

        assert not found.holds
        assert words(path) in named or str(path[-2]) in named, (path, named)
        tried += 1

    assert tried >= 200


def test_every_change_of_a_fingerprint_is_named() -> None:
    file = made()

    for path in places({"fingerprints": file["fingerprints"]}):
        value: Any = file
        for name in path:
            value = value[name]
        found = verify(encode(put(file, path, altered(value))), KEYS)

        assert any(str(path[1]) in each.where for each in found.findings), path


@pytest.mark.parametrize("odd", [None, True, [[]], [None], {}, [{}]])
def test_a_fingerprint_that_is_none_is_named(odd: object) -> None:
    file = made()
    file["fingerprints"]["statement.changes"] = odd

    found = verify(encode(file), KEYS)

    assert [str(each) for each in found.findings] == [
        "form: fingerprints holds what is neither a text nor a list of texts."
    ]


def lists(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where every list of entries stands."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, list) and inner:
            yield (*path, name)
        if isinstance(inner, dict | list):
            yield from lists(inner, (*path, name))


@pytest.mark.parametrize(
    "change",
    [lambda entries: entries[::-1], lambda entries: entries[1:], lambda entries: [*entries, entries[0]]],
    ids=["another order", "one taken out", "one put in twice"],
)
def test_entries_that_are_moved_taken_out_or_put_in_are_named(change: Change) -> None:
    file = made()
    for path in lists({"inputs": file["inputs"], "statement": file["statement"]}):
        value: Any = file
        for name in path:
            value = value[name]
        if change(value) == value:
            continue
        found = verify(encode(put(file, path, change(value))), KEYS)
        named = " ".join(map(str, found.findings))

        assert not found.holds
        assert words(path) in named, (path, named)


def test_order_alone_is_said_to_be_order() -> None:
    file = made()
    records = ("inputs", "case", "components", 0, "checks", 0, "intervals")
    entries = file["inputs"]["case"]["components"][0]["checks"][0]["intervals"]

    found = verify(encode(put(file, records, entries[::-1])), KEYS)

    assert "stand in another order" in str(found.findings[0])


def test_keys_that_are_added_or_missing_are_named() -> None:
    file = made()
    for part in ("statement", "inputs"):
        for name in file[part]:
            without = copy.deepcopy(file)
            del without[part][name]

            assert name in " ".join(map(str, verify(encode(without), KEYS).findings))
        more = put(file, (part, "more"), "1")

        assert "more" in " ".join(map(str, verify(encode(more), KEYS).findings))


def resigned(file: Document, statement: Document, signer: Signer = SIGNER) -> Document:
    """Return a file whose owner has signed another statement with it."""
    return file_document(
        statement, file["inputs"], signature=signer.sign(message(statement)), built_at=file["built_at"]
    )


def test_a_result_that_its_inputs_do_not_give_is_named_though_it_is_signed() -> None:
    file = made()
    lie = put(file["statement"], ("result", "uptime_percent"), "99.950000")

    found = verify(encode(resigned(file, lie)), KEYS)

    assert [each.where for each in found.findings] == ["statement.result.uptime_percent"]
    assert "it says 99.950000, its inputs give 99.766610" in str(found.findings[0])


def test_a_key_that_is_not_trusted_is_named() -> None:
    found = verify(encode(made()), {})

    assert [each.where for each in found.findings] == ["key"]


def test_another_key_of_the_same_name_is_refused() -> None:
    other = Signer(SIGNER.key_id, PRIVATE[::-1])

    found = verify(encode(made(signer=other)), KEYS)

    assert [each.where for each in found.findings] == ["signature"]


def test_a_key_file_whose_key_was_changed_is_refused() -> None:
    published = key.document(KEYS.values())
    changed = put(published, ("keys", 0, "public"), base64.b64encode(PUBLIC[::-1]).decode())

    with pytest.raises(key.KeyFileError, match="its public half is that of key"):
        key.read(changed)
    assert key.read(published) == KEYS


def test_a_statement_of_another_kernel_is_intact_and_said_to_be_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = made()
    older = copy.deepcopy(file)
    older["inputs"]["kernel"] = "3"
    older["statement"] |= {"result": {**file["statement"]["result"], "uptime_percent": "99.000000"}}
    statement = statement_document(older["inputs"], older["statement"]["result"], Place(1), SIGNER.key_id)

    found = verify(encode(resigned(older, statement)), KEYS)

    assert found.holds
    assert found.verdict == f"signed and intact, computed by kernel 3, this is kernel {sla.KERNEL}"


def test_a_draft_does_not_hold() -> None:
    file = made()
    draft = file_document(
        {**file["statement"], "key_id": None}, file["inputs"], signature=None, built_at="", draft="it is open"
    )

    found = verify(encode(draft), KEYS)

    assert not found.holds
    assert found.verdict == "this is a draft, and not signed: it is open"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no JSON"),
        (b"\xff", "UTF-8"),
        (b"[]", "no object"),
        (b"{}", "schema"),
        (b'{"schema": "trueup-statement/1"}', "no key"),
        (b'{"a": 1.5}', "the number 1.5"),
        (b'{"a": NaN}', "the number NaN"),
        (b'{"a": "1", "a": "2"}', "twice"),
        (b"[" * 100_000, "nested"),
        (b'{"schema": "trueup-statement/1", "statement": [], "inputs": null}', "no object"),
    ],
)
def test_what_is_no_statement_is_said_to_be_none(data: bytes, why: str) -> None:
    found = verify(data, KEYS)

    assert found.statement is None
    assert why in " ".join(map(str, found.findings))


def test_broken_unicode_is_no_fault_of_ours() -> None:
    file = put(made(), ("statement", "contract", "name"), "\ud800")

    assert verify(json.dumps(file).encode(), KEYS).statement is None
    with pytest.raises(FormError):
        encode({"a": "\ud800"})


@pytest.mark.parametrize("value", [None, True, "1", [[]], ["x"], [{}], [{"interval_seconds": "often"}]])
def test_checks_that_cannot_be_read_are_named(value: Any) -> None:
    file = made("A02")
    file["inputs"]["checks"] = value

    assert "inputs.checks" in str(verify(encode(file), KEYS).findings[0])


def test_an_empty_draft_is_named() -> None:
    assert not verify(encode({**made("A02"), "draft": ""}), KEYS).holds


def test_a_superseded_statement_whose_id_is_no_text_is_named() -> None:
    file = chained()[2]
    file["statement"]["supersedes"]["id"] = []

    _, (other,) = verify_all([("a.json", encode(file))], KEYS)

    assert "supersedes" in str(other.findings[0])


def chained() -> list[Document]:
    """Return three statements of one contract; the last one is another revision of the first."""
    first = made("A02")
    second = made("A06", Place(2, first["hash"]))
    before = Superseded(first["statement"]["id"], 1, first["hash"])
    return [first, second, made("A02", Place(3, second["hash"], 2, before, "late data"))]


def named(files: list[Document]) -> list[tuple[str, bytes]]:
    """Return files with names, the last one first: order must not matter."""
    return [(f"{number}.json", encode(file)) for number, file in enumerate(files, 1)][::-1]


def test_a_chain_holds() -> None:
    (chain,), others = verify_all(named(chained()), KEYS)

    assert chain.holds
    assert (others, chain.notes) == ([], ())


def test_a_statement_that_was_taken_out_of_the_chain_is_missed() -> None:
    first, _, third = chained()

    (chain,), _ = verify_all(named([first, third]), KEYS)

    assert "number 2 is missing" in str(chain.findings[0])


def test_a_statement_that_was_signed_anew_breaks_the_chain() -> None:
    _, second, third = chained()

    (chain,), _ = verify_all(named([made("A01"), second, third]), KEYS)

    assert "was signed to follow" in str(chain.findings[0])


def test_two_statements_of_one_number_are_both_named() -> None:
    (chain,), _ = verify_all(named([*chained(), made("A01")]), KEYS)

    assert "1.json and 4.json are both number 1" in str(chain.findings[0])


def test_a_revision_of_another_window_is_named() -> None:
    first = made("A02")
    before = Superseded(first["statement"]["id"], 1, first["hash"])

    (chain,), _ = verify_all(named([first, made("A06", Place(2, first["hash"], 2, before))]), KEYS)

    assert "which is of another window" in str(chain.findings[0])


def test_a_chain_without_its_beginning_says_so() -> None:
    (chain,), _ = verify_all(named(chained()[1:]), KEYS)

    assert chain.holds
    assert chain.notes == ("the chain begins with number 2 here: what is before is not seen",)


def test_nothing_is_needed_but_the_file_and_the_keys() -> None:
    script = (
        "import sys, trueup.reports.verify, trueup.reports.chain\n"
        "print([name for name in sys.modules if name.startswith(('django', 'trueup.store', 'socket'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_the_bytes_are_the_same_each_time() -> None:
    assert encode(made()) == encode(made())
    assert decode(encode(made())) == made()
    assert replace(verifying.verify(encode(made()), KEYS), name="x").digest == made()["hash"]
