"""PostgreSQL: a login in each way, a query that may only read, and every other answer has its words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.probes.conftest import Ask, why
from tests.probes.pages import states
from tests.servers import Servers
from tests.servers.http import Reader, Writer, closing, saying, silent
from tests.servers.postgres import Shop, postgres
from tests.servers.run import Handler
from tests.servers.spoken import POSTGRES_OK as OK
from tests.servers.spoken import READY, message
from tests.servers.tls import Authority

from trueup.domain.result import FailureClass, State
from trueup.probes.base import OptionError, build
from trueup.probes.scram import Scram, ScramError

SECRET = "open sesame"
SHOP = {"username": "scram", "password": SECRET, "database": "shop"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Shop]:
    with postgres(tmp_path_factory.mktemp("postgres"), authority) as place:
        yield place


def test_server_that_answers_is_up_without_a_login(shop: Shop, ask: Ask) -> None:
    for encrypt, tls in (("offered", True), ("no", False)):
        facts = ask("postgres", f"postgresql://{shop.endpoint}", encrypt=encrypt).facts

        assert facts.failure is None
        assert (facts.certificate is not None) is tls
        assert facts.phases.wait_us is not None


@pytest.mark.parametrize("user", ["scram", "old", "clear"])
def test_login_in_each_way(shop: Shop, ask: Ask, authority: Authority, user: str) -> None:
    options = {"username": user, "database": "postgres", "encrypt": "required", "ca": authority.file}

    good = ask("postgres", shop.endpoint, password=SECRET, **options).facts
    bad = ask("postgres", shop.endpoint, password="wrong marker", **options)

    assert good.failure is None
    assert int(good.values["server_version"].partition(".")[0]) >= 12
    assert good.certificate is not None
    cause, sentence = why(bad)
    assert cause is FailureClass.EXPECTATION
    assert f"the login of {user} was refused: 28P01" in sentence
    assert "marker" not in sentence


@pytest.mark.parametrize(
    ("query", "value", "rows"),
    [
        ("SELECT count(*) FROM jobs", 3, 3),
        ("SELECT price FROM jobs ORDER BY id", Decimal("12.50"), 3),
        ("SELECT 2.5::float8", Decimal("2.5"), 1),
        ("SELECT 'NaN'::float8", "NaN", 1),
        ("SELECT id = 1, note FROM jobs ORDER BY id DESC", False, 3),
        ("SELECT note FROM jobs WHERE id = 1", "first", 1),
        ("SELECT NULL", None, 1),
        ("SELECT 1 WHERE false", None, 0),
        ("SELECT", None, 1),
        ("", None, None),
    ],
)
def test_query_brings_value_and_rows(shop: Shop, ask: Ask, query: str, value: Any, rows: int) -> None:
    values = ask("postgres", shop.endpoint, query=query, **SHOP).facts.values

    assert values.get("value") == value
    assert values.get("rows") == (1 if query.startswith("SELECT count") else rows)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM nowhere", "42P01"),
        ("INSERT INTO jobs VALUES (4)", "read-only transaction"),
        ("COMMIT; DELETE FROM jobs", "multiple commands"),
    ],
)
def test_query_that_fails_or_writes_is_refused(shop: Shop, ask: Ask, query: str, words: str) -> None:
    cause, sentence = why(ask("postgres", shop.endpoint, query=query, **SHOP))

    assert cause is FailureClass.EXPECTATION
    assert "the query was answered with" in sentence
    assert words in sentence


def test_query_without_end_ends_with_the_time_here_and_there(shop: Shop, ask: Ask) -> None:
    cause, sentence = why(
        ask("postgres", shop.endpoint, query="SELECT 'trueup', pg_sleep(60)", timeout_s=0.5, **SHOP)
    )

    assert cause is FailureClass.TIMEOUT or "statement timeout" in sentence
    with psycopg.connect(shop.address("postgres"), autocommit=True) as link:
        for _ in range(1_000):
            still = link.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'scram' AND state = 'active'"
            ).fetchall()
            if not still[0][0]:
                break
            link.execute("SELECT pg_sleep(0.01)")
    assert still[0][0] == 0


def test_answer_without_end_is_too_large(shop: Shop, ask: Ask) -> None:
    found = ask(
        "postgres", shop.endpoint, query="SELECT repeat('x', 999) FROM generate_series(1, 9999)", **SHOP
    )

    assert why(found)[0] is FailureClass.TOO_LARGE


@pytest.mark.parametrize(
    ("options", "cause", "words"),
    [
        ({"encrypt": "required"}, FailureClass.TLS, "not trusted"),
        ({**SHOP, "database": "none"}, FailureClass.EXPECTATION, "the login was answered with 3D000"),
        ({"username": "locked"}, FailureClass.EXPECTATION, "the login of locked was refused: 28000"),
        ({"username": "clear", "password": SECRET}, FailureClass.PROTOCOL, "in clear text"),
        ({**SHOP, "query": "COPY jobs TO STDOUT"}, FailureClass.PROTOCOL, "no message of PostgreSQL"),
    ],
)
def test_refusal_has_its_class_and_its_words(
    shop: Shop, ask: Ask, options: dict[str, Any], cause: FailureClass, words: str
) -> None:
    found, sentence = why(ask("postgres", shop.endpoint, **options))

    assert found is cause, sentence
    assert words in sentence


def test_password_goes_in_clear_text_where_one_has_said_so(shop: Shop, ask: Ask) -> None:
    login = {"username": "clear", "password": SECRET, "database": "postgres"}

    assert ask("postgres", shop.endpoint, encrypt="no", **login).facts.failure is None
    assert ask("postgres", shop.endpoint, encrypt="required", insecure=True, **login).facts.failure is None


def test_examples_of_the_page_hold(shop: Shop, tmp_path: Path) -> None:
    places = {"db.example.org:5432": shop.endpoint, "username: monitor": "username: scram"}

    found = states("watch-postgresql.md", tmp_path, places, {"DB_PASSWORD": SECRET})

    assert {slug: state for slug, (state, _) in found.items()} == {
        "database-answers": State.UP,
        "database-jobs": State.UP,
    }, found


def after(*replies: bytes) -> Handler:
    """Give a reply each time something was said, and stay."""

    async def handle(reader: Reader, writer: Writer) -> None:
        for reply in replies:
            await reader.read(65_536)
            writer.write(reply)
            await writer.drain()
        await silent(reader, writer)

    return handle


async def endless(reader: Reader, writer: Writer) -> None:
    await reader.read(65_536)
    writer.write(b"N")
    while True:
        writer.write(message(b"N", b"SNOTICE\0\0") * 1_000)
        await writer.drain()


@pytest.mark.parametrize(
    ("handler", "cause", "words"),
    [
        (silent, FailureClass.TIMEOUT, "(the wish for TLS)"),
        (closing, FailureClass.RESET, ""),
        (after(b"N"), FailureClass.TIMEOUT, "(the login)"),
        (after(b"N", OK), FailureClass.TIMEOUT, "(the login)"),
        (after(b"S"), FailureClass.TIMEOUT, "TLS handshake"),
        (after(b"S" + OK), FailureClass.PROTOCOL, "plain text"),
        (after(b"H"), FailureClass.PROTOCOL, "no message of PostgreSQL"),
        (after(b"N", b"HTTP/1.1 400 Bad"), FailureClass.TOO_LARGE, ""),
        (after(b"N", b"\xff\0\0\0\4"), FailureClass.PROTOCOL, "no message of PostgreSQL"),
        (after(b"N", b"R\0\0\0\1"), FailureClass.PROTOCOL, "no message of PostgreSQL"),
        (after(b"N", message(b"V")), FailureClass.PROTOCOL, "no message of PostgreSQL"),
        (after(b"N", message(b"R", b"\0\0\0\7")), FailureClass.PROTOCOL, "no way to log in"),
        (after(b"N", message(b"R", b"\0\0\0\x0aOTHER\0\0")), FailureClass.PROTOCOL, "OTHER"),
        (
            after(b"N", message(b"R", b"\0\0\0\x0aSCRAM-SHA-256\0\0"), OK),
            FailureClass.PROTOCOL,
            "did not prove",
        ),
        (
            after(b"N", message(b"E", b"SFATAL\0C53300\0Mtoo many\0\0")),
            FailureClass.EXPECTATION,
            "53300 too many",
        ),
        (after(b"N", OK + READY, message(b"G", b"\0")), FailureClass.PROTOCOL, "no message of PostgreSQL"),
        (endless, FailureClass.TOO_LARGE, ""),
        (saying(b"N" + OK[:7]), FailureClass.RESET, ""),
    ],
)
def test_hostile_server_ends_with_a_class(
    servers: Servers, ask: Ask, handler: Handler, cause: FailureClass, words: str
) -> None:
    place = servers.start(handler)
    timeout_s = 0.4 if cause is FailureClass.TIMEOUT else 5

    found, sentence = why(ask("postgres", place.endpoint, timeout_s=timeout_s, query="SELECT 1", **SHOP))

    assert found is cause, sentence
    assert words in sentence


def test_tls_that_is_required_and_not_offered_is_a_failure(servers: Servers, ask: Ask) -> None:
    place = servers.start(after(b"N"))

    cause, sentence = why(ask("postgres", place.endpoint, encrypt="required"))

    assert cause is FailureClass.TLS
    assert "offers no TLS" in sentence


@pytest.mark.parametrize(
    ("target", "options", "field"),
    [
        ("postgres://me:marker@h:1/db", {}, "target"),
        ("postgres://h:1/db?password=marker", {}, "target"),
        ("host=h password=marker", {}, "target"),
        ("h", {"password": "marker"}, "password"),
        ("h", {"query": "SELECT 1"}, "query"),
        ("h", {"username": "a\0b"}, "username"),
        ("h", {"username": "a", "password": "mark\0er"}, "password"),
    ],
)
def test_what_cannot_be_asked_is_refused(target: str, options: dict[str, Any], field: str) -> None:
    with pytest.raises(OptionError) as refused:
        build("postgres", target, options)

    assert refused.value.field == field
    assert "mark" not in str(refused.value)


def test_target_with_a_password_names_the_option_to_use() -> None:
    with pytest.raises(OptionError, match="options username and password"):
        build("postgres", "postgres://me:marker@h:1", {})


@pytest.mark.parametrize(
    "challenge",
    [b"", b"r=x", b"r=x,s=!,i=1", b"r=x,s=QQ==,i=4096", b"\xff", b"r={nonce},s=QQ==,i=4096",
     b"r={nonce}x,s=QQ==,i=0", b"r={nonce}x,s=QQ==,i=999999999", b"r={nonce}x,s=QQ==,i=many"],
)  # fmt: skip
def test_challenge_that_is_none_for_us_gets_no_proof(challenge: bytes) -> None:
    scram = Scram(SECRET)
    nonce = scram.first().partition(b"r=")[2]

    with pytest.raises(ScramError):
        scram.proof(challenge.replace(b"{nonce}", nonce))


def test_server_that_does_not_know_the_password_is_found_out() -> None:
    scram = Scram(SECRET)
    nonce = scram.first().partition(b"r=")[2]
    scram.proof(b"r=" + nonce + b"theirs,s=QQ==,i=4096")

    with pytest.raises(ScramError):
        scram.verify(b"v=AAAA")
    assert not scram.verified


@pytest.mark.parametrize(
    "password", ["I\u00adX", "\u2168", "a\u00a0b", "p\u00e4ss", "\u0627\u0628", "\u0627a"]
)
def test_password_of_many_signs_logs_in(shop: Shop, ask: Ask, password: str) -> None:
    with psycopg.connect(shop.address("postgres"), autocommit=True) as link:
        link.execute(f"ALTER ROLE scram PASSWORD '{password}'".encode())
        try:
            facts = ask("postgres", shop.endpoint, **{**SHOP, "password": password}).facts
        finally:
            link.execute(f"ALTER ROLE scram PASSWORD '{SECRET}'".encode())

    assert facts.failure is None
