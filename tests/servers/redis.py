"""A Redis server of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.program import program
from tests.servers.run import Place
from tests.servers.tls import Authority
from tests.system import need


@contextmanager
def redis(folder: Path, *, password: str = "", authority: Authority | None = None) -> Iterator[Place]:
    """Run a Redis server that keeps nothing; with an authority it speaks TLS alone."""
    server = need("redis-server", "redis-server")
    more: list[str] = ["--requirepass", password] if password else []
    if authority is not None:
        certificate, key = authority.files()
        more += ["--port", "0", "--tls-cert-file", certificate, "--tls-key-file", key]
        more += ["--tls-auth-clients", "no"]

    def command(port: int) -> list[str]:
        listen = "--tls-port" if authority else "--port"
        return [str(server), "--bind", "127.0.0.1", "--save", "", *more, listen, str(port)]

    with program(command, folder) as place:
        yield place
