"""A list of numbers as bytes: what is noise is stored as it is, what is not is squeezed.

A latency is a few bits of shape and many of noise. Its low bits are incompressible and cost what they
cost; its high bits, fewer than 64 different values for nearly all, are what a Huffman code is for. So a
column is cut into planes of at most eight bits, each stored in the smaller of two ways.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from trueup.store.histogram import put_varint

_TOP_BITS = 6  # of the plane that tells nearly all numbers apart
_NEARLY_ALL = 0.98
_MORE = 255  # in the top plane: the rest of the number stands apart
_STORED, _DEFLATED, _CONSTANT = 0, 1, 2
_WINDOW_BITS, _MEMORY = -12, 6  # a plane is a kilobyte or two: more room costs more than it finds
_NOISE = (zlib.Z_HUFFMAN_ONLY,)
_SHAPE = (zlib.Z_HUFFMAN_ONLY, zlib.Z_DEFAULT_STRATEGY)


class Reader:
    """Reads a packed form from its beginning; what is missing raises ``ValueError``."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def varint(self) -> int:
        """Return the next number of ``put_varint``."""
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        piece = self._data[self._at : self._at + length]
        if len(piece) < length:
            raise ValueError(
                f"{length} bytes are wanted at {self._at} of {len(self._data)}: the form is cut."
            )
        self._at += length
        return piece


def pack(numbers: Sequence[int]) -> bytes:
    """Return the packed form of numbers that are not negative; their count is kept by the caller."""
    if not numbers:
        return b""
    ordered = sorted(numbers)
    low_bits = max(0, ordered[int((len(ordered) - 1) * _NEARLY_ALL)].bit_length() - _TOP_BITS)
    out = bytearray([low_bits])
    shift = 0
    while shift < low_bits:
        mask = (1 << min(8, low_bits - shift)) - 1
        _put_plane(out, bytes([number >> shift & mask for number in numbers]), _NOISE)
        shift += 8
    tops = [number >> low_bits for number in numbers] if low_bits else list(numbers)
    if ordered[-1] >> low_bits < _MORE:
        _put_plane(out, bytes(tops), _SHAPE)
        return bytes(out)
    _put_plane(out, bytes([min(top, _MORE) for top in tops]), _SHAPE)
    for top in tops:
        if top >= _MORE:
            put_varint(out, top - _MORE)
    return bytes(out)


def unpack(packed: bytes, count: int) -> list[int]:
    """Return the numbers of a packed form.

    Raises:
        ValueError: The form is cut or damaged.
    """
    if not count:
        return []
    reader = Reader(packed)
    low_bits = reader.take(1)[0]
    planes = [_plane(reader, count) for _ in range(0, low_bits, 8)]
    tops = list(_plane(reader, count))
    if _MORE in tops:
        tops = [top + reader.varint() if top == _MORE else top for top in tops]
    if not planes:
        return tops
    numbers = [low | top << low_bits for low, top in zip(planes[0], tops, strict=True)]
    for index, plane in enumerate(planes[1:], 1):
        numbers = [number | byte << 8 * index for number, byte in zip(numbers, plane, strict=True)]
    return numbers


def _put_plane(out: bytearray, plane: bytes, strategies: Sequence[int]) -> None:
    """Append one plane: how it is stored, its length, its bytes."""
    how, data = _STORED, plane
    if plane.count(plane[0]) == len(plane):
        how, data = _CONSTANT, plane[:1]
        strategies = ()
    for strategy in strategies:
        deflate = zlib.compressobj(6, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, strategy)
        squeezed = deflate.compress(plane) + deflate.flush()
        if len(squeezed) < len(data):
            how, data = _DEFLATED, squeezed
    out.append(how)
    put_varint(out, len(data))
    out += data


def _plane(reader: Reader, count: int) -> bytes:
    how = reader.take(1)[0]
    data = reader.take(reader.varint())
    if how == _DEFLATED:
        try:
            data = zlib.decompress(data, -zlib.MAX_WBITS)
        except zlib.error as error:
            raise ValueError(f"a plane of a packed column is damaged: {error}.") from None
    elif how == _CONSTANT:
        return data * count
    if len(data) != count:
        raise ValueError(f"a plane of a packed column holds {len(data)} numbers where {count} are wanted.")
    return data
