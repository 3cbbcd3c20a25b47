"""Servers that are programs of their own: started on a free port, ended by their id."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.run import Place

_STARTS_IN_S = 60


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def program(command: Callable[[int], Sequence[str]], folder: Path) -> Iterator[Place]:
    """Run ``command(port)`` in a folder until the end of the block.

    Raises:
        RuntimeError: It does not come up; with what it said.
    """
    said = folder / "said.log"
    for _ in range(3):  # somebody else may take the port first
        port = free_port()
        with said.open("wb") as log:
            process = subprocess.Popen(command(port), stdout=log, stderr=log, cwd=folder)
        try:
            if _comes_up(process, port):
                yield Place("127.0.0.1", port)
                return
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    raise RuntimeError(said.read_text("utf-8", "replace")[-2_000:])


def _comes_up(process: subprocess.Popen[bytes], port: int) -> bool:
    end_s = time.monotonic() + _STARTS_IN_S
    while time.monotonic() < end_s and process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.01)
    return False
