"""Real servers on loopback, with the faults of life."""

from __future__ import annotations

from tests.servers.run import Place, Servers

__all__ = ["Place", "Servers"]
