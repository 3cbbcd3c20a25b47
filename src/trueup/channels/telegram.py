"""Telegram."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from trueup.channels.base import REQUIRED, Channel, is_awaited, register, require_address
from trueup.domain.option import OptionError, option
from trueup.domain.spec import Secret

_TOKEN = re.compile(r"\d+:[\w-]{20,}")
_CHAT = re.compile(r"-?\d{1,20}|@\w{4,32}")


@register
@dataclass(frozen=True, kw_only=True)
class Telegram(Channel):
    """Sends messages as a bot."""

    kind: ClassVar[str] = "telegram"
    main: ClassVar[str] = "token"

    token: Secret = option(REQUIRED, "The token of the bot, as BotFather gave it.")
    chat: str = option(REQUIRED, "The chat: its number, or @name of a public channel.")
    thread: int = option(0, "The topic of a group with topics; 0 is none.")
    api: str = option(
        "https://api.telegram.org", "The address of the bot API; another one for a server of your own."
    )

    def __post_init__(self) -> None:
        if not is_awaited(self.token) and not _TOKEN.fullmatch(self.token.reveal()):
            raise OptionError(
                "token", "token: what is written there is no token of a bot. It looks like 123456:ABC..."
            )
        if not _CHAT.fullmatch(self.chat):
            raise OptionError("chat", f"chat: {self.chat!r} is neither the number of a chat nor @name.")
        if self.thread < 0:
            raise OptionError("thread", f"thread: {self.thread} is not the number of a topic.")
        require_address("api", self.api, "https://api.telegram.org")
