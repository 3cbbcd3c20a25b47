"""The sample platform in a thread of the test: a page, an API and a WebSocket that do what they are told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any

from trueup.testing.platform import STATES, Platform

_PATIENCE_S = 5.0


class RunningPlatform:
    """Three servers on loopback, up until ``enter`` says otherwise; use it in a ``with`` statement."""

    def __init__(self) -> None:
        self.platform = Platform()
        self.addresses = self.platform.addresses()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="platform")
        self._thread.start()
        self._call(self.platform.open())

    def __enter__(self) -> RunningPlatform:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def environment(self) -> dict[str, str]:
        """Return the variables that have the starter configuration watch these servers."""
        return {
            "FRONTEND_URL": self.addresses["frontend"],
            "BACKEND_URL": self.addresses["backend"].removesuffix("/health"),
            "WEBSOCKET_URL": self.addresses["websocket"],
        }

    def enter(self, part: str, state: str) -> None:
        """Put ``frontend``, ``backend`` or ``websocket`` into a state: up, slow or down.

        Raises:
            ValueError: There is no such part or state.
        """
        if part not in self.platform.parts or state not in STATES:
            known = f"{', '.join(self.platform.parts)} in {', '.join(STATES)}"
            raise ValueError(f"{part!r} cannot be put into {state!r}. There are {known}.")
        self._call(self.platform.parts[part].enter(state))

    def asked(self, part: str) -> int:
        """Return how many requests a part has got."""
        return self.platform.parts[part].asked

    def close(self) -> None:
        """Stop the servers and give their ports back."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()

    async def _end(self) -> None:
        await self.platform.close()
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)
