"""``trueup sla``: what contracts come to, verb by verb."""

from __future__ import annotations

import typer

from trueup.cli.sla import backtest, evaluate, presets, show, statement, verify, whatif

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What contracts come to.")

_VERBS = (
    (show.show, "What a contract comes to"),
    (statement.statement, "Its signed statement over a window"),
    (verify.verify, "Whether a statement is what was signed"),
    (statement.claim, "What to send to a supplier who broke a promise"),
    (whatif.what_if, "The same if something were otherwise, side by side"),
    (backtest.backtest, "The same over a history from elsewhere"),
    (evaluate.evaluate, "What the cases in a file come to"),
    (presets.presets, "Published agreements to begin a contract with"),
)
for _verb, _short in _VERBS:
    app.command(short_help=_short)(_verb)
