"""Mail servers: aiosmtpd in the servers' thread."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from tests.servers.run import Place, Servers


class Post(SMTP):
    """A mail server's half of a conversation, cut short where the test ends first."""

    kept: set[asyncio.BaseTransport]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.kept.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.kept -= {each for each in self.kept if each.is_closing()}


def mail(
    servers: Servers, *, tls: ssl.SSLContext | None = None, implicit: bool = False, **more: Any
) -> Place:
    """Start a mail server with one user, monitor, whose password is ``open sesame``."""
    kept: set[asyncio.BaseTransport] = set()

    def check(_server: Any, _session: Any, _envelope: Any, _way: str, login: Any) -> AuthResult:
        good = isinstance(login, LoginPassword) and login == LoginPassword(b"monitor", b"open sesame")
        return AuthResult(success=good, handled=False)

    def made() -> SMTP:
        post = Post(None, hostname="mail.example.test", tls_context=None if implicit else tls,
                    authenticator=check, auth_require_tls=not implicit, **more)  # fmt: skip
        post.kept = kept
        return post

    async def start() -> Place:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(made, "127.0.0.1", 0, ssl=tls if implicit else None)

        def end() -> None:
            server.close()
            for each in list(kept):
                if isinstance(each, asyncio.WriteTransport):
                    each.abort()

        servers.at_end(end)
        return Place("127.0.0.1", server.sockets[0].getsockname()[1])

    return servers.run(start())
