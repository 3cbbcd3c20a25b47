"""Whether names are resolved, witnesses answer and pings may be sent: what probes need of the network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from trueup.conf import Settings
from trueup.engine.run.selfwatch import is_sign_of_life
from trueup.engine.run.witness import with_port
from trueup.net.hosts import Hosts
from trueup.net.multi import Loop
from trueup.net.query import ResolveError, Servers, ask
from trueup.net.resolve import literal
from trueup.probes.ask import Answer, Asker
from trueup.probes.base import OptionError, Probe, build
from trueup.server.doctor.finding import Finding

_HOSTS = Path("/etc/hosts")
_WAIT_S = 1.5
_NAME = "doctor.trueup.invalid."  # no such name (RFC 6761): whoever says so is alive


def resolvers(settings: Settings, targets: Sequence[str]) -> Iterator[Finding]:
    """Ask each resolver something, where a target has a name that needs them."""
    needing = [host for host in map(_host, targets) if host and _needs_dns(host)]
    if not needing:
        return
    who = "TRUEUP_RESOLVERS" if settings.resolvers else "/etc/resolv.conf"
    try:
        servers = Servers.given(settings.resolvers) if settings.resolvers else Servers.system()
    except ResolveError as error:
        yield Finding("resolver-dead", f"No resolver is known: {error.params.get('reason', who)}.", _NAME_ONE)
        return
    dead = asyncio.run(_dead(servers))
    told = ", ".join(dead)
    if dead and len(dead) == len(servers.addresses):
        yield Finding(
            "resolver-dead",
            f"No resolver of {who} answers ({told}): {needing[0]} cannot be resolved, "
            "and its checks will fail with class dns.",
            _NAME_ONE,
        )
    elif dead:
        yield Finding(
            "resolver-silent",
            f"Of the resolvers in {who}, {told} does not answer: each name that asks it waits.",
            f"Start it again, or take it out of {who}.",
        )


_NAME_ONE = "Correct /etc/resolv.conf, or name resolvers that answer in TRUEUP_RESOLVERS."


def witnesses(settings: Settings, places: Sequence[str]) -> Iterator[Finding]:
    """Ask each witness for a sign of life."""
    probes: dict[str, Probe] = {}
    for place in places:
        try:
            probes[place] = build("tcp", with_port(place), {})
        except OptionError:
            continue
    answers = _asked(probes, settings)
    silent = [place for place, answer in answers.items() if not is_sign_of_life(answer)]
    if silent and len(silent) == len(answers):
        yield Finding(
            "witnesses-dead",
            f"No witness answers ({', '.join(silent)}): every failure would be taken for one of our own "
            "network, and its time would be unknown.",
            "Name hosts near you that answer in 'witnesses:' of the configuration or in TRUEUP_WITNESSES.",
        )
    elif silent:
        yield Finding(
            "witness-silent",
            f"Of the witnesses, {', '.join(silent)} does not answer.",
            "Let it answer on that port (a refusal is enough), or name another one.",
        )


def ping(settings: Settings, kinds: Sequence[str]) -> Iterator[Finding]:
    """Send a ping to this machine itself, where a check needs that it may."""
    if "icmp" not in kinds:
        return
    from trueup.domain.result import FailureClass
    from trueup.domain.text import render

    probe = build("icmp", "127.0.0.1", {"packets": 1, "wait": "200ms"})
    failure = _asked({"": probe}, settings)[""].facts.failure
    if failure is not None and failure.cause == FailureClass.LOCAL:
        yield Finding(
            "ping-not-allowed",
            f"The checks of kind icmp cannot ask: {render(failure.text)}.",
            'Run: sysctl -w net.ipv4.ping_group_range="0 2147483647"',
        )


def _asked(probes: Mapping[str, Probe], settings: Settings) -> dict[str, Answer]:
    """Ask several questions at once and return their answers."""
    found: dict[str, Answer] = {}
    if not probes:
        return found
    loop = Loop()
    asker = Asker(loop, deny_private=settings.deny_private, servers=settings.resolvers)

    def take(name: str, answer: Answer) -> None:
        found[name] = answer
        if len(found) == len(probes):
            loop.stop()

    def begin() -> None:
        for name, probe in probes.items():
            asker.start(probe, _WAIT_S, partial(take, name))

    try:
        loop.call_soon_threadsafe(begin)
        loop.run()
    finally:
        asker.close()
        loop.close()
    return found


async def _dead(servers: Servers) -> list[str]:
    """Return the resolvers that do not answer; any answer is one, a refusal too."""
    alive = await asyncio.gather(*(_answers(each) for each in servers.addresses))
    return [
        host if port == 53 else f"{host} port {port}"
        for (host, port), answers in zip(servers.addresses, alive, strict=True)
        if not answers
    ]


async def _answers(server: tuple[str, int]) -> bool:
    try:
        async with asyncio.timeout(_WAIT_S):
            await ask(Servers((server,)), _NAME, (4,))
    except ResolveError as error:
        return error.kind in ("not_found", "no_address", "servfail")
    except TimeoutError:
        return False
    return True


def _host(target: str) -> str:
    try:
        return urlsplit(target if "://" in target else f"//{target}").hostname or ""
    except ValueError:
        return ""


def _needs_dns(host: str) -> bool:
    return literal(host) is None and not Hosts(_HOSTS, time.monotonic).find(host, 0)
