"""Servers of every protocol in a process of their own: what a check of each kind asks.

``python -m bench.peers`` serves until its input ends, and prints as JSON what is asked, by kind.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.servers import Servers, health
from tests.servers.dns import Zone
from tests.servers.http import Reader, Writer, ok, silent
from tests.servers.mariadb import mariadb
from tests.servers.postgres import postgres
from tests.servers.tls import Authority
from tests.servers.websocket import echo, upgrading

ROOT = Path(__file__).resolve().parents[1]
_PAGE = b"<html><title>Shop</title><body><h1>Pay</h1><script>document.title += '!'</script></body></html>"


@dataclass(frozen=True)
class Peer:
    """What a check of a kind asks: a target with a port of loopback, and its options."""

    target: str
    port: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, int]:
        """Return host and port."""
        return "127.0.0.1", self.port


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


async def ssh() -> int:
    """Listen as an SSH server with a key of its own, and return the port."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    acceptor = await asyncssh.create_server(asyncssh.SSHServer, "127.0.0.1", 0, server_host_keys=[key])
    return int(acceptor.get_port())


def domain() -> bytes:
    """Return what a registry says of a domain that ends in a year."""
    end = datetime.now(UTC) + timedelta(days=365)
    event = {"eventAction": "expiration", "eventDate": end.isoformat(timespec="seconds")}
    return json.dumps({"objectClassName": "domain", "ldhName": "EXAMPLE.ORG", "events": [event]}).encode()


def _web(servers: Servers) -> dict[str, Peer]:
    """Serve the kinds that speak HTTP."""
    port = servers.start(ok()).port
    registry = servers.start(ok(domain(), Content_Type="application/rdap+json"))
    page = servers.start(ok(_PAGE, Content_Type="text/html"))
    upgraded = servers.start(upgrading(echo)).port
    two = [{"path": "/"}, {"path": "/"}]
    return {
        "http": Peer(f"http://127.0.0.1:{port}/", port),
        "steps": Peer(f"http://127.0.0.1:{port}/", port, {"requests": two}),
        "websocket": Peer(f"ws://127.0.0.1:{upgraded}/", upgraded),
        "domain_expiry": Peer("example.org", registry.port, {"rdap": registry.url("")}),
        "browser": Peer(page.url(), page.port),
    }


def _lines(servers: Servers, authority: Authority) -> dict[str, Peer]:
    """Serve the kinds that a few lines can answer."""
    name_server = Zone({"shop.test": ["127.0.0.1"]}).start(servers)
    secure = servers.start(silent, tls=authority.server()).port
    plain = {
        "tcp": servers.start(silent).port,
        "smtp": servers.start(smtp).port,
        "redis": servers.start(redis).port,
        "ssh": servers.run(ssh()),
    }
    return {
        **{kind: Peer(f"127.0.0.1:{port}", port) for kind, port in plain.items()},
        "dns": Peer("shop.test", int(name_server.rpartition(":")[2]), {"server": name_server}),
        "tls": Peer(f"127.0.0.1:{secure}", secure, {"ca": authority.file}),
        "icmp": Peer("127.0.0.1", 0, {"packets": 1}),
    }


def _databases(ends: ExitStack, folder: Path, authority: Authority) -> dict[str, Peer]:
    """Serve the kinds that need a server of their own; one whose program is missing is left out."""
    found = {}
    with contextlib.suppress(pytest.skip.Exception):
        port = ends.enter_context(mariadb(folder, authority)).port
        found["mysql"] = Peer(f"127.0.0.1:{port}", port, _login("monitor"))
    port = ends.enter_context(postgres(folder, authority)).port
    found["postgres"] = Peer(f"127.0.0.1:{port}", port, _login("scram"))
    port = ends.enter_context(health.serving({"": "SERVING"})).port
    found["grpc"] = Peer(f"127.0.0.1:{port}", port)
    return found


def _login(username: str) -> dict[str, str]:
    known = {"username": username, "password": "open sesame", "database": "shop"}
    return {**known, "encrypt": "no", "query": "SELECT 1"}


def main() -> None:
    """Serve until the input ends."""
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as folder, ExitStack() as ends:
        servers, authority = ends.enter_context(Servers()), Authority(Path(folder))
        peers = {**_web(servers), **_lines(servers, authority)}
        peers |= _databases(ends, Path(folder), authority)
        print(json.dumps({kind: asdict(peer) for kind, peer in sorted(peers.items())}), flush=True)
        sys.stdin.read()
        servers.run(asyncio.sleep(0.1))  # the last clients have said goodbye


@contextmanager
def peers() -> Iterator[Mapping[str, Peer]]:
    """Run the servers and give what is asked of them, by kind."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.peers"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        found = json.loads(process.stdout.readline())
        yield {kind: Peer(**peer) for kind, peer in found.items()}
    finally:
        process.communicate("")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
