"""MySQL and MariaDB: a login in each way, a query that may only read, and words for every other answer."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.probes.conftest import Ask, why
from tests.probes.pages import states
from tests.servers import Place, Servers
from tests.servers.http import Reader, Writer, silent
from tests.servers.mariadb import mariadb
from tests.servers.run import Handler
from tests.servers.spoken import MYSQL_OK as OK
from tests.servers.spoken import SALT, greeting, packet
from tests.servers.tls import Authority
from tests.system import PATIENT

from trueup.domain.result import FailureClass, State
from trueup.probes.base import OptionError, build

SECRET = "open sesame"
SHOP = {"username": "monitor", "password": SECRET, "database": "shop"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Place]:
    with mariadb(tmp_path_factory.mktemp("mariadb"), authority) as place:
        yield place


@PATIENT
def test_server_that_answers_is_up_without_a_login(shop: Place, ask: Ask) -> None:
    for encrypt, tls in (("offered", True), ("no", False)):
        facts = ask("mysql", f"mariadb://{shop.endpoint}", encrypt=encrypt).facts

        assert facts.failure is None
        assert "MariaDB" in facts.values["server_version"]
        assert (facts.certificate is not None) is tls
        assert facts.phases.wait_us is not None


@PATIENT
@pytest.mark.parametrize("encrypt", ["no", "offered", "required"])
def test_login(shop: Place, ask: Ask, authority: Authority, encrypt: str) -> None:
    options = {"username": "monitor", "encrypt": encrypt, "ca": authority.file}

    good = ask("mysql", shop.endpoint, password=SECRET, **options).facts
    bad = ask("mysql", shop.endpoint, password="wrong marker", **options)
    none = ask("mysql", shop.endpoint, **{**options, "username": "nobody"}).facts

    assert good.failure is none.failure is None
    assert (good.certificate is not None) is (encrypt != "no")
    cause, sentence = why(bad)
    assert cause is FailureClass.EXPECTATION
    assert "the login of monitor was refused: 1045" in sentence
    assert "marker" not in sentence


@PATIENT
@pytest.mark.parametrize(
    ("query", "value", "rows"),
    [
        ("SELECT count(*) FROM jobs", 3, 1),
        ("SELECT price FROM jobs ORDER BY id", Decimal("12.50"), 3),
        ("SELECT 25e-1", Decimal("2.5"), 1),
        ("SELECT note, id FROM jobs ORDER BY id", "first", 3),
        ("SELECT note FROM jobs WHERE id = 2", None, 1),
        ("SELECT 1 FROM jobs WHERE false", None, 0),
        ("SELECT repeat('x', 70000)", "x" * 70_000, 1),
        ("DO 1", None, 0),
    ],
)
def test_query_brings_value_and_rows(shop: Place, ask: Ask, query: str, value: Any, rows: int) -> None:
    values = ask("mysql", shop.endpoint, query=query, **SHOP).facts.values

    assert (values["value"], values["rows"]) == (value, rows)


@PATIENT
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELEC 1", "1064"),
        ("SELECT * FROM nowhere", "1146"),
        ("INSERT INTO jobs VALUES (4, NULL, 0, '')", "READ ONLY"),
        ("COMMIT; DELETE FROM jobs", "1064"),
    ],
)
def test_query_that_fails_or_writes_is_refused(shop: Place, ask: Ask, query: str, words: str) -> None:
    cause, sentence = why(ask("mysql", shop.endpoint, query=query, **SHOP))

    assert cause is FailureClass.EXPECTATION
    assert "the query was answered with" in sentence
    assert words in sentence


@PATIENT
def test_query_without_end_ends_with_the_time(shop: Place, ask: Ask) -> None:
    cause, sentence = why(ask("mysql", shop.endpoint, query="SELECT sleep(60)", timeout_s=0.5, **SHOP))

    assert cause is FailureClass.TIMEOUT or "max_statement_time" in sentence


@PATIENT
@pytest.mark.parametrize(
    ("options", "cause", "words"),
    [
        ({"encrypt": "required"}, FailureClass.TLS, "not trusted"),
        ({**SHOP, "database": "none"}, FailureClass.EXPECTATION, "1044"),
        ({"username": "modern", "password": "x"}, FailureClass.PROTOCOL, "client_ed25519"),
        ({**SHOP, "query": "SELECT repeat('x', 2000000)"}, FailureClass.TOO_LARGE, "1 MB"),
    ],
)
def test_refusal_has_its_class_and_its_words(
    shop: Place, ask: Ask, options: dict[str, Any], cause: FailureClass, words: str
) -> None:
    found, sentence = why(ask("mysql", shop.endpoint, **options))

    assert found is cause, sentence
    assert words in sentence


@PATIENT
def test_examples_of_the_page_hold(shop: Place, tmp_path: Path) -> None:
    places = {"db.example.org:3306": shop.endpoint}

    found = states("watch-mysql.md", tmp_path, places, {"DB_PASSWORD": SECRET})

    assert {slug: state for slug, (state, _) in found.items()} == {
        "database-answers": State.UP,
        "database-jobs": State.UP,
    }, found


def after(*replies: bytes) -> Handler:
    """Say the first at once, then one each time something was said, and stay."""

    async def handle(reader: Reader, writer: Writer) -> None:
        for number, reply in enumerate(replies):
            if number:
                await reader.read(65_536)
            writer.write(reply)
            await writer.drain()
        await silent(reader, writer)

    return handle


async def heard(reader: Reader) -> bytes:
    """Return the next packet from the client, without its head."""
    head = await reader.readexactly(4)
    return await reader.readexactly(int.from_bytes(head[:3], "little"))


class Modern:
    """A server with caching_sha2_password that has forgotten the password, or not; ``heard`` is what came."""

    def __init__(self, authority: Authority, *, fast: bool = False, tls: bool = False) -> None:
        self._fast, self._tls = fast, authority.server() if tls else None
        self._key = rsa.generate_private_key(65_537, 2_048)
        self.heard = b""

    async def __call__(self, reader: Reader, writer: Writer) -> None:
        if self._tls is None:
            writer.write(greeting())
        else:
            await self._secure(writer, self._tls)
        login = await heard(reader)
        number = 3 if self._tls else 2
        proof = bytes(
            one ^ other
            for one, other in zip(
                hashlib.sha256(SECRET.encode()).digest(),
                hashlib.sha256(
                    hashlib.sha256(hashlib.sha256(SECRET.encode()).digest()).digest() + SALT
                ).digest(),
                strict=True,
            )
        )
        if self._fast and proof in login:
            writer.write(packet(number, b"\1\3") + packet(number + 1, OK))
        else:
            writer.write(packet(number, b"\1\4"))
            self.heard = await heard(reader)
            if self.heard == b"\2":  # it wants our key
                public = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
                writer.write(packet(number + 2, b"\1" + public))
                mixed = self._key.decrypt(await heard(reader), OAEP(MGF1(SHA1()), SHA1(), None))
                self.heard = bytes(sign ^ SALT[place % 20] for place, sign in enumerate(mixed))
                number += 2
            good = self.heard == SECRET.encode() + b"\0"
            writer.write(packet(number + 2, OK if good else b"\xff\x15\4#28000Access denied"))
        await silent(reader, writer)

    async def _secure(self, writer: Writer, tls: ssl.SSLContext) -> None:
        """Go on under TLS; what the client says of TLS may come with its wish for it, and is left unread."""
        loop = asyncio.get_running_loop()
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        with writer.get_extra_info("socket").dup() as held:
            held.setblocking(False)
            writer.write(greeting(tls=True))
            left = 36
            while left:
                left -= len(await loop.sock_recv(held, left))
        await writer.start_tls(tls)


LOGIN = {"username": "me", "password": SECRET}


@pytest.mark.parametrize(
    ("server", "options"),
    [
        ({"fast": True}, {}),
        ({"fast": True}, {"encrypt": "no"}),
        ({"fast": True, "tls": True}, {}),
        ({"tls": True}, {"encrypt": "required"}),
        ({}, {"encrypt": "no"}),
    ],
)
def test_login_with_caching_sha2_password(
    servers: Servers, ask: Ask, authority: Authority, server: dict[str, bool], options: dict[str, Any]
) -> None:
    place = servers.start(Modern(authority, **server))

    facts = ask("mysql", place.endpoint, ca=authority.file, **LOGIN, **options).facts

    assert facts.failure is None
    assert facts.values["server_version"] == "8.4.0"


@pytest.mark.parametrize("tls", [False, True])
def test_whole_password_goes_to_nobody_who_was_not_verified(
    servers: Servers, ask: Ask, authority: Authority, tls: bool
) -> None:
    server = Modern(authority, tls=tls)
    place = servers.start(server)

    cause, sentence = why(ask("mysql", place.endpoint, **LOGIN))

    assert cause is FailureClass.PROTOCOL
    assert "in clear text" in sentence
    assert server.heard == b""


def error(code: int, words: bytes) -> bytes:
    """Return an error as a server says it."""
    return b"\xff" + code.to_bytes(2, "little") + b"#HY000" + words


async def endless(reader: Reader, writer: Writer) -> None:
    writer.write(greeting())
    await reader.read(65_536)
    writer.write(packet(2, OK))
    for _ in range(2):  # the transaction and the time it may take
        await reader.read(65_536)
        writer.write(packet(1, OK))
    await reader.read(65_536)
    writer.write(packet(1, b"\1") + packet(2, b"\0" * 6 + b"\x0c" + b"\0" * 12) + packet(3, b"\xfe\0\0\2\0"))
    number = 4
    while True:
        writer.write(packet(number, b"\xfd\0\0\1" + b"x" * 65_536))
        number = (number + 1) % 256
        await writer.drain()


LOGGED_IN = (greeting(), packet(2, OK), packet(1, OK), packet(1, OK))


@pytest.mark.parametrize(
    ("handler", "cause", "words"),
    [
        (silent, FailureClass.TIMEOUT, "speak first"),
        (after(greeting()), FailureClass.TIMEOUT, "(the login)"),
        (after(greeting(tls=True)), FailureClass.TIMEOUT, "TLS handshake"),
        (after(greeting(tls=True) + b"more"), FailureClass.PROTOCOL, "plain text"),
        (after(*LOGGED_IN), FailureClass.TIMEOUT, "(the query)"),
        (after(packet(0, error(1040, b"Too many connections"))), FailureClass.EXPECTATION, "1040 Too many"),
        (after(b"SSH-2.0-x\r\n"), FailureClass.PROTOCOL, "no packet of MySQL"),
        (after(packet(0, b"\x09old\0")), FailureClass.PROTOCOL, "no packet of MySQL"),
        (after(packet(0, b"\x0a8.4.0\0short")), FailureClass.PROTOCOL, "no packet of MySQL"),
        (after(b"\0\0\0\0"), FailureClass.PROTOCOL, "no packet of MySQL"),
        (after(b"\xff\xff\xff\0"), FailureClass.TOO_LARGE, ""),
        (after(greeting(), packet(7, OK)), FailureClass.PROTOCOL, "no packet of MySQL"),
        (after(greeting(), packet(2, b"\xfe")), FailureClass.PROTOCOL, "no packet of MySQL"),
        (after(greeting(), packet(2, b"\xfeother\0salt")), FailureClass.PROTOCOL, "no way to log in"),
        (after(greeting(), packet(2, b"\xfemysql_clear_password\0")), FailureClass.PROTOCOL, "in clear text"),
        (after(greeting(), packet(2, b"\1\x09")), FailureClass.PROTOCOL, "no packet of MySQL"),
        (after(*LOGGED_IN, packet(1, b"\xfb/etc/passwd")), FailureClass.PROTOCOL, "no packet of MySQL"),
        (after(*LOGGED_IN, packet(1, b"\xfd\xff\xff\xff")), FailureClass.PROTOCOL, "no packet of MySQL"),
        (
            after(*LOGGED_IN, packet(1, b"\1") + packet(2, b"\3de")),
            FailureClass.PROTOCOL,
            "no packet of MySQL",
        ),
        (endless, FailureClass.TOO_LARGE, ""),
    ],
)
def test_hostile_server_ends_with_a_class(
    servers: Servers, ask: Ask, handler: Handler, cause: FailureClass, words: str
) -> None:
    place = servers.start(handler)
    timeout_s = 0.4 if cause is FailureClass.TIMEOUT else 5

    found, sentence = why(ask("mysql", place.endpoint, timeout_s=timeout_s, query="SELECT 1", **SHOP))

    assert found is cause, sentence
    assert words in sentence


def test_tls_that_is_required_and_not_offered_is_a_failure(servers: Servers, ask: Ask) -> None:
    place = servers.start(after(greeting()))

    cause, sentence = why(ask("mysql", place.endpoint, encrypt="required"))

    assert cause is FailureClass.TLS
    assert "offers no TLS" in sentence


@pytest.mark.parametrize("key", [b"", b"nonsense", b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"])
def test_key_that_is_none_gets_no_password(servers: Servers, ask: Ask, key: bytes) -> None:
    place = servers.start(after(greeting(), packet(2, b"\1\4"), packet(4, b"\1" + key)))

    assert why(ask("mysql", place.endpoint, encrypt="no", **LOGIN))[0] is FailureClass.PROTOCOL


@pytest.mark.parametrize("target", ["mysql://me:marker@h:1/db", "mysql://h/?password=marker", "h:x"])
def test_what_cannot_be_asked_is_refused(target: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("mysql", target, {})

    assert refused.value.field == "target"
    assert "mark" not in str(refused.value)
