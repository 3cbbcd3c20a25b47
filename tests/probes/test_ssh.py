"""SSH: a host proves its key, and another key than was expected is a failure that names both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.probes.conftest import Ask, why
from tests.probes.pages import states
from tests.servers import Place, Servers
from tests.servers.http import Reader, Writer, closing, cutting, saying, silent
from tests.servers.run import Handler
from tests.servers.spoken import PROPOSAL as THEIRS
from tests.servers.spoken import sealed as packet

from trueup.domain.result import FailureClass, State
from trueup.probes.base import OptionError, build
from trueup.probes.exchange import Exchange
from trueup.probes.packet import Reading, text

KEY_TYPES = {"ed25519": "ssh-ed25519", "ecdsa": "ecdsa-sha2-nistp256", "rsa": "ssh-rsa"}
AGREEMENTS = ("curve25519-sha256", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521")
PAGE_KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"


@pytest.fixture(scope="module")
def keys() -> dict[str, asyncssh.SSHKey]:
    return {name: asyncssh.generate_private_key(algorithm) for name, algorithm in KEY_TYPES.items()}


@contextmanager
def host(servers: Servers, *keys: asyncssh.SSHKey, **more: Any) -> Iterator[Place]:
    """Run an SSH server with some host keys."""

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            asyncssh.SSHServer, "127.0.0.1", 0, server_host_keys=list(keys), **more
        )

    async def end() -> None:
        acceptor.close()
        await acceptor.wait_closed()

    acceptor = servers.run(start())
    try:
        yield Place("127.0.0.1", acceptor.get_port())
    finally:
        servers.run(end())


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_host_proves_the_key_that_is_asked_for(
    servers: Servers, ask: Ask, keys: dict[str, asyncssh.SSHKey], key_type: str
) -> None:
    with host(servers, *keys.values(), server_version="Trial_1.0") as place:
        facts = ask("ssh", f"ssh://{place.endpoint}", key_type=key_type).facts

    assert facts.failure is None
    assert facts.values == {
        "banner": "SSH-2.0-Trial_1.0",
        "software": "Trial_1.0",
        "host_key": keys[key_type].get_fingerprint(),
        "key_type": KEY_TYPES[key_type],
    }
    assert facts.phases.wait_us is not None


@pytest.mark.parametrize("agreement", AGREEMENTS)
def test_every_agreement_ends_in_the_same_proof(
    servers: Servers, ask: Ask, keys: dict[str, asyncssh.SSHKey], agreement: str
) -> None:
    with host(servers, keys["ecdsa"], kex_algs=[agreement]) as place:
        facts = ask("ssh", place.endpoint, host_key=[keys["ecdsa"].get_fingerprint()]).facts

    assert facts.failure is None


def test_another_key_is_a_failure_that_names_both(
    servers: Servers, ask: Ask, keys: dict[str, asyncssh.SSHKey]
) -> None:
    with host(servers, keys["ed25519"]) as place:
        wrong = ask("ssh", place.endpoint, host_key=PAGE_KEY)
        either = ask("ssh", place.endpoint, host_key=[PAGE_KEY, keys["ed25519"].get_fingerprint()])

    cause, sentence = why(wrong)
    assert cause is FailureClass.EXPECTATION
    assert keys["ed25519"].get_fingerprint() in sentence
    assert PAGE_KEY in sentence
    assert either.facts.failure is None


def test_host_that_is_too_old_for_a_proof_is_up_where_none_is_wanted(
    servers: Servers, ask: Ask, keys: dict[str, asyncssh.SSHKey]
) -> None:
    with host(servers, keys["ed25519"], kex_algs=["diffie-hellman-group14-sha256"]) as place:
        content = ask("ssh", place.endpoint).facts
        wanting = why(ask("ssh", place.endpoint, host_key=PAGE_KEY))
    with host(servers, keys["ed25519"]) as place:
        other = why(ask("ssh", place.endpoint, key_type="rsa"))

    assert content.failure is None
    assert set(content.values) == {"banner", "software"}
    assert wanting[0] is other[0] is FailureClass.PROTOCOL
    assert "diffie-hellman-group14-sha256" in wanting[1]
    assert "ssh-ed25519" in other[1]


def test_examples_of_the_page_hold(
    servers: Servers, tmp_path: Path, keys: dict[str, asyncssh.SSHKey]
) -> None:
    with host(servers, *keys.values()) as place:
        places = {"jump.example.org:22": place.endpoint, PAGE_KEY: keys["ed25519"].get_fingerprint()}
        found = states("watch-ssh.md", tmp_path, places, {})

    assert {slug: state for slug, (state, _) in found.items()} == {"jump-host": State.UP}, found


async def endless_lines(reader: Reader, writer: Writer) -> None:
    while True:
        writer.write(b"welcome\r\n" * 100)
        await writer.drain()


async def endless_talk(reader: Reader, writer: Writer) -> None:
    writer.write(b"SSH-2.0-x\r\n")
    while True:
        writer.write(packet(b"\2" + text(b"b" * 1_000)))
        await writer.drain()


GOODBYE = packet(b"\1" + (2).to_bytes(4, "big") + text(b"too many") + text(b""))


def said(words: bytes = b"", *, banner: bytes = b"SSH-2.0-x\r\n") -> Handler:
    """Say who one is and some words more, and leave the connection open."""
    return saying(banner + words, then=silent)


@pytest.mark.parametrize(
    ("handler", "cause", "words"),
    [
        (silent, FailureClass.TIMEOUT, "speak first"),
        (said(b""), FailureClass.TIMEOUT, "(the key exchange)"),
        (closing, FailureClass.RESET, ""),
        (cutting, FailureClass.RESET, ""),
        (said(banner=b"SSH-1.5-old\r\n"), FailureClass.PROTOCOL, "SSH-1.5-old"),
        (said(banner=b"220 mail\r\n" * 60), FailureClass.PROTOCOL, "SSH-2.0"),
        (said(banner=b"b" * 9_000 + b"\r\n"), FailureClass.TOO_LARGE, ""),
        (endless_lines, FailureClass.PROTOCOL, "SSH-2.0"),
        (endless_talk, FailureClass.PROTOCOL, "say nothing"),
        (said(GOODBYE), FailureClass.EXPECTATION, "answered with too many"),
        (said(b"\xff\xff\xff\xff\0"), FailureClass.PROTOCOL, "4294967295 B"),
        (said(packet(b"\x14")), FailureClass.PROTOCOL, "ended too early"),
        (said(packet(b"\x15")), FailureClass.PROTOCOL, "came before"),
        (said(packet(THEIRS) + packet(b"\x15")), FailureClass.PROTOCOL, "not answered"),
    ],
)  # fmt: skip
def test_fault_has_its_class_and_its_words(
    servers: Servers, ask: Ask, handler: Handler, cause: FailureClass, words: str
) -> None:
    place = servers.start(handler)

    found, sentence = why(ask("ssh", place.endpoint, timeout_s=0.4 if cause is FailureClass.TIMEOUT else 5))

    assert found is cause, sentence
    assert words in sentence


def replying(change: Callable[[bytes, bytes, bytes], tuple[bytes, bytes, bytes]]) -> Handler:
    """Answer the key exchange with another host's answer, or one that is changed."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    other = Exchange(b"a", b"b", THEIRS, THEIRS)
    half = Reading(other.begin()[1:]).text()
    parts = (key.public_data, half, text(b"ssh-ed25519") + text(b"\1" * 64))

    async def handle(reader: Reader, writer: Writer) -> None:
        writer.write(b"SSH-2.0-x\r\n" + packet(THEIRS))
        await reader.readuntil(b"\n")
        await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
        await reader.read(65_536)
        writer.write(packet(b"\x1f" + b"".join(text(part) for part in change(*parts))))
        await writer.drain()
        await silent(reader, writer)

    return handle


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda key, half, proof: (key, half, proof), "did not prove"),
        (lambda key, half, proof: (key, half, text(b"rsa-sha2-256") + text(b"1")), "did not prove"),
        (lambda key, half, proof: (key, half[:-1], proof), "cannot be read"),
        (lambda key, half, proof: (key, b"\0" * 32, proof), "cannot be read"),
        (lambda key, half, proof: (key[:-1], half, proof), "cannot be read"),
        (lambda key, half, proof: (b"", half, proof), "ended too early"),
        (lambda key, half, proof: (text(b"ssh-none") + b"x", half, proof), "cannot be read"),
    ],
)
def test_key_that_is_not_proved_is_no_key(servers: Servers, ask: Ask, change: Any, words: str) -> None:
    place = servers.start(replying(change))

    cause, sentence = why(ask("ssh", place.endpoint))

    assert cause is FailureClass.PROTOCOL
    assert words in sentence


@pytest.mark.parametrize("host_key", ["", "SHA256:short", "MD5:" + "aa:" * 15 + "aa", "ssh-ed25519 AAAA"])
def test_what_is_no_fingerprint_is_refused(host_key: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("ssh", "127.0.0.1", {"host_key": host_key})

    assert refused.value.field == "host_key"
