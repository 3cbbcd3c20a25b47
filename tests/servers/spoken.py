"""What good servers say, word for word, in protocols where one side may say it alone."""

from __future__ import annotations

from trueup.probes.exchange import proposal
from trueup.probes.packet import KEYS, text


def frame(kind: int, flags: int, payload: bytes, stream: int = 1) -> bytes:
    """Return a frame of HTTP/2."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def header(name: bytes, value: bytes) -> bytes:
    """Return a header in HPACK, as it is written and not remembered."""
    return b"\0" + bytes((len(name),)) + name + bytes((len(value),)) + value


def packet(number: int, payload: bytes) -> bytes:
    """Return a packet of MySQL."""
    return len(payload).to_bytes(3, "little") + bytes((number,)) + payload


def message(kind: bytes, payload: bytes = b"") -> bytes:
    """Return a message of PostgreSQL."""
    return kind + (len(payload) + 4).to_bytes(4, "big") + payload


def sealed(payload: bytes) -> bytes:
    """Return a packet of SSH before anything is encrypted."""
    padding = 16 - (len(payload) + 5) % 8
    return (len(payload) + 1 + padding).to_bytes(4, "big") + bytes((padding,)) + payload + b"\0" * padding


# HTTP/2: the frame that comes first, and that ours was taken; then status 200 of gRPC.
SETTINGS = frame(4, 0, b"", 0) + frame(4, 1, b"", 0)
ANSWER = frame(1, 4, b"\x88" + header(b"content-type", b"application/grpc"))
END = frame(1, 5, header(b"grpc-status", b"0"))
HEALTH = SETTINGS + ANSWER + frame(0, 0, b"\0\0\0\0\2\x08\1") + END

SALT = b"abcdefghijklmnopqrst"
MYSQL_OK = b"\0\0\0\2\0\0\0"


def greeting(way: bytes = b"caching_sha2_password", *, tls: bool = False) -> bytes:
    """Return what a MySQL server says first."""
    able = (0x80FF_FFFF if tls else 0x80FF_F7FF).to_bytes(4, "little")
    fixed = able[:2] + b"\x2d\2\0" + able[2:] + b"\x15" + b"\0" * 10
    return packet(0, b"\x0a8.4.0\0" + b"\1\0\0\0" + SALT[:8] + b"\0" + fixed + SALT[8:] + b"\0" + way + b"\0")


_COLUMN = b"\3def\0\0\0\1x\0\x0c\x3f\0\1\0\0\0\3\0\0\0\0\0"
MYSQL = b"".join(
    (
        greeting(),
        packet(2, MYSQL_OK),
        packet(1, MYSQL_OK),  # the transaction
        packet(1, MYSQL_OK),  # the time it may take
        packet(1, b"\1") + packet(2, _COLUMN) + packet(3, b"\xfe\0\0\2\0"),
        packet(4, b"\0011") + packet(5, b"\xfe\0\0\2\0"),
    )
)

POSTGRES_OK, READY = message(b"R", b"\0\0\0\0"), message(b"Z", b"I")
_DONE = message(b"C", b"BEGIN\0") + message(b"Z", b"T")
POSTGRES = b"".join(
    (
        b"N",
        POSTGRES_OK + message(b"S", b"server_version\00015\0") + READY,
        _DONE * 2,
        message(b"T", b"\0\1x\0" + b"\0" * 8 + b"\0\x17\0\4\xff\xff\xff\xff\0\0"),
        message(b"D", b"\0\1\0\0\0\0011") + _DONE,
    )
)

REDIS = b"+OK\r\n+PONG\r\n*3\r\n$2\r\nab\r\n:12\r\n*1\r\n$-1\r\n"
SMTP = b"220 here\r\n250-here\r\n250-SIZE 100\r\n250 HELP\r\n221 bye\r\n"

PROPOSAL = proposal(KEYS["ed25519"])
_KEY = text(b"ssh-ed25519") + text(b"k" * 32)
SSH = b"".join(
    (
        b"SSH-2.0-x\r\n",
        sealed(PROPOSAL),
        sealed(b"\x1f" + text(_KEY) + text(b"\1" * 32) + text(text(b"ssh-ed25519") + text(b"s" * 64))),
    )
)
