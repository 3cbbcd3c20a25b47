"""What every kind of probe keeps to, whoever wrote it: this runs over the registry."""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import inspect
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.probes.asking import Asking
from tests.probes.conftest import Ask, why
from tests.servers import Place, Servers
from tests.servers.http import closing, cutting, deaf, garbage, silent
from tests.servers.run import Handler

import trueup.channels
import trueup.probes.kinds
from trueup.domain import expect
from trueup.domain.result import Certificate, FailureClass
from trueup.probes import base

KINDS = base.kinds()
CONNECTING = [kind for kind in KINDS if "HOST:PORT" in base.registry()[kind].target_form]
# The least that must be written for a kind beside its target.
LEAST: dict[str, dict[str, Any]] = {
    "heartbeat": {"period": "1 h"},
    "steps": {"requests": [{"path": "/"}]},
}
# What makes a kind wait for an answer that is content with less.
WAITING: dict[str, dict[str, Any]] = {**LEAST, "tcp": {"listen": True}}
HEARING = {"mysql", "smtp"}  # the server speaks first: nothing is said that it could wait for
SLACK_S = 0.15
OPENERS = {"open_connection", "open_unix_connection", "start_server", "create_connection",
           "create_datagram_endpoint", "create_server", "sock_connect"}  # fmt: skip
FORBIDDEN = {"socket", "_socket", "ssl", "select", "selectors", "http", "urllib.request", "pycurl.Curl"}


def target(kind: str, place: Place) -> str:
    """Return a kind's target at a place."""
    return base.registry()[kind].target_form.replace("HOST:PORT", place.endpoint)


def eager(handler: Handler) -> Handler:
    """Return a handler that does at once what it else does when something was said."""

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = asyncio.StreamReader()
        said.feed_data(b"x")
        await handler(said, writer)

    return handle


