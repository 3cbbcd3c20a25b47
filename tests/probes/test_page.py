"""A page as it is looked at while it goes on to another one, told by a script instead of a browser."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from trueup.probes.chromium import Browser, BrowserError
from trueup.probes.page import Page


class Scripted:
    """Answers each look at the page with the next part of a script."""

    def __init__(self, *script: bool | str) -> None:
        self._script = list(script)
        self.session = ""

    def tell(self, method: str, **params: Any) -> None:
        pass

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        if method != "Runtime.evaluate":
            return {"targetId": "t", "sessionId": "s"}
        said = self._script.pop(0)
        if isinstance(said, str):
            raise BrowserError(said)
        return {"result": {"value": said}}

    async def see(self) -> int:
        """Wait for something on the page; return how much of the script is left."""
        page = Page()
        await page.open(cast("Browser", self), size=(800, 600), insecure=False)
        await page.see("#paid")
        return len(self._script)


@pytest.mark.parametrize(
    "said",
    [
        "Inspected target navigated or closed",
        "Cannot find default execution context",
        "Execution context was destroyed.",
    ],
)
def test_page_that_goes_on_to_another_one_is_looked_at_again(said: str) -> None:
    assert asyncio.run(Scripted(said, False, True, False).see()) == 1


def test_browser_that_breaks_off_is_not_waited_for() -> None:
    with pytest.raises(BrowserError, match="crashed"):
        asyncio.run(Scripted("Target crashed", True).see())
