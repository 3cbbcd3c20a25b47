"""PagerDuty, by its Events API v2."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from trueup.channels.base import REQUIRED, Channel, is_awaited, register, require_address
from trueup.domain.option import OptionError, option
from trueup.domain.spec import Secret

_KEY = re.compile(r"[0-9A-Za-z]{32}")
_EVENTS = "https://events.pagerduty.com/v2/enqueue"


@register
@dataclass(frozen=True, kw_only=True)
class PagerDuty(Channel):
    """Triggers, acknowledges and resolves incidents of a service."""

    kind: ClassVar[str] = "pagerduty"
    main: ClassVar[str] = "routing_key"

    routing_key: Secret = option(REQUIRED, "The integration key of the service, 32 characters.")
    url: str = option(
        _EVENTS, "The address of the Events API; https://events.eu.pagerduty.com/v2/enqueue in the EU."
    )

    def __post_init__(self) -> None:
        key = self.routing_key.reveal()
        if not is_awaited(self.routing_key) and not _KEY.fullmatch(key):
            raise OptionError(
                "routing_key",
                f"routing_key: an integration key has 32 letters and digits, this one {len(key)} signs.",
            )
        require_address("url", self.url, _EVENTS)