def open_files() -> int:
    """Return how many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_a_frozen_dataclass_that_says_what_it_does(kind: str) -> None:
    cls = base.registry()[kind]

    assert dataclasses.is_dataclass(cls)
    assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert (cls.__doc__ or "").strip().endswith(".")
    assert not (cls.__doc__ or "").startswith(f"{cls.__name__}(")
    assert cls.target_form


@pytest.mark.parametrize("kind", KINDS)
def test_options_have_help_a_form_and_a_name_that_is_free(kind: str) -> None:
    common = {
        "name",
        "slug",
        "interval",
        "timeout",
        "confirm",
        "recover",
        "expect",
        "degraded_when",
        "counts",
        "was",
    }

    for each in base.option_fields(kind):
        assert each.help.endswith("."), each.name
        assert each.name not in {*KINDS, *common}
        assert not each.choices or each.default in each.choices
    assert set(base.option_schema(kind)["properties"]) == {each.name for each in base.option_fields(kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_expects_by_default_is_what_it_provides(kind: str) -> None:
    cls = base.registry()[kind]

    for source in cls.default_expect:
        expect.parse(source, cls.provides)
    assert cls.provides.get("latency", timedelta) is timedelta
    assert cls.provides.get("certificate", Certificate) is Certificate


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_option_is_refused_with_the_nearest_name(kind: str, servers: Servers) -> None:
    place = servers.refusing()
    for each in base.option_fields(kind):
        if len(each.name) > 3:
            with pytest.raises(base.OptionError, match=f"did you mean {each.name}") as refused:
                base.build(kind, target(kind, place), {f"{each.name}x": 1})
            assert refused.value.field == f"{each.name}x"


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_known_by_its_name_alone(kind: str) -> None:
    with pytest.raises(base.OptionError, match=f"did you mean {kind}"):
        base.build(f"{kind}x", "", {})


@pytest.mark.parametrize("kind", CONNECTING)
def test_closed_port_is_refused(kind: str, servers: Servers, ask: Ask) -> None:
    place = servers.refusing()

    answer = ask(kind, target(kind, place), **LEAST.get(kind, {}))

    cause, sentence = why(answer)
    assert cause is FailureClass.REFUSED
    assert f"port {place.port}" in sentence
    assert answer.facts.phases.connect_us is None


@pytest.mark.parametrize("kind", CONNECTING)
@pytest.mark.parametrize("handler", [silent, deaf])
def test_silent_server_times_out_soon_after_the_deadline(
    kind: str, handler: Handler, servers: Servers, ask: Ask
) -> None:
    place = servers.start(handler)

    answer = ask(kind, target(kind, place), timeout_s=0.2, **WAITING.get(kind, {}))

    assert why(answer)[0] is FailureClass.TIMEOUT
    assert 0.19 < answer.duration_us / 1e6 < 0.2 + SLACK_S
    assert answer.facts.phases.connect_us is not None
    assert answer.facts.address == place.host


@pytest.mark.parametrize("kind", CONNECTING)
def test_connection_that_does_not_come_about_times_out(kind: str, servers: Servers, ask: Ask) -> None:
    place = servers.full()

    answer = ask(kind, target(kind, place), timeout_s=0.2, **LEAST.get(kind, {}))

    cause, sentence = why(answer)
    assert cause is FailureClass.TIMEOUT
    assert "no connection" in sentence
    assert answer.duration_us / 1e6 < 0.2 + SLACK_S


@pytest.mark.parametrize("kind", CONNECTING)
@pytest.mark.parametrize("handler", [closing, cutting, garbage])
def test_server_that_breaks_off_is_a_fault_of_the_connection_or_protocol(
    kind: str, handler: Handler, servers: Servers, ask: Ask
) -> None:
    place = servers.start(eager(handler) if kind in HEARING else handler)
    options = {**WAITING.get(kind, {}), **({"send": "x\n"} if "send" in provided(kind) else {})}

    facts = ask(kind, target(kind, place), timeout_s=2, **options).facts

    if facts.failure is None:  # an answer that a kind without rules for answers takes
        assert handler is garbage
    else:
        causes = (FailureClass.RESET, FailureClass.TLS if kind == "tls" else FailureClass.PROTOCOL)
        assert facts.failure.cause in causes


def provided(kind: str) -> set[str]:
    return {each.name for each in base.option_fields(kind)}


@pytest.mark.parametrize("kind", CONNECTING)
def test_address_that_is_never_asked_is_refused_by_the_guard(kind: str, ask: Ask) -> None:
    for host in ("169.254.169.254", "[::ffff:169.254.169.254]", "0.0.0.0", "224.0.0.1", "[fe80::1]"):
        place = base.registry()[kind].target_form.replace("HOST:PORT", f"{host}:80")

        assert why(ask(kind, place, **LEAST.get(kind, {})))[0] is FailureClass.GUARD


@pytest.mark.parametrize("kind", CONNECTING)
@pytest.mark.parametrize("handler", [silent, closing, cutting, garbage])
def test_no_connection_stays_open(kind: str, handler: Handler, servers: Servers) -> None:
    place = servers.start(handler)
    probe = base.build(kind, target(kind, place), WAITING.get(kind, {}))
    refused = base.build(kind, target(kind, servers.refusing()), LEAST.get(kind, {}))
    with Asking() as asking:
        asking.answers(probe, refused, timeout_s=0.05)  # whatever is made once is made
        before = open_files()
        asking.answers(*[probe, refused] * 20, timeout_s=0.05)

        asking.settle(lambda: open_files() <= before)


@pytest.mark.parametrize("kind", CONNECTING)
def test_cancelled_question_is_never_answered_and_leaves_nothing_open(kind: str, servers: Servers) -> None:
    place = servers.start(silent)
    probe = base.build(kind, target(kind, place), WAITING.get(kind, {}))
    with Asking() as asking:
        asking.answers(probe, timeout_s=0.05)
        before = open_files()
        taken = len(place.taken)

        def begin() -> list[Any]:
            return [asking.asker.start(probe, 10, asking.take) for _ in range(5)]

        begun = asking.call(begin)
        asking.settle(lambda: len(place.taken) == taken + 5)
        asking.call(lambda: [each.cancel() for each in begun])

        asking.settle(lambda: open_files() <= before + 5)  # the server's ends are ours too, here
        assert asking.asker.flying == 0
        assert len(asking.taken) == 1


def sources() -> list[Path]:
    """Return the files of all kinds and channels in this repository."""
    rooms = (trueup.probes.kinds, trueup.channels)
    return [path for room in rooms for path in Path(inspect.getfile(room)).parent.glob("*.py")]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_connections_are_made_by_net_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not FORBIDDEN & {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in FORBIDDEN
        elif isinstance(node, ast.Attribute):
            assert node.attr not in OPENERS
            assert ast.unparse(node) != "pycurl.Curl"
