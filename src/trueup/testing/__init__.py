"""What users and our own tests try trueup with: histories on demand, and real servers on loopback.

Everything here is for tests: it writes into the database of whoever calls it, as if it had been measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trueup.testing.arranging import check as check
    from trueup.testing.arranging import component as component
    from trueup.testing.arranging import engine_runs as engine_runs
    from trueup.testing.arranging import result as result
    from trueup.testing.running import RunningPlatform as RunningPlatform
    from trueup.testing.telling import History as History
    from trueup.testing.telling import history as history

# Loaded when it is first named: most of it needs a database, and the sample platform must not.
_HOMES = {
    "History": "telling",
    "RunningPlatform": "running",
    "check": "arranging",
    "component": "arranging",
    "engine_runs": "arranging",
    "history": "telling",
    "result": "arranging",
}
__all__ = ["History", "RunningPlatform", "check", "component", "engine_runs", "history", "result"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
