"""Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trueup.channels.base import REQUIRED, Channel, register, require_address
from trueup.domain.option import option
from trueup.domain.spec import Secret


@register
@dataclass(frozen=True, kw_only=True)
class Discord(Channel):
    """Posts to a webhook of a text channel."""

    kind: ClassVar[str] = "discord"
    main: ClassVar[str] = "url"

    url: Secret = option(REQUIRED, "The address of the webhook.")
    thread: str = option("", "The id of the thread to post to.")

    def __post_init__(self) -> None:
        require_address("url", self.url, "the webhook's address, https://discord.com/api/webhooks/1/x")
