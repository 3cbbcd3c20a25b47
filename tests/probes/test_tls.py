"""HTTPS: whose certificates are believed, what is known of them, and what is shown."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.http import closing, cutting, ok, silent
from tests.servers.tls import Authority, broken_handshake, half_handshake

from trueup.domain.result import FailureClass
from trueup.probes.ask import ask_once
from trueup.probes.base import build

DAY_US = 86_400_000_000


def now_us() -> int:
    return int(datetime.now(UTC).timestamp() * 1e6)


def test_certificate_is_known_with_its_chain(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = servers.start(ok(), tls=authority.server("localhost", "127.0.0.1"))

    answer = ask("http", place.url(scheme="https"), ca=authority.file)

    assert answer.facts.failure is None
    served = answer.facts.certificate
    assert served is not None
    pem = ssl.get_server_certificate((place.host, place.port))
    assert served.sha256 == hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    assert served.names == ("localhost", "127.0.0.1")
    assert "trustme" in served.issuer
    assert served.not_before_us < now_us() < served.chain_not_after_us <= served.not_after_us
    assert answer.facts.phases.tls_us is not None


def test_certificate_is_known_each_time(servers: Servers, ask: Ask, authority: Authority) -> None:
    place = servers.start(ok(), tls=authority.server())

    answers = [ask("http", place.url(scheme="https"), ca=authority.file) for _ in range(3)]

    assert len({answer.facts.certificate for answer in answers}) == 1
    assert answers[0].facts.certificate is not None


@pytest.mark.parametrize("kind", ["http", "tcp"])
def test_certificate_that_is_not_believed(
    servers: Servers, ask: Ask, authority: Authority, kind: str
) -> None:
    faults = {
        "ended at": (authority.expired(), {"ca": authority.file}),
        "begins only at": (authority.early(), {"ca": authority.file}),
        "not for 127.0.0.1": (authority.server("other.test"), {"ca": authority.file}),
        "is not trusted": (authority.server(), {}),
    }
    for words, (context, options) in faults.items():
        place = servers.start(ok(), tls=context)
        target, more = (
            (place.url(scheme="https"), {}) if kind == "http" else (place.endpoint, {"secure": True})
        )

        answer = ask(kind, target, **options, **more)

        cause, sentence = why(answer)
        assert cause is FailureClass.TLS
        assert words in sentence
        assert answer.facts.certificate is not None


def test_any_certificate_is_believed_where_that_was_asked_for(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    place = servers.start(ok(), tls=authority.expired())

    answer = ask("http", place.url(scheme="https"), insecure=True)

    assert answer.facts.failure is None
    assert answer.facts.certificate is not None
    assert answer.facts.certificate.not_after_us < now_us()


def test_name_and_certificate_stay_the_targets_where_another_place_is_connected_to(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    place = servers.start(ok(), tls=authority.server("shop.example.test"))

    answer = ask(
        "http", "https://shop.example.test/", connect_to=f"127.0.0.1:{place.port}", ca=authority.file
    )

    assert answer.facts.failure is None


def test_client_certificate_is_shown_where_one_is_demanded(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    place = servers.start(ok(), tls=authority.demanding())

    shown = ask("http", place.url(scheme="https"), ca=authority.file, client_certificate=authority.client())
    cause, _ = why(ask("http", place.url(scheme="https"), ca=authority.file))

    assert shown.facts.failure is None
    assert cause in (FailureClass.TLS, FailureClass.RESET)


@pytest.mark.parametrize("password", [{}, {"client_key_password": "wrong"}])
def test_key_that_cannot_be_opened_is_a_failure_and_nobody_is_asked(
    servers: Servers, ask: Ask, authority: Authority, tmp_path: Path, password: dict[str, str]
) -> None:
    pem = Path(authority.client()).read_bytes()
    locked = tmp_path / "locked.pem"
    form = BestAvailableEncryption(b"secret")
    key = load_pem_private_key(pem, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, form)
    locked.write_bytes(key + pem[pem.index(b"-----BEGIN CERTIFICATE") :])
    place = servers.start(ok(), tls=authority.demanding())

    cause, sentence = why(
        ask(
            "http",
            place.url(scheme="https"),
            ca=authority.file,
            client_certificate=str(locked),
            **password,
        )
    )

    assert cause is FailureClass.LOCAL
    assert "private key" in sentence


def test_client_certificate_is_not_shown_to_another_origin(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    seen: list[object] = []

    async def note(reader: object, writer: object) -> None:
        seen.append(writer.get_extra_info("peercert"))  # type: ignore[attr-defined]
        await ok()(reader, writer)  # type: ignore[arg-type]

    asking = authority.demanding()
    asking.verify_mode = ssl.CERT_OPTIONAL
    other = servers.start(note, tls=asking)
    place = servers.start(ok(status=302, Location=other.url(scheme="https")), tls=authority.demanding())

    answer = ask("http", place.url(scheme="https"), ca=authority.file, client_certificate=authority.client())

    assert answer.facts.failure is None
    assert not seen[0]


def test_file_of_authorities_that_is_none_is_our_own_fault(
    servers: Servers, ask: Ask, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("empty") / "none.pem"
    empty.write_text("no certificate")
    place = servers.start(ok(), tls=authority.server())

    for kind, target, more in (
        ("http", place.url(scheme="https"), {}),
        ("tcp", place.endpoint, {"secure": True}),
    ):
        cause, sentence = why(ask(kind, target, ca=str(empty), **more))
        assert cause is FailureClass.LOCAL
        assert str(empty) in sentence


@pytest.mark.parametrize(
    ("handler", "cause", "words"),
    [
        (half_handshake, FailureClass.TIMEOUT, "TLS handshake did not come to its end"),
        (silent, FailureClass.TIMEOUT, "TLS handshake did not come to its end"),
        (broken_handshake, FailureClass.TLS, "does not speak TLS"),
        (cutting, FailureClass.RESET, "cut during the TLS handshake"),
        (closing, FailureClass.RESET, "cut during the TLS handshake"),
    ],
)
@pytest.mark.parametrize("kind", ["http", "tcp"])
def test_handshake_that_does_not_end(
    servers: Servers, ask: Ask, kind: str, handler: object, cause: FailureClass, words: str
) -> None:
    place = servers.start(handler)  # type: ignore[arg-type]
    target, more = (place.url(scheme="https"), {}) if kind == "http" else (place.endpoint, {"secure": True})

    found, sentence = why(ask(kind, target, timeout_s=0.3, **more))

    assert found is cause, sentence
    assert words in sentence


async def h2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(24)  # the preface of HTTP/2
    writer.write(bytes.fromhex("000000040000000000"))  # empty SETTINGS
    writer.write(bytes.fromhex("000001010500000001") + b"\x88")  # HEADERS of stream 1: 200, the end
    await writer.drain()
    while await reader.read(1000):
        pass


def test_version_2_is_spoken_where_the_server_offers_it(
    servers: Servers, ask: Ask, authority: Authority
) -> None:
    new, old = authority.server(), authority.server()
    new.set_alpn_protocols(["h2", "http/1.1"])
    old.set_alpn_protocols(["http/1.1"])
    modern, plain = servers.start(h2, tls=new), servers.start(ok(), tls=old)

    spoken = [
        ask("http", place.url(scheme="https"), ca=authority.file).facts.values["version"]
        for place in (modern, plain)
    ]
    pinned = ask("http", modern.url(scheme="https"), ca=authority.file, version="2").facts
    cause, _ = why(ask("http", plain.url(scheme="https"), ca=authority.file, version="2"))

    assert spoken == ["2", "1.1"]
    assert (pinned.failure, pinned.values["version"]) == (None, "2")
    assert cause in (FailureClass.TLS, FailureClass.PROTOCOL, FailureClass.RESET)


def test_file_of_authorities_is_read_again_when_it_changes(
    servers: Servers, authority: Authority, tmp_path: Path
) -> None:
    place = servers.start(ok(), tls=authority.server())
    file = tmp_path / "ca.pem"
    file.write_bytes(Path(authority.file).read_bytes())
    probe = build("http", place.url(scheme="https"), {"ca": str(file)})

    before = ask_once(probe, 5)
    file.write_text("nothing any more")
    broken = ask_once(probe, 5)
    file.write_bytes(Path(authority.file).read_bytes())
    after = ask_once(probe, 5)

    assert (before.facts.failure, after.facts.failure) == (None, None)
    assert why(broken)[0] is FailureClass.LOCAL
