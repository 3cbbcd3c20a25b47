"""DNS messages as far as addresses need them (RFC 1035, 3596, 2308): written and read in microseconds.

A general library takes a millisecond for a question with its answer; a monitor asks for thousands.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

A, CNAME, SOA, AAAA = 1, 5, 6, 28
NOERROR, NXDOMAIN = 0, 3
RCODES = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH"}

_HEADER = struct.Struct(">HHHHHH")
_RECORD = struct.Struct(">HHIH")
_QUESTION = struct.Struct(">HH")
_RECURSE, _ANSWER, _TRUNCATED = 0x0100, 0x8000, 0x0200
_IN = 1
_EDNS = b"\0" + _RECORD.pack(41, 1232, 0, 0)  # OPT: answers up to 1,232 bytes fit a datagram
_MAX_POINTERS = 64
_MAX_ALIASES = 16
_NO_TTL = 0xFFFFFFFF


class WireError(ValueError):
    """Bytes that are no answer to the question."""


class Answer(NamedTuple):
    """What a server said: addresses and for how many seconds they, or that there are none, hold."""

    rcode: int
    truncated: bool
    addresses: tuple[str, ...]
    ttl_s: int


def labels(name: str) -> bytes:
    """Return an ASCII name in wire form.

    Raises:
        WireError: It is no name: a part is empty or longer than 63 bytes, or all of it than 255.
    """
    parts = name.rstrip(".").encode("ascii", "replace").split(b".")
    if not all(0 < len(part) < 64 for part in parts):
        raise WireError("a part of it is empty or longer than 63 signs")
    found = b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    if len(found) > 255:
        raise WireError("it is longer than 253 signs")
    return found


def question(number: int, name: bytes, kind: int, *, edns: bool = True) -> bytes:
    """Return a recursive question with its number, for a name in wire form."""
    head = _HEADER.pack(number, _RECURSE, 1, 0, 0, 1 if edns else 0)
    return head + name + _QUESTION.pack(kind, _IN) + (_EDNS if edns else b"")


def read(message: bytes, asked: bytes, name: bytes, kind: int) -> Answer:
    """Return what a message answers to a question (``asked``, about ``name`` and ``kind``).

    Raises:
        WireError: It answers another question, or is no message at all.
    """
    try:
        return _read(message, asked, name, kind)
    except (IndexError, struct.error) as error:
        raise WireError("the message ends too early") from error


def _read(message: bytes, asked: bytes, name: bytes, kind: int) -> Answer:
    number, flags, questions, answers, authorities, _ = _HEADER.unpack_from(message)
    end = 12 + len(name) + 4
    if number != asked[0] << 8 | asked[1] or not flags & _ANSWER:
        raise WireError("it answers another question")
    if (
        questions != 1
        or message[12 : end - 4].lower() != name.lower()
        or message[end - 4 : end] != (_QUESTION.pack(kind, _IN))
    ):
        raise WireError("it answers another question")
    rcode = flags & 15
    if flags & _TRUNCATED or rcode not in (NOERROR, NXDOMAIN):
        return Answer(rcode, bool(flags & _TRUNCATED), (), 0)
    aliases: dict[bytes, tuple[bytes, int]] = {}
    found: dict[bytes, list[tuple[str, int]]] = {}
    place = end
    for _ in range(answers):
        owner, place, held = _record(message, place)
        _take(message, owner, held, kind, aliases, found)
    owner, ttl_s = name.lower(), _NO_TTL
    for _ in range(_MAX_ALIASES):
        if owner in found or owner not in aliases:
            break
        owner, alias_ttl_s = aliases[owner]
        ttl_s = min(ttl_s, alias_ttl_s)
    addresses = found.get(owner, [])
    if not addresses:
        return Answer(rcode, False, (), min(ttl_s, _negative(message, place, authorities)))
    return Answer(
        NOERROR, False, tuple(each for each, _ in addresses), min(ttl_s, *(t for _, t in addresses))
    )


class _Held(NamedTuple):
    kind: int
    ttl_s: int
    start: int
    length: int


def _record(message: bytes, place: int) -> tuple[bytes, int, _Held]:
    """Return a record's owner, the place behind it, and what it holds."""
    owner, place = _name(message, place)
    kind, cls, ttl_s, length = _RECORD.unpack_from(message, place)
    start = place + 10
    if start + length > len(message):
        raise WireError("the message ends too early")
    # RFC 2181 8: a time with its highest bit set is none
    held = _Held(kind if cls == _IN else 0, ttl_s if ttl_s < 1 << 31 else 0, start, length)
    return owner, start + length, held


def _take(
    message: bytes,
    owner: bytes,
    held: _Held,
    kind: int,
    aliases: dict[bytes, tuple[bytes, int]],
    found: dict[bytes, list[tuple[str, int]]],
) -> None:
    if held.kind == CNAME:
        aliases[owner] = (_name(message, held.start)[0], held.ttl_s)
    elif held.kind == kind and held.length == (4 if kind == A else 16):
        data = message[held.start : held.start + held.length]
        family = socket.AF_INET if kind == A else socket.AF_INET6
        found.setdefault(owner, []).append((socket.inet_ntop(family, data), held.ttl_s))


def _negative(message: bytes, place: int, authorities: int) -> int:
    """Return how long an absence holds: the zone's own word (RFC 2308), nothing without one."""
    for _ in range(authorities):
        _, place, held = _record(message, place)
        if held.kind == SOA and held.length >= 20:
            return min(held.ttl_s, int.from_bytes(message[place - 4 : place], "big"))
    return 0


def _name(message: bytes, place: int) -> tuple[bytes, int]:
    """Return a name in lower case and wire form, with the place behind it."""
    parts: list[bytes] = []
    after = -1
    for _ in range(_MAX_POINTERS + 128):
        length = message[place]
        if length >= 0xC0:
            after = place + 2 if after < 0 else after
            place = (length & 0x3F) << 8 | message[place + 1]
        elif length >= 0x40:
            raise WireError("a name has a part of an unknown form")
        elif length:
            parts.append(message[place : place + 1 + length])
            place += 1 + length
        else:
            return b"".join(parts).lower() + b"\0", after if after >= 0 else place + 1
    raise WireError("a name goes in a circle")
