"""``trueup ask``: one probe now. Of a target nothing is stored; of a check the running engine asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trueup import conf
from trueup.cli import options

if TYPE_CHECKING:
    from trueup.cli.asked import Asked
    from trueup.domain.expect import Expectation
    from trueup.probes.base import Probe

_TARGET = "An address, such as http(s)://, ws(s)://, tcp://, redis://HOST:PORT, or the SLUG of a check"
_TIMEOUT = "10s"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_WEB = {"http": "http", "https": "http", "ws": "websocket", "wss": "websocket"}


def ask(
    target: Annotated[str, typer.Argument(metavar="TARGET", help=_TARGET)],
    expect: Annotated[
        list[str] | None, typer.Option("--expect", help="What is expected; repeatable.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Of check; default: by the scheme.")] = None,
    timeout: Annotated[
        str | None, typer.Option("--timeout", help="How long to wait; of a target 10s.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("-o", "--option", metavar="KEY=VALUE", help="Of the kind; repeatable.")
    ] = None,
    as_json: options.Json = False,
    config: options.Config = None,
    data: options.Data = None,
) -> None:
    """Ask once, show where the time went and what the answer is worth.

    A target is asked by this command, and nothing is stored. A check, by its slug, is asked by the running
    engine beside its grid, and the result is stored like any other. Exit code 0: up or degraded; 1: down,
    or, of a check, unknown: what was measured proved nothing.
    """
    settings = options.settings(config, data)
    if kind is None and is_slug(target):
        from trueup.cli.urgent import ask_check

        patience_s = None if timeout is None else _timeout_s(timeout)
        asked = ask_check(settings, target, patience_s, refused=bool(expect or option))
    else:
        asked = _ask(settings, target, kind, expect or [], timeout or _TIMEOUT, option or [])
    if as_json:
        from trueup.cli.asked import document

        options.print_json(document(asked))
    else:
        from trueup.cli.waterfall import show

        show(asked)
    raise typer.Exit(1 if asked.judgement.state in ("down", "unknown") else 0)


def is_slug(target: str) -> bool:
    """Tell whether a word is the slug of a check rather than the address of a target."""
    return _SLUG.fullmatch(target) is not None


def guess(target: str) -> tuple[str, str]:
    """Return the kind and the target of what a person typed.

    Raises:
        StartError: No kind speaks that scheme.
    """
    from trueup.probes.address import shown
    from trueup.server.faults import StartError

    known = _schemes()
    scheme = target.partition("://")[0].lower() if "://" in target else ""
    if scheme in known:
        return known[scheme], target
    if not scheme and target.rpartition(":")[2].isdecimal():
        return "tcp", target
    begins = ", ".join(f"{each}://" for each in known)
    raise StartError(
        f"No kind of check is known for {shown(target)!r}. Begin it with one of {begins}; or name the kind "
        "with --kind."
    )


def _schemes() -> dict[str, str]:
    """Return the kind that each scheme speaks of; a scheme with the name of a kind is that kind's."""
    from trueup.probes.base import registry

    found = dict(_WEB)
    for kind, probe in registry().items():
        declared = getattr(probe, "schemes", ())
        for scheme in declared if isinstance(declared, tuple) else ():
            if scheme == kind or scheme not in registry():
                found.setdefault(scheme, kind)
    return found


def _ask(
    settings: conf.Settings,
    target: str,
    kind: str | None,
    expect: Sequence[str],
    timeout: str,
    written: Sequence[str],
) -> Asked:
    import time

    from trueup.cli.asked import Asked
    from trueup.domain.expect import judge, parse
    from trueup.probes.ask import ask_once

    found, target = (kind, target) if kind else guess(target)
    probe = _probe(found, target, written)
    expectations = _expectations(probe, expect)
    asked_us = time.time_ns() // 1000
    answer = ask_once(
        probe, _timeout_s(timeout), deny_private=settings.deny_private, servers=settings.resolvers
    )
    answered_us = asked_us + answer.duration_us
    degraded = [parse(source, probe.provides) for source in probe.default_degraded_when]
    judgement = judge(answer.facts, answer.duration_us, answered_us, expectations, degraded, probe.asks)
    return Asked(probe, expectations, answer, judgement, asked_us)


def _probe(kind: str, target: str, written: Sequence[str]) -> Probe:
    from trueup.probes.awaited import awaited_kinds
    from trueup.probes.base import OptionError, build, kinds, option_fields
    from trueup.server.faults import StartError

    values: dict[str, Any] = {}
    if kind in awaited_kinds():
        raise StartError(f"A {kind} is not asked, it calls. Call for one with: trueup beat SLUG")
    try:
        types = {each.name: each.type for each in option_fields(kind)} if kind in kinds() else {}
        for each in written:
            name, sign, value = each.partition("=")
            if not sign:
                raise StartError(f"-o {each} has no value. Write -o {each}=VALUE.")
            _put(values, types.get(name, "text"), name, value)
        return build(kind, target, values)
    except OptionError as error:
        raise StartError(error.message) from None


def _put(values: dict[str, Any], form: str, name: str, value: str) -> None:
    """Add one option as typed: a list takes one value each time, a mapping ``NAME:VALUE``."""
    if form == "texts":
        values.setdefault(name, []).append(value)
    elif form.endswith("map"):
        key, _, text = value.partition(":")
        values.setdefault(name, {})[key.strip()] = text.strip()
    else:
        values[name] = value


def _expectations(probe: Probe, written: Sequence[str]) -> tuple[Expectation, ...]:
    from textwrap import indent

    from trueup.domain.expect import ExpectationError, parse
    from trueup.server.faults import StartError

    found = []
    for source in written or probe.default_expect:
        try:
            found.append(parse(source, probe.provides))
        except ExpectationError as error:
            raise StartError(f"{error}\n{indent(error.pointed(source), '  ')}") from None
    return tuple(found)


def _timeout_s(written: str) -> float:
    """Return how long to wait, in seconds.

    Raises:
        StartError: It is no length of time.
    """
    from trueup.domain import duration
    from trueup.server.faults import StartError

    try:
        timeout_us = duration.parse(written)
    except ValueError as error:
        raise StartError(f"--timeout: {error}") from None
    if not timeout_us:
        raise StartError("--timeout: 0 s is no time to wait. Write for instance 10s.")
    return timeout_us / 1e6
