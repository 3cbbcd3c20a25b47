"""A public document as the bytes that are sent: made once, answered many times."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, replace

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"

# A document is renewed at most every ten seconds, so that a cache between us and the reader may hold
# it for a while; after that it asks, and gets a 304 unless something changed.
_CACHE_CONTROL = "public, max-age=5, must-revalidate"
_PRIVATE = "private, no-store"
_NOT_PRIVATE = ("Cache-Control", "Vary", "Access-Control-", "Cross-Origin-Resource-Policy")
_PACK_FROM = 1_000  # bytes; below, packing costs more than it saves


@dataclass(frozen=True, slots=True)
class Document:
    """One representation of one revision of a document."""

    body: bytes
    packed: bytes  # the same, gzip; empty where it is not worth it
    etag: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, body: bytes, content_type: str, *, anyone: bool = False) -> Document:
        """Return a document; ``anyone`` lets scripts of other sites read it."""
        # Weak, because the packed and the plain form are the same document to a reader.
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
        packed = gzip.compress(body, compresslevel=6, mtime=0) if len(body) >= _PACK_FROM else b""
        headers = [
            ("Content-Type", content_type),
            ("ETag", etag),
            ("Cache-Control", _CACHE_CONTROL),
            ("Vary", "Accept-Encoding"),
        ]
        if anyone:
            headers += [
                ("Access-Control-Allow-Origin", "*"),
                ("Access-Control-Expose-Headers", "ETag"),
                ("Cross-Origin-Resource-Policy", "cross-origin"),
            ]
        return cls(body, packed, etag, tuple(headers))

    def private(self) -> Document:
        """Return the same for readers who had to say who they are: nobody else keeps it or reads it."""
        kept = (pair for pair in self.headers if not pair[0].startswith(_NOT_PRIVATE))
        vary = "Accept-Encoding, Authorization, Cookie"
        return replace(self, headers=(*kept, ("Cache-Control", _PRIVATE), ("Vary", vary)))

    def matches(self, if_none_match: str) -> bool:
        """Return whether a reader who sends this ``If-None-Match`` has this document already."""
        names = (name.strip() for name in if_none_match.split(","))
        return any(name == "*" or name.removeprefix("W/") == self.etag.removeprefix("W/") for name in names)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for a document: a status, headers and a body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def answer(document: Document, *, method: str, if_none_match: str = "", accept_encoding: str = "") -> Answer:
    """Return the answer to a GET or HEAD of a document: whole, packed, without its body, or 304."""
    if if_none_match and document.matches(if_none_match):
        kept = tuple(pair for pair in document.headers if pair[0] != "Content-Type")
        return Answer(304, kept, b"")
    body, headers = document.body, document.headers
    if document.packed and accepts_gzip(accept_encoding):
        body, headers = document.packed, (*headers, ("Content-Encoding", "gzip"))
    headers = (*headers, ("Content-Length", str(len(body))))
    return Answer(200, headers, b"" if method == "HEAD" else body)


def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether a reader takes gzip; ``gzip;q=0`` does not, and what names gzip outdoes ``*``."""
    taken: dict[str, bool] = {}
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.partition(";")
        taken[name.strip()] = quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return taken.get("gzip", taken.get("*", False))
