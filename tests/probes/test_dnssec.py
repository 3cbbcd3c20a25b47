"""DNSSEC: what the signatures of an answer prove."""

from __future__ import annotations

from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdataset
import dns.rrset
import pytest
from tests.probes import how_to
from tests.probes.conftest import Ask, why
from tests.servers import Servers
from tests.servers.dns import Zone
from tests.servers.signed import Signed

from trueup.domain.result import FailureClass, State
from trueup.probes import dnssec


@pytest.fixture
def signed() -> Signed:
    """Give zones from the root down; ``test`` vouches for some of those below it."""
    server = Signed()
    host = (
        "www.{0} IN A 192.0.2.1\nalias.{0} IN CNAME www.good.test.\n"
        "*.wild.{0} IN A 192.0.2.7\ndeep.a.b.{0} IN A 192.0.2.8\n"
    )
    server.add("good.test.", host.format("good.test."))
    server.add("over.test.", host.format("over.test."), over=True)
    server.add("island.test.", host.format("island.test."), ds=False)
    server.add("plain.test.", host.format("plain.test."), signed=False)
    server.add("stripped.test.", host.format("stripped.test."))
    server.add("test.", "ns.test. IN A 127.0.0.1\n")
    server.add(".")
    server.stripped = frozenset({"stripped.test."})
    return server


@pytest.mark.parametrize(
    ("name", "kind", "state"),
    [
        ("www.good.test", "A", "secure"),
        ("good.test", "SOA", "secure"),
        ("deep.a.b.good.test", "A", "secure"),
        ("alias.good.test", "A", "secure"),
        ("x.wild.good.test", "A", "indeterminate"),
        ("gone.good.test", "A", "indeterminate"),
        ("www.over.test", "A", "bogus"),
        ("www.stripped.test", "A", "bogus"),
        ("www.island.test", "A", "insecure"),
        ("www.plain.test", "A", "insecure"),
        ("alias.plain.test", "A", "insecure"),
        ("alias.over.test", "A", "bogus"),
    ],
)
def test_signatures_are_followed_from_the_anchor_down(
    servers: Servers, ask: Ask, signed: Signed, tmp_path: Path, name: str, kind: str, state: str
) -> None:
    anchors = signed.write_anchors(tmp_path)

    facts = ask(
        "dns", name, record=kind, server=signed.start(servers), dnssec=True, trust_anchors=anchors
    ).facts

    assert facts.failure is None
    assert facts.values["dnssec"] == state


def test_anchor_that_vouches_for_another_key_makes_everything_bogus(
    servers: Servers, ask: Ask, signed: Signed, tmp_path: Path
) -> None:
    other = Signed()
    other.add(".")
    server = signed.start(servers)

    strange = ask(
        "dns", "www.good.test", server=server, dnssec=True, trust_anchors=other.write_anchors(tmp_path)
    )
    root = ask("dns", "www.good.test", server=server, dnssec=True)

    assert strange.facts.values["dnssec"] == root.facts.values["dnssec"] == "bogus"


def test_record_that_was_changed_on_the_way_is_bogus(
    servers: Servers, ask: Ask, signed: Signed, tmp_path: Path
) -> None:
    zone = signed.zones[dns.name.from_text("good.test.")]
    forged = dns.rdataset.from_text("IN", "A", 300, "192.0.2.66")
    with zone.writer() as writing:
        writing.replace(dns.name.from_text("www.good.test."), forged)
    anchors = signed.write_anchors(tmp_path)

    facts = ask(
        "dns", "www.good.test", server=signed.start(servers), dnssec=True, trust_anchors=anchors
    ).facts

    assert facts.values["answers"] == ("192.0.2.66",)
    assert facts.values["dnssec"] == "bogus"


def test_resolver_that_refuses_a_bogus_answer_is_asked_for_it_all_the_same(
    servers: Servers, ask: Ask, signed: Signed, tmp_path: Path
) -> None:
    signed.refusing = True
    anchors = signed.write_anchors(tmp_path)
    facts = ask(
        "dns", "www.over.test", server=signed.start(servers), dnssec=True, trust_anchors=anchors
    ).facts

    assert (facts.values["rcode"], facts.values["dnssec"]) == ("SERVFAIL", "bogus")


def test_file_of_anchors_without_any_is_our_own_fault(servers: Servers, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    file.write_text("nothing")
    server = Zone({"example.test": ["192.0.2.1"]}).start(servers)

    cause, sentence = why(ask("dns", "example.test", server=server, dnssec=True, trust_anchors=str(file)))

    assert cause is FailureClass.LOCAL
    assert str(file) in sentence


def test_example_of_the_how_to_is_up(servers: Servers, signed: Signed, tmp_path: Path) -> None:
    table = Zone({})
    table.records = {
        ("example.test", "MX"): ["10 mail.example.test.", "20 b.example.test."],
        ("example.test", "TXT"): ['"v=spf1 -all"'],
    }
    table.ttl = 300
    anchors = signed.write_anchors(tmp_path)
    asked = how_to.asked(
        "watch-dns.md",
        {
            "dns: example.org": "dns: example.test",
            "ns1.example.org": table.start(servers),
            "203.0.113.53": f"{signed.start(servers)}\n        trust_anchors: {anchors}",
            "dns: www.example.org": "dns: www.good.test",
            "192.0.2.10": "192.0.2.1",
            "10 mail.example.org": "10 mail.example.test",
        },
        {},
    )

    assert [(judged.state, judged.text) for _, judged in asked] == [(State.UP, None)] * 3


HASHED = {
    name: dns.dnssec.nsec3_hash(name, "aabbccdd", 12, 1).lower() for name in ("a.example.", "b.example.")
}
LOWEST, HIGHEST = "0" * 32, "v" * 32


@pytest.mark.parametrize(
    ("owner", "following", "optout", "types", "shown"),
    [
        (HASHED["a.example."], HIGHEST, 0, "NS", True),
        (HASHED["a.example."], HIGHEST, 0, "A RRSIG", False),
        (HASHED["a.example."], HIGHEST, 0, "", False),
        (HASHED["a.example."], HIGHEST, 0, "NS DS RRSIG", None),
        (HASHED["a.example."], HIGHEST, 0, "NS SOA RRSIG", None),
        (LOWEST, HIGHEST, 0, "A", False),
        (LOWEST, HIGHEST, 1, "A", True),
        (HIGHEST, LOWEST, 0, "A", None),
        (HIGHEST, HIGHEST, 1, "A", True),
        (HASHED["b.example."], HASHED["b.example."], 0, "A", False),
    ],
)
def test_hashed_proof_tells_a_zone_without_keys_from_none(
    owner: str, following: str, optout: int, types: str, shown: bool | None
) -> None:
    text = f"1 {optout} 12 aabbccdd {following} {types}"
    proof = dns.rrset.from_text(f"{owner}.example.", 300, "IN", "NSEC3", text)
    name, zone = dns.name.from_text("a.example."), dns.name.from_text("example.")

    assert dnssec._by_hash(proof, name, zone) is shown


def test_hash_is_that_of_the_standard() -> None:
    assert HASHED["a.example."] == "35mthgpgcu1qg68fab165klnsnk3dpvl"  # RFC 5155, appendix A


def test_hashed_proof_of_many_rounds_is_none() -> None:
    text = f"1 0 2500 aabbccdd {HIGHEST} NS"
    proof = dns.rrset.from_text(f"{LOWEST}.example.", 300, "IN", "NSEC3", text)

    assert dnssec._by_hash(proof, dns.name.from_text("a.example."), dns.name.from_text("example.")) is None
