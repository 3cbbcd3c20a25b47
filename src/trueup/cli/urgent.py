"""Have the running engine ask a check now, and read its result from the store once it is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trueup import conf
from trueup.cli import naming
from trueup.cli.asked import Asked, Question

if TYPE_CHECKING:
    from trueup.domain.result import Result
    from trueup.store.read.named import Named

_LOOK_S = 0.1  # between two looks into the store
_AHEAD_US = 2 * 86_400_000_000  # by which the engine's clock may be ahead
_STORED_S = 8.0  # for the witnesses, the batch of a second and a slow commit


def ask_check(settings: conf.Settings, slug: str, patience_s: float | None, *, refused: bool) -> Asked:
    """Return the result of an urgent probe of a check, by its slug; it is stored like any other.

    ``patience_s`` is how long it is waited for; None: as long as it may take.

    Raises:
        StartError: There is no such check or no engine, it is paused, or no result came.
    """
    from trueup.server import control, database
    from trueup.server.faults import StartError

    if refused:
        raise StartError(
            f"{slug} is a check, and is asked as it is configured: leave out --expect and --option, "
            "or ask its address instead."
        )
    try:
        database.require()
        check = naming.check(slug)
    except StartError as error:
        hint = f"To ask an address instead, write its scheme or port: http://{slug}, {slug}:443"
        raise StartError(f"{error} {hint}") from None
    _require_asked(check)
    before = _results(check)
    asked_from_us = time.time_ns() // 1000 - check.timeout_us
    if not control.poke(settings.data, control.ASK + str(check.series).encode()):
        raise StartError(
            f"No engine runs on {settings.data}, and {check.slug} is asked by the engine. "
            "Start it with: trueup up. Or ask its address, which stores nothing: trueup ask URL"
        )
    patience_s = check.timeout_us / 1e6 + _STORED_S if patience_s is None else patience_s
    return _asked(check, _awaited(check, before, asked_from_us, patience_s))


def _require_asked(check: Named) -> None:
    from trueup.probes.awaited import awaited_kinds
    from trueup.server.faults import StartError

    if check.kind in awaited_kinds():
        raise StartError(
            f"{check.slug} is a {check.kind}: it is not asked, it calls. Call for it with: "
            f"trueup beat {check.slug}"
        )
    if check.paused_us is not None:
        raise StartError(
            f"{check.slug} is paused, and is not asked. Let it run again with: trueup resume {check.slug}"
        )


def _results(check: Named) -> int:
    from trueup.store.read.watermark import results

    return results(check.series)


def _awaited(check: Named, before: int, from_us: int, patience_s: float) -> Result:
    from trueup.server.faults import StartError
    from trueup.store.read.samples import samples

    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        if _results(check) > before:
            found = samples(check.series, from_us, from_us + _AHEAD_US)
            if found:
                return found[-1]
        time.sleep(_LOOK_S)
    raise StartError(
        f"No result of {check.slug} came within {patience_s:g} s. Look into the log of the engine, or wait "
        "longer with --timeout."
    )


def _asked(check: Named, result: Result) -> Asked:
    """Return a stored result in the form of an answer; of a good one no more than its times is stored."""
    from trueup.domain.expect import parse
    from trueup.domain.result import Facts, Failure, Judgement
    from trueup.domain.text import from_json
    from trueup.probes.ask import Answer
    from trueup.store.read import evidence

    seen = evidence.seen(check.series, result.asked_us)
    text = from_json(seen.text) if seen is not None and seen.text else None
    facts = Facts(
        values={"status": result.status} if result.status else {},
        phases=result.phases,
        address=seen.address if seen is not None else "",
        failure=Failure(result.cause, text) if result.cause and text else None,
    )
    asks = f"{check.slug}: {check.kind} {check.target}"
    judgement = Judgement(result.state, result.cause, text)
    return Asked(
        Question(check.kind, check.target, asks),
        tuple(parse(each) for each in check.expect),
        Answer(0, result.duration_us, facts),
        judgement,
        result.asked_us,
    )
