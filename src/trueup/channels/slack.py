"""Slack, and servers that take the same messages (Mattermost, Rocket.Chat)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trueup.channels.base import REQUIRED, Channel, register, require_address
from trueup.domain.option import option
from trueup.domain.spec import Secret


@register
@dataclass(frozen=True, kw_only=True)
class Slack(Channel):
    """Posts to an incoming webhook."""

    kind: ClassVar[str] = "slack"
    main: ClassVar[str] = "url"

    url: Secret = option(REQUIRED, "The address of the incoming webhook.")
    mention: tuple[str, ...] = option(
        (), "Who is called by name when it is urgent: here, channel or member ids."
    )

    def __post_init__(self) -> None:
        require_address(
            "url", self.url, "the webhook's address, such as https://hooks.slack.com/services/T0/B0/x"
        )
