"""Servers of every protocol in a process of their own, and the best client of each to compare with.

``python -m bench.peers`` serves until its input ends, and prints the port of each kind as JSON.
"""

from __future__ import annotations

import contextlib
import json
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pycurl
from tests.servers import Servers
from tests.servers.dns import Zone
from tests.servers.http import Reader, Writer, ok, silent
from tests.servers.websocket import echo, upgrading

ROOT = Path(__file__).resolve().parents[1]


async def redis(reader: Reader, writer: Writer) -> None:
    """Answer every command as Redis answers PING."""
    while await reader.read(4_096):
        writer.write(b"+PONG\r\n")
        await writer.drain()


async def smtp(reader: Reader, writer: Writer) -> None:
    """Greet, and answer commands as a mail server does."""
    writer.write(b"220 mail.test ESMTP\r\n")
    while line := await reader.readline():
        quit_ = line[:4].upper() == b"QUIT"
        writer.write(b"221 bye\r\n" if quit_ else b"250-mail.test\r\n250 HELP\r\n")
        await writer.drain()
        if quit_:
            return


def main() -> None:
    """Serve until the input ends."""
    with Servers() as servers:
        ports = {
            "http": servers.start(ok()).port,
            "websocket": servers.start(upgrading(echo)).port,
            "tcp": servers.start(silent).port,
            "redis": servers.start(redis).port,
            "smtp": servers.start(smtp).port,
            "dns": int(Zone({"shop.test": ["127.0.0.1"]}).start(servers).rpartition(":")[2]),
        }
        print(json.dumps(ports), flush=True)
        sys.stdin.read()


@contextmanager
def servers() -> Iterator[Mapping[str, int]]:
    """Run the servers and give their ports."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.peers"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate("")


def by_pycurl(port: int) -> None:
    """Ask over HTTP with bare pycurl, on a new connection."""
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, f"http://127.0.0.1:{port}/")
    handle.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    handle.perform()
    handle.close()


def by_socket(port: int) -> None:
    """Connect with a plain socket."""
    socket.create_connection(("127.0.0.1", port)).close()


def by_smtplib(port: int) -> None:
    """Say EHLO and QUIT with the standard library."""
    with smtplib.SMTP("127.0.0.1", port) as mail:
        mail.ehlo()


def by_redis_py(port: int) -> None:
    """Send PING with redis-py, on a new connection."""
    import redis as client

    kind: Any = client.Connection  # it is not typed
    connection = kind(host="127.0.0.1", port=port, lib_name=None, lib_version=None, protocol=2)
    connection.connect()
    connection.send_command("PING")
    connection.read_response()
    connection.disconnect()


def by_dnspython(port: int) -> None:
    """Ask for an address with dnspython."""
    dns.query.udp(dns.message.make_query("shop.test", "A"), "127.0.0.1", 5, port)


CLIENTS: Mapping[str, tuple[str, Callable[[int], None]]] = {
    "http": ("pycurl", by_pycurl),
    "tcp": ("socket", by_socket),
    "smtp": ("smtplib", by_smtplib),
    "redis": ("redis_py", by_redis_py),
    "dns": ("dnspython", by_dnspython),
}

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
