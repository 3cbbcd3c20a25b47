# ruff: noqa: D103 - the name of a test says what it is about
"""The kind against a real server on loopback: good, and failing."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

from trueup.domain.result import FailureClass
from trueup.probes.ask import Answer, ask_once
from trueup.probes.base import OptionError, build


class Desk(socketserver.StreamRequestHandler):
    """Knows one user."""

    def handle(self) -> None:
        """Answer one question; an unknown name gets no answer."""
        name = self.rfile.readline().strip().decode()
        if name in ("", "ada"):
            self.wfile.write(b"Login: ada\r\nName: Ada Lovelace\r\n")


@pytest.fixture
def desk() -> Iterator[str]:
    """Give the place of a server."""
    with socketserver.TCPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def asked(target: str, **options: object) -> Answer:
    """Ask once."""
    return ask_once(build("finger", target, options), 5)


def test_user_is_known(desk: str) -> None:
    facts = asked(desk, user="ada").facts

    assert facts.failure is None
    assert "Ada Lovelace" in facts.values["reply"]


def test_server_that_says_nothing_is_a_fault_of_the_connection(desk: str) -> None:
    failure = asked(desk, user="nobody").facts.failure

    assert failure is not None
    assert failure.cause is FailureClass.RESET


def test_answer_larger_than_the_cap_is_cut(desk: str) -> None:
    failure = asked(desk, max_reply="10 B").facts.failure

    assert failure is not None
    assert failure.cause is FailureClass.TOO_LARGE


def test_bad_option_is_refused() -> None:
    with pytest.raises(OptionError, match="did you mean user"):
        build("finger", "127.0.0.1", {"usr": "ada"})
