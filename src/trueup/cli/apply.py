"""``trueup apply``: make the configuration hold."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup.cli import options
from trueup.cli.validate import counted

if TYPE_CHECKING:
    from trueup.conf import Settings
    from trueup.config.change import Change
    from trueup.domain.spec import ConfigSpec


def apply(
    yes: Annotated[bool, typer.Option("--yes", help="Archive what is gone without asking.")] = False,
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Show what the configuration changes, and make it hold; a running engine follows within 2 s.

    Asks before anything that was measured is archived; where nobody can be asked, it refuses without --yes.
    A database that is not there yet is made.
    """
    settings = options.settings(config, data)
    from trueup import conf
    from trueup.config.load import load
    from trueup.server import control, database

    spec = load(settings.config, conf.environment())
    database.make_ready(settings, _nothing if as_json else options.voice(as_json=False))
    who = options.who(by, "operator")
    changes = _planned(spec, settings)
    if not as_json:
        from trueup.cli import planned

        planned.show(changes, spec.notices)
    from trueup.config.apply import with_history

    lost = with_history(changes)
    if lost and not yes and not _agreed(lost, changes, as_json=as_json):
        raise typer.Exit(2)
    document = _applied(spec, settings, who, archive=bool(lost))
    document["engine_told"] = bool(document["changes"]) and control.poke(settings.data)
    if as_json:
        options.print_json({"applied": True, **document, "notices": list(spec.notices)})
    else:
        _say(document)


def _planned(spec: ConfigSpec, settings: Settings) -> tuple[Change, ...]:
    import time

    from trueup.config.apply import plan
    from trueup.store.seal import ensure_key

    ensure_key(settings.key_file)
    return plan(spec, time.time_ns() // 1000)


def _applied(spec: ConfigSpec, settings: Settings, who: str, *, archive: bool) -> dict[str, Any]:
    import time

    from trueup.cli import planned
    from trueup.config.apply import apply as make_hold
    from trueup.config.load import shown

    done = make_hold(spec, time.time_ns() // 1000, shown(settings.config), archive=archive, by=who)
    return {"revision": done.revision, **planned.document(done.changes)}


def _agreed(lost: tuple[Change, ...], changes: tuple[Change, ...], *, as_json: bool) -> bool:
    things = ", ".join(f"{each.noun} {each.slug}" for each in lost)
    if sys.stdin.isatty() and not as_json:
        return typer.confirm(f"Archive {things}? The history is kept.")
    message = (
        f"this would archive {things}, which have a history. "
        "If they were renamed, write 'was: OLD-SLUG' at the new ones; to archive them, add --yes."
    )
    if as_json:
        from trueup.cli import planned

        options.print_json({"applied": False, "error": message, **planned.document(changes)})
    print(f"trueup: {message}", file=sys.stderr)
    return False


def _nothing(line: str, **facts: object) -> None:
    """Keep quiet: the only output is one JSON document."""


def _say(document: dict[str, Any]) -> None:
    if not document["changes"]:
        print(f"nothing to do: revision {document['revision']} says the same")
        return
    told = (
        "the engine was told" if document["engine_told"] else "no engine runs here; the next one follows it"
    )
    print(f"applied {counted(len(document['changes']), 'change')} as revision {document['revision']}; {told}")
