"""The table of verbs."""

from __future__ import annotations

from typing import Annotated

import typer

from trueup import __version__
from trueup.cli import (
    apply,
    archive,
    ask,
    audit,
    beat,
    correction,
    demo,
    doctor,
    engine,
    exclusion,
    export,
    incident,
    init,
    keys,
    ledger,
    maintenance,
    pause,
    plan,
    schema,
    sla,
    status,
    subscriber,
    token,
    top,
    up,
    user,
    validate,
    web,
)

# Plain help: rich costs a quarter of a second and is imported by what prints tables.
app = typer.Typer(
    name="trueup",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"trueup {__version__}")
        raise typer.Exit


@app.callback()
def trueup(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a fault.")] = False,
) -> None:
    """Watch services and keep an exact ledger of every second that was lost."""


_VERBS = (
    (up.up, "Watch, and serve the page and the API"),
    (demo.demo, "The same with a sample platform that fails and recovers"),
    (init.init, "Write a configuration to start with"),
    (validate.validate, "Say what is wrong with the configuration"),
    (schema.schema, "The JSON Schema of the configuration, for editors"),
    (plan.plan, "What applying the configuration would change"),
    (apply.apply, "Make the configuration hold"),
    (archive.archive, "Archive what was made by hand"),
    (archive.restore, "Let what is archived run again"),
    (ask.ask, "Ask a target once, or a check now"),
    (beat.beat, "Call a heartbeat, or run a command and call for it"),
    (pause.pause, "Stop asking for a while"),
    (pause.resume, "Let what is paused run again"),
    (status.status, "How everything is"),
    (top.top, "The same, live"),
    (ledger.ledger, "The ledger of one check"),
    (doctor.doctor, "What is not as it should be here, and what to do"),
    (engine.engine, "Watch without serving the page"),
    (web.web, "Serve the page and the API without watching"),
)
for _verb, _short in _VERBS:
    app.command(short_help=_short)(_verb)
app.add_typer(export.app, name="export", short_help="Write out what is stored")
app.add_typer(exclusion.app, name="exclusion", short_help="Time that a contract does not count")
app.add_typer(correction.app, name="correction", short_help="Correct the ledger where a check was wrong")
app.add_typer(subscriber.app, name="subscriber", short_help="Who wants to hear of a page")
app.add_typer(user.app, name="user", short_help="Who may do what")
app.add_typer(token.app, name="token", short_help="What lets programs in")
app.add_typer(audit.app, name="audit", short_help="Who did what, and whether that log was changed")
app.add_typer(sla.app, name="sla", short_help="What contracts come to")
app.add_typer(keys.app, name="keys", short_help="With what statements are signed")
app.add_typer(incident.app, name="incident", short_help="Tell people what is wrong")
app.add_typer(maintenance.app, name="maintenance", short_help="Announce what is planned")
