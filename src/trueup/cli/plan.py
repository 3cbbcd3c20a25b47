"""``trueup plan``: what applying the configuration would change."""

from __future__ import annotations

import typer

from trueup.cli import options


def plan(as_json: options.Json = False, config: options.Config = None, data: options.Data = None) -> None:
    """Show what ``apply`` would change, and what that would do to history; change nothing.

    Exit code 0: nothing to do; 1: there are changes; 2: people must mend something.
    """
    settings = options.settings(config, data)
    import time

    from trueup import conf
    from trueup.cli import planned
    from trueup.config.load import load, shown
    from trueup.server import database

    spec = load(settings.config, conf.environment())
    stored = database.is_there()
    from trueup.config import apply

    now_us = time.time_ns() // 1000
    changes = apply.plan(spec, now_us) if stored else apply.plan_of_nothing(spec, now_us)
    if as_json:
        file = {"config": str(settings.config), "would_archive": bool(apply.with_history(changes))}
        options.print_json({**file, **planned.document(changes), "notices": list(spec.notices)})
    else:
        planned.show(changes, spec.notices)
        print(planned.summary(changes) or f"nothing to do: {shown(settings.config)} is what holds")
    raise typer.Exit(1 if changes else 0)
