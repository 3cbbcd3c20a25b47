"""Store one call of a heartbeat, and poke the engine to take it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trueup import conf

if TYPE_CHECKING:
    from trueup.store.read.named import Named


def store_call(
    settings: conf.Settings,
    slug: str,
    kind: str,
    *,
    run: str = "",
    exit_code: int | None = None,
    message: str = "",
) -> dict[str, Any]:
    """Store one call and poke the engine; return what was done.

    Raises:
        StartError: There is no such heartbeat, or no database.
    """
    from trueup.cli import naming
    from trueup.server import control, database
    from trueup.server.start import now_us

    database.require()
    from trueup.store.write import beat as write

    check = naming.check(slug)
    _require_awaited(check)
    body = message.encode(errors="replace")
    identity = write.add(check.id, kind, now_us, run=run, exit_status=exit_code, body=body)
    return {
        "stored": identity,
        "check": check.slug,
        "call": kind,
        "run": run or None,
        "paused": check.paused_us is not None,
        "engine_told": control.poke(settings.data, control.BEAT),
    }


def _require_awaited(check: Named) -> None:
    from trueup.probes.awaited import awaited_kinds
    from trueup.server.faults import StartError

    if check.kind not in awaited_kinds():
        raise StartError(
            f"{check.slug} is a check of kind {check.kind}: it is asked, and waits for no call. "
            f"Ask it now with: trueup ask {check.slug}"
        )
