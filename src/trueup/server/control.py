"""Poke a running engine: a datagram on DIR/engine.sock says "look again", and where."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = "engine.sock"
RELOAD = b"reload"  # at the configuration
BEAT = b"beat"  # at the calls of heartbeats
ASK = b"ask "  # and the id of a series: ask it now


def poke(data: Path, word: bytes = RELOAD) -> bool:
    """Wake the engine of a data directory; return whether there was one to wake."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, _short(data) as short:
        sock.settimeout(1.0)
        try:
            sock.sendto(word, f"{short}/{NAME}")
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            return False
        except (BlockingIOError, TimeoutError):
            return True  # its queue is full of pokes: it will look again
    return True


def listen(data: Path) -> socket.socket:
    """Return the socket on which the engine of a data directory is poked; the caller holds the lock."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with suppress(FileNotFoundError):
        (data / NAME).unlink()  # left by an engine that was killed: we hold its lock
    with _short(data) as short:
        sock.bind(f"{short}/{NAME}")
    (data / NAME).chmod(0o600)
    return sock


@contextmanager
def _short(data: Path) -> Iterator[str]:
    """Name a directory in few letters: the path of a socket has room for 107 bytes only."""
    try:
        fd = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        yield str(data)
        return
    try:
        yield f"/proc/self/fd/{fd}"
    finally:
        os.close(fd)
