"""Microsoft Teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trueup.channels.base import REQUIRED, Channel, register, require_address
from trueup.domain.option import option
from trueup.domain.spec import Secret


@register
@dataclass(frozen=True, kw_only=True)
class Teams(Channel):
    """Posts an adaptive card to a workflow."""

    kind: ClassVar[str] = "teams"
    main: ClassVar[str] = "url"

    url: Secret = option(REQUIRED, 'The address of the workflow "When a Teams webhook request is received".')

    def __post_init__(self) -> None:
        require_address(
            "url", self.url, "the workflow's address, https://prod-1.westeurope.logic.azure.com/workflows/x"
        )
