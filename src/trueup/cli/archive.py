"""``trueup archive`` and ``trueup restore``: what people made by hand, and what the file let go of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trueup.cli import options

if TYPE_CHECKING:
    from trueup.conf import Settings

_NOUNS = ("component", "check", "contract", "channel")
_Slug = Annotated[str, typer.Argument(metavar="SLUG", help="Of a component, check, contract or channel.")]
_Noun = Annotated[
    str, typer.Option("--noun", help="component, check, contract or channel, where several have that slug.")
]


def archive(
    slug: _Slug,
    noun: _Noun = "",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Archive something that was made by hand, a component with its checks; the history is kept.

    What the configuration file manages is archived by taking it out of the file.
    """
    _do("archive", slug, noun, by, options.settings(config, data), as_json=as_json)


def restore(
    slug: _Slug,
    noun: _Noun = "",
    by: options.By = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Let something that is archived run again, with its history; it is managed by hand from then on.

    What the configuration file should manage is restored by writing it into the file again.
    """
    _do("restore", slug, noun, by, options.settings(config, data), as_json=as_json)


def _do(verb: str, slug: str, noun: str, by: str | None, settings: Settings, *, as_json: bool) -> None:
    import time

    from trueup.server import control, database
    from trueup.server.faults import StartError

    if noun not in ("", *_NOUNS):
        raise StartError(f"--noun {noun}: write one of {', '.join(_NOUNS)}.")
    database.require()
    from trueup.config import archive as by_hand

    act = by_hand.archive if verb == "archive" else by_hand.restore
    who = options.who(by, "operator")
    done = act(slug, time.time_ns() // 1000, noun, who, options.source())
    told = control.poke(settings.data)
    if as_json:
        things = [{"noun": each.noun, "slug": each.slug} for each in done]
        options.print_json({f"{verb}d": things, "engine_told": told})
        return
    for each in done:
        print(f"{verb}d {each.noun} {each.slug}")
    print("the engine was told" if told else "no engine runs here; the next one follows it")
