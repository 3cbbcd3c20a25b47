"""The sample platform of the product in a thread of the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from trueup.testing.platform import Platform


class Sample:
    """The sample platform in a thread; ``enter`` puts a part into a state."""

    def __init__(self) -> None:
        self.platform = Platform()
        self.addresses = self.platform.addresses()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._call(self.platform.open())

    def enter(self, part: str, state: str) -> None:
        """Put a part into a state: up, slow or down."""
        self._call(self.platform.parts[part].enter(state))

    def close(self) -> None:
        """Stop it."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        await self.platform.close()
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)
