"""The best client of each protocol that Python has, as it is used by hand: on a new connection each time."""

from __future__ import annotations

import asyncio
import os
import smtplib
import socket
import ssl
import struct
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import dns.message
import dns.query
import pycurl

from bench.peers import Peer
from trueup.probes.chromium import program


def _fetch(*addresses: str) -> None:
    handle = pycurl.Curl()
    handle.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    for address in addresses:
        handle.setopt(pycurl.URL, address)
        handle.perform()
    handle.close()


def by_pycurl(peer: Peer) -> None:
    """Ask over HTTP with bare pycurl."""
    _fetch(peer.target)


def steps(peer: Peer) -> None:
    """Send the same two requests with bare pycurl."""
    _fetch(peer.target, peer.target)


def registry(peer: Peer) -> None:
    """Fetch with bare pycurl what a registry says of a domain."""
    _fetch(f"{peer.options['rdap']}/domain/{peer.target}")


def by_socket(peer: Peer) -> None:
    """Connect with a plain socket."""
    socket.create_connection(peer.place).close()


def by_ssl(peer: Peer) -> None:
    """Shake hands with the standard library, verified, and read the certificate."""
    context = _trusting(str(peer.options["ca"]))
    with (
        socket.create_connection(peer.place) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        secured.getpeercert()


@cache
def _trusting(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority)


def by_raw_socket(peer: Peer) -> None:
    """Send one echo request on a raw socket, or where it is not allowed a datagram one, and hear it."""
    body = struct.pack(">HH", os.getpid() & 0xFFFF, 1) + bytes(56)
    words = struct.unpack(f">{len(body) // 2}H", body)
    total = 0x0800 + sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    total = ~(total + (total >> 16)) & 0xFFFF
    try:
        door = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    except PermissionError:
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    with door:
        door.settimeout(5)
        door.sendto(struct.pack(">BBH", 8, 0, total) + body, (peer.target, 0))
        while door.recv(1_024)[-len(body) - 4] != 0:  # a raw one hears the request as well
            pass


def by_smtplib(peer: Peer) -> None:
    """Say EHLO and QUIT with the standard library."""
    with smtplib.SMTP(*peer.place) as mail:
        mail.ehlo()


def by_redis_py(peer: Peer) -> None:
    """Send PING with redis-py."""
    import redis as client

    kind: Any = client.Connection  # it is not typed
    connection = kind(host=peer.place[0], port=peer.port, lib_name=None, lib_version=None, protocol=2)
    connection.connect()
    connection.send_command("PING")
    connection.read_response()
    connection.disconnect()


def by_dnspython(peer: Peer) -> None:
    """Ask for an address with dnspython."""
    dns.query.udp(dns.message.make_query(peer.target, "A"), "127.0.0.1", 5, peer.port)


def by_websockets(peer: Peer) -> None:
    """Open a WebSocket, and wait for the answer to a ping."""
    from websockets.sync.client import connect

    with connect(peer.target, compression=None, proxy=None, ping_interval=None) as link:
        link.ping().wait()


def by_grpcio(peer: Peer) -> None:
    """Ask the health service on a new channel, whose connection is its own."""
    import grpc  # type: ignore[import-untyped]
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]

    own = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(peer.target, options=own) as channel:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)


def by_asyncssh(peer: Peer) -> None:
    """Have a host prove its key to asyncssh, on a loop that is there already."""
    import asyncssh

    async def ask() -> None:
        assert await asyncssh.get_server_host_key(*peer.place, config=None) is not None

    _loop().run_until_complete(ask())


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def by_psycopg(peer: Peer) -> None:
    """Log in with psycopg and query in a transaction that may only read."""
    import psycopg

    login = {"user": peer.options["username"], "password": peer.options["password"], "sslmode": "disable"}
    with psycopg.connect(host=peer.place[0], port=peer.port, dbname="shop", **login) as link:
        link.read_only = True
        link.execute("SELECT 1").fetchall()


def by_pymysql(peer: Peer) -> None:
    """Log in with PyMySQL and query in a transaction that may only read."""
    import pymysql  # type: ignore[import-untyped]

    host, port = peer.place
    login = {"user": peer.options["username"], "password": peer.options["password"], "ssl_disabled": True}
    connection: Any = pymysql.connect(host=host, port=port, database="shop", **login)  # it is not typed
    with connection, connection.cursor() as cursor:
        cursor.execute("START TRANSACTION READ ONLY")
        cursor.execute("SELECT 1")
        cursor.fetchall()


def by_dump_dom(peer: Peer) -> None:
    """Have Chromium print a page by itself, with what it asks for of its own accord turned off."""
    with tempfile.TemporaryDirectory(prefix="trueup-bench-", ignore_cleanup_errors=True) as home:
        argv = [
            program(), "--headless=new", "--dump-dom", "--no-sandbox", "--no-first-run", "--disable-gpu",
            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-extensions", "--disable-breakpad", "--no-pings",
            "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            f"--user-data-dir={home}", peer.target,
        ]  # fmt: skip
        done = subprocess.run(argv, capture_output=True, check=True, timeout=60, cwd=home)
    assert b"Shop!" in done.stdout


CLIENTS: Mapping[str, tuple[str, Callable[[Peer], None]]] = {
    "browser": ("dump_dom", by_dump_dom),
    "dns": ("dnspython", by_dnspython),
    "domain_expiry": ("pycurl", registry),
    "grpc": ("grpcio", by_grpcio),
    "http": ("pycurl", by_pycurl),
    "icmp": ("raw_socket", by_raw_socket),
    "mysql": ("pymysql", by_pymysql),
    "postgres": ("psycopg", by_psycopg),
    "redis": ("redis_py", by_redis_py),
    "smtp": ("smtplib", by_smtplib),
    "ssh": ("asyncssh", by_asyncssh),
    "steps": ("pycurl", steps),
    "tcp": ("socket", by_socket),
    "tls": ("ssl", by_ssl),
    "websocket": ("websockets", by_websockets),
}
