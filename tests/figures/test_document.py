"""A document as it is sent."""

from __future__ import annotations

import gzip

import pytest

from trueup.figures.document import HTML, JSON, Document, accepts_gzip, answer

LONG = b"word " * 1_000


def test_answer_is_whole_and_says_its_length() -> None:
    document = Document.of(b"{}", JSON)

    sent = answer(document, method="GET")

    assert (sent.status, sent.body) == (200, b"{}")
    assert dict(sent.headers)["Content-Length"] == "2"


def test_head_has_the_headers_of_get_and_no_body() -> None:
    document = Document.of(LONG, HTML)

    sent = answer(document, method="HEAD")

    assert sent.body == b""
    assert sent.headers == answer(document, method="GET").headers


def test_long_document_is_packed_for_who_takes_it() -> None:
    document = Document.of(LONG, HTML)

    sent = answer(document, method="GET", accept_encoding="br, gzip")

    assert gzip.decompress(sent.body) == LONG
    assert dict(sent.headers)["Content-Encoding"] == "gzip"
    assert dict(sent.headers)["Content-Length"] == str(len(sent.body))


@pytest.mark.parametrize("form", ["{}", '"other", {}', "*"])
def test_reader_who_has_it_gets_304_without_a_body(form: str) -> None:
    document = Document.of(LONG, HTML)

    sent = answer(document, method="GET", if_none_match=form.format(document.etag))

    assert (sent.status, sent.body) == (304, b"")
    assert dict(sent.headers)["ETag"] == document.etag
    assert "Content-Type" not in dict(sent.headers)


def test_strong_form_of_the_same_tag_matches() -> None:
    document = Document.of(b"{}", JSON)

    assert document.matches(document.etag.removeprefix("W/"))
    assert not document.matches('"0123"')


def test_other_content_has_another_tag() -> None:
    assert Document.of(b"1", JSON).etag != Document.of(b"2", JSON).etag


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("*;q=0, gzip", True),
        ("*, gzip;q=0", False),
        ("*;q=0", False),
        ("br", False),
        ("", False),
    ],
)
def test_encoding_is_read_as_sent(header: str, taken: bool) -> None:
    assert accepts_gzip(header) is taken
