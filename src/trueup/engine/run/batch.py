"""Many results as one message: packed records, and beside them what is kept as evidence.

Layout: a version byte, the length of the records (4 bytes, little endian), the records as
``domain.record`` packs them, then the notes in MessagePack: for each result that has any, its place,
its detail and the last good result before it with its detail.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import msgspec

from trueup.domain import record
from trueup.domain.result import Certificate, Detail, Result
from trueup.domain.text import Text, Value

VERSION = 1
_HEAD = struct.Struct("<BI")

# What travels is spelled out here, so that a change of the domain's classes is no change of the format.
# Arrays by place: new members are appended with a default, none is ever removed.


class _Certificate(msgspec.Struct, array_like=True, frozen=True):
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before_us: int
    not_after_us: int
    sha256: str
    chain_not_after_us: int


class _Detail(msgspec.Struct, array_like=True, frozen=True):
    address: str
    text: tuple[str, dict[str, Value]] | None
    certificate: _Certificate | None
    body_sha256: str
    body_head: bytes
    picture: bytes = b""


class _Note(msgspec.Struct, array_like=True, frozen=True):
    place: int
    detail: _Detail | None
    before: bytes  # packed alone; empty without one
    before_detail: _Detail | None


_encode = msgspec.msgpack.Encoder().encode
_each_note = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_decode = msgspec.msgpack.Decoder(_Note).decode


def message_id(region: str, start_us: int, sequence: int) -> str:
    """Return the id of a batch: the region, when its worker started, the batch's number since."""
    return f"{region}:{start_us}:{sequence}"


class Packing:
    """A batch in the making: each result is packed when it comes, so that the whole is ready at once."""

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._notes: list[bytes] = []

    def __len__(self) -> int:
        return len(self._records)

    def add(self, result: Result) -> None:
        """Append a result; one that cannot be packed raises, and leaves no trace."""
        packed = record.packed(result)
        if result.detail is not None or result.before is not None:
            note = _Note(len(self._records), _out(result.detail), *_before(result.before))
            self._notes.append(_encode(note))
        self._records.append(packed)

    def add_packed(self, packed: bytes) -> None:
        """Append the record of a result that has no note."""
        self._records.append(packed)

    def payload(self) -> bytes:
        """Return the batch."""
        records = b"".join((bytes([record.VERSION]), *self._records))
        notes = (_array(len(self._notes)), *self._notes) if self._notes else ()
        return b"".join((_HEAD.pack(VERSION, len(records)), records, *notes))


def pack_batch(results: Sequence[Result]) -> bytes:
    """Return many results as bytes, in their order."""
    packing = Packing()
    for result in results:
        packing.add(result)
    return packing.payload()


def _array(length: int) -> bytes:
    """Return how an array of so many members begins in MessagePack."""
    if length < 16:
        return bytes([0x90 | length])
    return struct.pack(">BH", 0xDC, length) if length < 65_536 else struct.pack(">BI", 0xDD, length)


def unpack_batch(payload: bytes) -> list[Result]:
    """Return the results of a batch.

    Raises:
        ValueError: The version is not known, or the payload is cut or damaged.
    """
    return list(results_of(payload))


def results_of(payload: bytes) -> Iterator[Result]:
    """Yield the results of a batch, each read when it is wanted.

    Raises:
        ValueError: As ``unpack_batch``, at any of them.
    """
    records, raw = _parts(payload)
    if not raw:
        yield from record.unpack(records)
        return
    try:
        notes = map(_decode, _each_note(raw))
        note = next(notes, None)
        for place, fields in enumerate(record.fields(records)):
            if note is None or note.place != place:
                yield record.read(fields)
                continue
            yield record.read(fields, _in(note.detail), _before_in(note))
            note = next(notes, None)
    except msgspec.MsgspecError as error:
        raise ValueError(f"the notes of a batch cannot be read: {error}. The payload is damaged.") from error
    if note is not None:
        raise ValueError(f"a note is of result {note.place}, which is none or had its own: it is damaged.")


def records_of(payload: bytes) -> bytes:
    """Return the results of a batch as ``domain.record`` packs them, without their notes.

    Raises:
        ValueError: As ``unpack_batch``.
    """
    return _parts(payload)[0]


def count(payload: bytes) -> int:
    """Return how many results a batch holds, without unpacking it.

    Raises:
        ValueError: As ``unpack_batch``.
    """
    return (len(_parts(payload)[0]) - 1) // record.SIZE


def _parts(payload: bytes) -> tuple[bytes, bytes]:
    version = payload[0] if payload else "nothing"
    if version != VERSION:
        raise ValueError(f"a batch of version {version} cannot be read: this program knows {VERSION}.")
    length = _HEAD.unpack_from(payload)[1] if len(payload) >= _HEAD.size else 1
    if _HEAD.size + length > len(payload):
        whole = _HEAD.size + length
        raise ValueError(f"a batch of {len(payload)} bytes should have {whole}: the payload is cut.")
    return payload[_HEAD.size : _HEAD.size + length], payload[_HEAD.size + length :]


def _before(result: Result | None) -> tuple[bytes, _Detail | None]:
    return (b"", None) if result is None else (record.pack((result,)), _out(result.detail))


def _before_in(note: _Note) -> Result | None:
    if not note.before:
        return None
    return record.read(next(record.fields(note.before)), _in(note.before_detail))


def _out(detail: Detail | None) -> _Detail | None:
    if detail is None:
        return None
    text = None if detail.text is None else (detail.text.id, dict(detail.text.params))
    leaf = detail.certificate
    return _Detail(
        detail.address,
        text,
        None
        if leaf is None
        else _Certificate(
            leaf.subject,
            leaf.issuer,
            leaf.names,
            leaf.not_before_us,
            leaf.not_after_us,
            leaf.sha256,
            leaf.chain_not_after_us,
        ),
        detail.body_sha256,
        detail.body_head,
        detail.picture,
    )


def _in(detail: _Detail | None) -> Detail | None:
    if detail is None:
        return None
    leaf = detail.certificate
    return Detail(
        address=detail.address,
        text=None if detail.text is None else Text(*detail.text),
        certificate=None if leaf is None else Certificate(*msgspec.structs.astuple(leaf)),
        body_sha256=detail.body_sha256,
        body_head=detail.body_head,
        picture=detail.picture,
    )
