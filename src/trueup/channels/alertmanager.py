"""Prometheus Alertmanager, by its API v2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from trueup.channels.base import REQUIRED, Channel, register, require_address
from trueup.domain.option import OptionError, option
from trueup.domain.spec import Secret

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@register
@dataclass(frozen=True, kw_only=True)
class Alertmanager(Channel):
    """Keeps alerts firing while they last and resolves them."""

    kind: ClassVar[str] = "alertmanager"
    main: ClassVar[str] = "url"

    url: str = option(REQUIRED, "The address of the Alertmanager, without /api/v2.")
    labels: Mapping[str, str] = option({}, "Labels that every alert bears.")
    username: str = option("", "The name for basic authentication.")
    password: Secret | None = option(None, "The password for basic authentication.")
    token: Secret | None = option(None, "A bearer token.")

    def __post_init__(self) -> None:
        require_address("url", self.url, "the address, for instance http://localhost:9093")
        for label in self.labels:
            if not _LABEL.fullmatch(label) or label == "alertname":
                raise OptionError(
                    "labels",
                    f"labels: {label!r} cannot be a label. Use letters, digits and _; alertname is ours.",
                )
        if self.token is not None and (self.username or self.password is not None):
            raise OptionError("token", "token: a bearer token and a user name exclude each other.")
