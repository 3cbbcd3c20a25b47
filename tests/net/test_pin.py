"""A handle that keeps its options connects to the one address that was judged, whatever its URL names."""

from __future__ import annotations

import _socket
import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pycurl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servers import Place, Servers
from tests.servers.http import ok

from trueup.net.guard import Guard
from trueup.net.multi import Loop
from trueup.net.transfer import Request, Transfer
from trueup.probes.address import read_url
from trueup.probes.base import build
from trueup.probes.kinds.http import HttpProbe

HERE = "127.0.0.1"
ELSEWHERE = "127.0.0.2"
HOSTS = (
    HERE,
    ELSEWHERE,
    "localhost",
    "LOCALHOST.",
    "name.test",
    "2130706434",
    "0x7f.2",
    "0177.2",
    "[::1]",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]",
    "münchen.test",
    "127.0.0.2.",
)
SHARED = ((pycurl.HTTPHEADER, [b"Connection: close"]),)


class Wire:
    """Transfers one after the other; ``opened`` are the addresses libcurl asked a socket for."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.opened: list[tuple[Any, ...]] = []
        self._own: list[_socket.socket] = []

    def __call__(self, transfer: Transfer, *more: tuple[int, Any]) -> int:
        """Run a prepared transfer to its end, with more options, and return libcurl's code."""
        codes: list[int] = []

        def done(code: int, _message: str) -> None:
            codes.append(code)
            self.loop.remove(transfer.handle)

        transfer.limit(5_000)
        for option, value in ((pycurl.OPENSOCKETFUNCTION, self._open), *more):
            transfer.handle.setopt(option, value)
        self.loop.start(transfer.handle, done)
        while not codes:
            self.loop._turn(self.loop._epoll.poll(max(0.0, self.loop._patience())))
        for each in self._own:
            each.close()
        return codes[0]

    def _open(self, _purpose: int, wanted: tuple[int, int, int, tuple[Any, ...]]) -> Any:
        family, kind, protocol, where = wanted
        self.opened.append(where[:2])
        self._own.append(_socket.socket(family, kind, protocol))  # libcurl takes a copy
        return self._own[-1]


@pytest.fixture
def wire() -> Iterator[Wire]:
    running = Wire()
    yield running
    running.loop.close()


def asking(host: str, port: int, rest: str = "/") -> Request:
    """Return what an http check of such a target asks, as it is when it shares its options."""
    probe = build("http", f"http://{host}:{port}{rest}", {})
    assert isinstance(probe, HttpProbe)
    request = probe.request()
    assert request.shared
    return request


@pytest.mark.parametrize("host", HOSTS)
def test_connection_goes_to_the_judged_address_whatever_the_host_is(
    host: str, wire: Wire, servers: Servers
) -> None:
    place = servers.start(ok())
    transfer = Transfer()
    transfer.prepare(asking(host, place.port), HERE, Guard())

    assert wire(transfer) == 0
    assert wire.opened == [(HERE, place.port)]
    assert transfer.body == b"ok"


def test_handle_used_again_forgets_the_address_before(wire: Wire, servers: Servers) -> None:
    place = servers.start(ok())
    transfer = Transfer()
    for host, address in (("name.test", ELSEWHERE), (HERE, HERE), ("name.test", HERE), (HERE, HERE)):
        transfer.prepare(asking(host, place.port), address, Guard())
        code = wire(transfer)
        transfer.clear()

        assert code == (0 if address == HERE else pycurl.E_COULDNT_CONNECT)
        assert wire.opened.pop() == (address, place.port)


def test_no_variable_of_the_environment_leads_elsewhere(
    wire: Wire, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = servers.start(ok())
    for name in ("http_proxy", "all_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://{ELSEWHERE}:9")
    transfer = Transfer()
    transfer.prepare(asking("name.test", place.port), HERE, Guard())

    assert wire(transfer) == 0
    assert wire.opened == [(HERE, place.port)]


def test_answer_that_redirects_is_not_followed_by_libcurl(wire: Wire, servers: Servers) -> None:
    place = servers.start(
        ok(status=302, Location=f"http://{ELSEWHERE}:9/", Refresh=f"0; url=http://{ELSEWHERE}/")
    )
    transfer = Transfer()
    transfer.prepare(asking("name.test", place.port), HERE, Guard())

    assert (wire(transfer), transfer.status) == (0, 302)
    assert wire.opened == [(HERE, place.port)]


def test_service_announced_elsewhere_is_not_asked_the_next_time(wire: Wire, servers: Servers) -> None:
    elsewhere: dict[str, Any] = {
        "Alt-Svc": f'http/1.1="{ELSEWHERE}:9"',
        "Strict-Transport-Security": "max-age=9",
    }
    place = servers.start(ok(**elsewhere))
    transfer = Transfer()
    for _ in range(2):
        transfer.prepare(asking("name.test", place.port), HERE, Guard())
        assert wire(transfer) == 0
        transfer.clear()

    assert wire.opened == [(HERE, place.port)] * 2


@pytest.mark.parametrize("host", ["name.test", HERE])
def test_connection_to_any_other_address_is_cut_before_a_byte_is_sent(
    host: str, wire: Wire, servers: Servers
) -> None:
    place = servers.start(ok(), host="127.0.0.2")
    transfer = Transfer()
    transfer.prepare(asking(host, place.port), HERE, Guard())

    code = wire(transfer, (pycurl.CONNECT_TO, [f"::{ELSEWHERE}:{place.port}"]))

    assert code == pycurl.E_ABORTED_BY_CALLBACK
    assert (transfer.failed, transfer.refused) == ("guard", ELSEWHERE)
    assert transfer.status == 0


PATHS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), max_size=30)


@settings(max_examples=40, deadline=None)
@given(
    host=st.sampled_from(HOSTS),
    rest=st.builds("{}{}".format, st.sampled_from(("/", "/?", "//", "/@")), PATHS),
)
def test_no_form_of_a_url_leads_elsewhere(host: str, rest: str) -> None:
    wire = Wire()
    with _socket_of_nobody() as port:
        url = f"http://{host}:{port}{rest}"
        read_url(url, ("http",))
        transfer = Transfer()
        transfer.prepare(asking(host, port, rest), HERE, Guard())
        code = wire(transfer)
        transfer.handle.close()
    wire.loop.close()

    assert code in (pycurl.E_COULDNT_CONNECT, 0)
    assert set(wire.opened) <= {(HERE, port)}


@contextlib.contextmanager
def _socket_of_nobody() -> Iterator[int]:
    """Give a port of loopback that is bound, so that nobody else listens there."""
    bound = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        bound.bind((HERE, 0))
        yield bound.getsockname()[1]
    finally:
        os.close(bound.detach())


def test_requests_with_options_of_their_own_share_nothing(servers: Servers) -> None:
    place: Place = servers.start(ok())
    for target, options in (
        (place.url(), {"method": "POST"}),
        (place.url(), {"headers": {"X-Own": "1"}}),
        (place.url(), {"token": "secret"}),
        (place.url(), {"username": "me"}),
        (place.url(), {"connect_to": f"{ELSEWHERE}:{place.port}"}),
        (place.url(), {"proxy": f"http://{HERE}:9"}),
        ("https://127.0.0.1/", {}),
    ):
        probe = build("http", target, options)
        assert isinstance(probe, HttpProbe)
        assert probe.request().shared == ()
