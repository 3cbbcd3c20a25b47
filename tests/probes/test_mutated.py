"""Whatever a server sends, the answer is a class of failure and never a fault of trueup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.probes.asking import Asking
from tests.servers import Servers, spoken
from tests.servers.http import Reader, Writer, silent

from trueup.domain.result import FailureClass
from trueup.probes.base import Probe, build

LOGIN = {"username": "me", "password": "secret", "query": "SELECT 1"}
SPOKEN: dict[str, tuple[dict[str, Any], bytes]] = {
    "grpc": ({}, spoken.HEALTH),
    "mysql": (LOGIN, spoken.MYSQL),
    "postgres": (LOGIN, spoken.POSTGRES),
    "redis": ({"password": "secret", "command": "X"}, spoken.REDIS),
    "smtp": ({}, spoken.SMTP),
    "ssh": ({}, spoken.SSH),
}


class Parrot:
    """A server that says the same to everyone; ``words`` may change between two."""

    words = b""

    async def __call__(self, reader: Reader, writer: Writer) -> None:
        writer.write(self.words)
        writer.write_eof()
        await silent(reader, writer)


@pytest.fixture(scope="module")
def parrot() -> Iterator[tuple[Parrot, str]]:
    with Servers() as servers:
        bird = Parrot()
        yield bird, servers.start(bird).endpoint


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    with Asking() as running:
        yield running


def cause(asking: Asking, probe: Probe) -> FailureClass | None:
    """Return why a probe has no answer; None where it has one."""
    asking.answers(probe, timeout_s=5)
    failure = asking.taken[-1].facts.failure
    return failure.cause if failure else None


@st.composite
def mutated(draw: Callable[[Any], Any], words: bytes) -> bytes:
    """Return words of which some bytes are other ones, too many or missing."""
    data = bytearray(words)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        piece = draw(st.binary(max_size=4))
        data[place : place + draw(st.integers(0, 4))] = piece
    return bytes(data)


@pytest.mark.parametrize("kind", SPOKEN)
def test_words_of_a_good_server_are_understood_as_far_as_they_go(
    kind: str, parrot: tuple[Parrot, str], asking: Asking
) -> None:
    options, words = SPOKEN[kind]
    bird, endpoint = parrot
    bird.words = words

    found = cause(asking, build(kind, endpoint, options))

    assert found is (FailureClass.PROTOCOL if kind == "ssh" else None)  # it cannot have signed our half


@pytest.mark.parametrize("kind", SPOKEN)
def test_mutated_words_end_with_a_class(kind: str, parrot: tuple[Parrot, str], asking: Asking) -> None:
    options, words = SPOKEN[kind]
    bird, endpoint = parrot
    probe = build(kind, endpoint, options)

    @settings(max_examples=60)
    @given(st.one_of(mutated(words), st.binary(max_size=200)))
    def check(said: bytes) -> None:
        bird.words = said
        assert cause(asking, probe) not in (FailureClass.INTERNAL, FailureClass.LOCAL, FailureClass.TIMEOUT)

    check()
