"""Webhooks by the Standard Webhooks convention (standardwebhooks.com), signed where a secret is given."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from trueup.channels.base import REQUIRED, Channel, is_awaited, register, require_address
from trueup.domain.option import OptionError, option
from trueup.domain.spec import Secret

_PREFIX = "whsec_"


@register
@dataclass(frozen=True, kw_only=True)
class Webhook(Channel):
    """Posts JSON to an address of yours."""

    kind: ClassVar[str] = "webhook"
    main: ClassVar[str] = "url"

    url: Secret = option(REQUIRED, "The address that is called.")
    secret: Secret | None = option(None, "Signs each call: whsec_ and the base64 form of 24 to 64 bytes.")
    former_secret: Secret | None = option(None, "Signs beside the other while the secret is being changed.")
    headers: Mapping[str, str] = option({}, "Headers of each call.")
    secret_headers: Mapping[str, Secret] = option({}, "Headers of each call whose values are secrets.")

    def __post_init__(self) -> None:
        require_address("url", self.url, "the address that is to be called, https://example.org/hook")
        for name in ("secret", "former_secret"):
            secret = getattr(self, name)
            if secret is not None and not is_awaited(secret) and not _is_signing_key(secret.reveal()):
                raise OptionError(
                    name,
                    f"{name}: what is written there is no signing secret. Write whsec_ and the base64 form "
                    "of 24 to 64 random bytes; this makes one: echo whsec_$(openssl rand -base64 32)",
                )


def _is_signing_key(text: str) -> bool:
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith(_PREFIX) and 24 <= len(key) <= 64
