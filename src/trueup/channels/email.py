"""E-mail, through an SMTP server of yours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from trueup.channels.base import REQUIRED, Channel, register
from trueup.domain.option import OptionError, option
from trueup.domain.spec import Secret

_ADDRESS = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,255}")
_SECURITY = ("starttls", "tls", "none")


@register
@dataclass(frozen=True, kw_only=True)
class Email(Channel):
    """Sends one message to some people."""

    kind: ClassVar[str] = "email"
    main: ClassVar[str] = "to"

    to: tuple[str, ...] = option(REQUIRED, "Who gets it: one address or a list.")
    sender: str = option(REQUIRED, "The address it comes from.")
    host: str = option("localhost", "The SMTP server.")
    port: int = option(0, "Its port; 0 is 587 for starttls, 465 for tls, 25 for none.")
    security: str = option("starttls", "How the connection is protected.", choices=_SECURITY)
    username: str = option("", "The name to log in with; empty: no log-in.")
    password: Secret | None = option(None, "The password to log in with.")

    def __post_init__(self) -> None:
        for name, addresses in (("to", self.to), ("sender", (self.sender,))):
            for address in addresses:
                if not _ADDRESS.fullmatch(address):
                    raise OptionError(name, f"{name}: {address!r} is no address such as ops@example.org.")
        if not self.to:
            raise OptionError("to", "to: nobody gets it. Write at least one address.")
        if not 0 <= self.port < 65536:
            raise OptionError("port", f"port: {self.port} is not from 1 to 65535.")
        if self.password is not None and not self.username:
            raise OptionError("username", "username: a password without a user name logs nobody in.")
