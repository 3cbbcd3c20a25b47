"""Verbs by which people write: each is in the audit log, and each asks who acts."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.databases import Database
from tests.world import World

from trueup.access import audit
from trueup.access.who import system_user
from trueup.cli import run
from trueup.cli.verbs import app
from trueup.server.start import now_us
from trueup.store.clock import at
from trueup.store.models import (
    AuditEntry,
    Contract,
    Correction,
    Exclusion,
    LedgerEntry,
    SeriesState,
    Subscriber,
)
from trueup.store.write import page, user

READING = {
    "up", "demo", "init", "validate", "schema", "plan", "ask", "status", "top", "ledger", "doctor", "engine",
    "web", "export config", "export samples", "export ledger", "export evidence", "exclusion list",
    "exclusion show", "correction list", "correction show", "subscriber list", "user list", "audit list",
    "audit verify", "sla show", "sla statement", "sla verify", "sla claim", "sla what-if", "sla backtest",
    "sla evaluate", "sla presets", "keys show", "incident list", "incident show", "maintenance list",
    "maintenance show", "token list",
}  # fmt: skip
MEASURING = {"beat"}  # a call is a measurement, kept as such
CONFIG = """
components:
  - name: Web
    checks:
      - http: http://127.0.0.1:9/
contracts:
  - name: Gold
    components: [web]
    objective: 99.9
    window: {calendar: month, timezone: UTC}
"""
SPAN = ["--from", "2026-11-01T00:00Z", "--until", "2026-11-01T01:00Z"]
PASSWORD = "correct horse 9\n"


@pytest.fixture(autouse=True)
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords quickly, and have one on standard input."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD * 10))


@pytest.fixture
def team(sqlite_database: Database) -> None:
    """Have two components, a contract and a page, the admins anna and bob, and olga, an operator."""
    world = World(now_us())
    world.watched("web")
    old = world.watched("old")
    type(old).objects.filter(id=old.id).update(managed="hand")
    type(old.component).objects.filter(id=old.component_id).update(managed="hand")
    SeriesState.objects.update(rules_from_us=now_us())  # nothing is to be judged again
    Contract.objects.create(slug="gold", name="Gold", document={}, created_at=at(now_us()))
    page.ensure_default(now_us())
    for name, role in (("anna", "admin"), ("bob", "admin"), ("olga", "operator")):
        account = user.draft(name, "")
        user.set_password(account, PASSWORD.strip())
        user.give_role(account, role, now_us())


def verbs() -> Iterator[str]:
    """Yield every verb of the command line."""

    def walk(command: Any, path: tuple[str, ...]) -> Iterator[str]:
        for name, each in command.commands.items():
            if hasattr(each, "commands"):
                yield from walk(each, (*path, name))
            else:
                yield " ".join((*path, name))

    return walk(typer.main.get_command(app), ())


def newest(model: Any) -> str:
    return str(model.objects.order_by("-id")[0].public_id)


def ask_exclusion() -> str:
    assert run(["exclusion", "ask", "gold", *SPAN, "--reason", "their wall", "--by", "olga"]) == 0
    return newest(Exclusion)


def ask_correction(check: str = "old") -> str:
    words = ["--reason", "our own proxy", "--evidence", "TICKET-7", "--by", "olga"]
    assert run(["correction", "ask", check, *SPAN, "--state", "unknown", *words]) == 0
    return newest(Correction)


def subscriber() -> str:
    assert run(["subscriber", "add", "carl@example.org", "--by", "olga"]) == 0
    return newest(Subscriber)


def incident() -> str:
    assert run(["incident", "open", "Slow", "--component", "web", "--by", "olga", "-m", "slow"]) == 0
    return str(AuditEntry.objects.filter(noun="incident").order_by("-id")[0].subject)


def maintenance() -> str:
    words = ["--component", "web", "--at", "2030-01-01T10:00Z", "--for", "1h", "--by", "olga"]
    assert run(["maintenance", "add", "Move", *words]) == 0
    return str(AuditEntry.objects.filter(noun="maintenance").order_by("-id")[0].subject)


def changed() -> list[str]:
    Path("trueup.yaml").write_text(CONFIG.replace("Web", "Web\n    slug: web\n    description: The shop"))
    return ["apply", "--yes"]


def revocable() -> list[str]:
    name = ask_exclusion()
    assert run(["exclusion", "approve", name, "--why", "seen", "--by", "anna"]) == 0
    return ["exclusion", "revoke", name, "--reason", "a mistake"]


WRITING: dict[str, Any] = {
    "apply": changed,
    "archive": lambda: ["archive", "old"],
    "restore": lambda: run(["archive", "old", "--by", "anna"]) or ["restore", "old"],
    "pause": lambda: ["pause", "old"],
    "resume": lambda: run(["pause", "old", "--by", "anna"]) or ["resume", "old"],
    "exclusion ask": lambda: ["exclusion", "ask", "gold", *SPAN, "--reason", "their wall"],
    "exclusion revoke": revocable,
    "exclusion approve": lambda: ["exclusion", "approve", ask_exclusion(), "--why", "seen"],
    "exclusion refuse": lambda: ["exclusion", "refuse", ask_exclusion(), "--why", "no"],
    "exclusion withdraw": lambda: ["exclusion", "withdraw", ask_exclusion(), "--by", "olga"],
    "correction ask": lambda: ["correction", "ask", "old", *SPAN, "--reason", "a", "--evidence", "b"],
    "correction approve": lambda: ["correction", "approve", ask_correction(), "--why", "seen"],
    "correction refuse": lambda: ["correction", "refuse", ask_correction(), "--why", "no"],
    "subscriber add": lambda: ["subscriber", "add", "carl@example.org"],
    "subscriber remove": lambda: ["subscriber", "remove", subscriber()],
    "subscriber erase": lambda: ["subscriber", "erase", subscriber()],
    "user add": lambda: ["user", "add", "vera"],
    "user passwd": lambda: ["user", "passwd", "bob"],
    "user role": lambda: ["user", "role", "bob", "viewer"],
    "user disable": lambda: ["user", "disable", "bob"],
    "keys rotate": lambda: ["keys", "rotate"],
    "token add": lambda: ["token", "add", "prometheus"],
    "token revoke": lambda: run(["token", "add", "ci", "--by", "anna"]) or ["token", "revoke", "ci"],
    "incident open": lambda: ["incident", "open", "Slow", "--component", "web", "-m", "slow"],
    "incident update": lambda: ["incident", "update", incident(), "-m", "still slow"],
    "incident resolve": lambda: ["incident", "resolve", incident(), "-m", "over"],
    "maintenance add": lambda: [
        "maintenance", "add", "Move", "--component", "web", "--at", "2030-01-01T10:00Z", "--for", "1h",
    ],
    "maintenance extend": lambda: ["maintenance", "extend", maintenance(), "--for", "2h"],
    "maintenance cancel": lambda: ["maintenance", "cancel", maintenance(), "--reason", "not needed"],
}  # fmt: skip


def test_every_verb_is_known_to_read_or_to_write() -> None:
    assert set(verbs()) == READING | MEASURING | set(WRITING), "say which it does, and how it is recorded"


@pytest.mark.parametrize("verb", WRITING)
def test_a_verb_that_writes_is_in_the_log_and_refuses_a_stranger(
    verb: str, team: None, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = WRITING[verb]()
    before = AuditEntry.objects.count()
    named = [*arguments] if "--by" in arguments else [*arguments, "--by", "anna"]
    place = named.index("--by")
    strange = [*named[:place], "--by", "eve", *named[place + 2 :]]
    capsys.readouterr()

    assert run(strange) == 2
    assert "eve" in capsys.readouterr().err
    assert AuditEntry.objects.count() == before
    assert run(named) == 0, capsys.readouterr().err
    entry = AuditEntry.objects.order_by("-id")[0]
    assert AuditEntry.objects.count() == before + 1
    assert entry.who == named[place + 1]
    assert audit.verify().holds


def test_without_users_the_log_names_the_user_of_the_system(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("trueup.yaml").write_text(CONFIG)

    assert run(["apply", "--yes"]) == 0
    assert run(["pause", "web", "--by", "anna"]) == 2
    assert "trueup user add anna" in capsys.readouterr().err
    assert AuditEntry.objects.get().who == system_user()


def test_the_one_who_asks_does_not_approve(team: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["exclusion", "ask", "gold", *SPAN, "--reason", "their wall", "--by", "anna"]) == 0

    assert run(["exclusion", "approve", newest(Exclusion), "--why", "ok", "--by", "anna"]) == 2
    assert "somebody else must" in capsys.readouterr().err
    assert run(["exclusion", "approve", newest(Exclusion), "--why", "ok", "--by", "olga"]) == 2
    assert "takes an admin" in capsys.readouterr().err
    assert Exclusion.objects.get().decision == ""


def test_there_is_always_an_admin(team: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["user", "disable", "bob", "--by", "anna"]) == 0

    assert run(["user", "role", "anna", "viewer", "--by", "anna"]) == 2
    assert run(["user", "disable", "anna", "--by", "anna"]) == 2
    assert "last admin" in capsys.readouterr().err
    assert run(["pause", "web", "--by", "bob"]) == 2
    assert "is disabled since" in capsys.readouterr().err


def test_a_password_is_stored_hashed_and_nowhere_else(team: None, capsys: pytest.CaptureFixture[str]) -> None:
    from django.contrib.auth import authenticate

    assert authenticate(username="anna", password=PASSWORD.strip()) is not None
    assert authenticate(username="anna", password="another") is None
    assert PASSWORD.strip() not in capsys.readouterr().out + repr(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("word", ["short", "password1", "93847561029"])
def test_a_weak_password_is_refused(
    word: str, team: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(word + "\n"))

    assert run(["user", "passwd", "bob", "--by", "anna"]) == 2
    assert (
        "The password cannot be used. This password is too" in capsys.readouterr().err
        or word == "93847561029"
    )


def test_whoever_stands_in_the_environment_may_change_their_own_password(
    team: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRUEUP_BY", "olga")

    assert run(["user", "passwd", "olga"]) == 0
    assert run(["user", "passwd", "bob"]) == 2
    assert "takes an admin" in capsys.readouterr().err


def test_a_user_who_is_there_is_not_added_and_the_remedy_leaves_the_role_open(
    team: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["user", "add", "olga", "--role", "operator", "--by", "anna"]) == 2
    assert "`trueup user role olga ROLE` gives another role" in capsys.readouterr().err


def test_a_search_of_the_log_that_finds_nothing_does_not_say_that_nothing_was_done(
    team: None, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_exclusion()
    capsys.readouterr()

    assert run(["audit", "list", "--noun", "cat"]) == 0
    assert capsys.readouterr().out == "no entry is like that\n"


def test_what_cannot_be_a_digest_accuses_nobody(team: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "verify", "--digest", "abc"]) == 2
    assert "64 characters" in capsys.readouterr().err
    assert run(["audit", "verify", "--digest", "0" * 64]) == 1


def test_an_erased_subscriber_is_found_nowhere_and_the_log_holds(
    team: None, capsys: pytest.CaptureFixture[str]
) -> None:
    name = subscriber()
    assert run(["subscriber", "list", "--addresses", "--json"]) == 0
    assert "carl@example.org" in capsys.readouterr().out

    assert run(["subscriber", "erase", name, "--by", "anna"]) == 0

    row = Subscriber.objects.get()
    assert (row.address, row.salt, row.token_hash) == ("", "", "")
    assert "carl" not in repr(list(AuditEntry.objects.values()))
    assert run(["audit", "verify"]) == 0


def test_an_approved_correction_is_written_where_no_engine_runs(
    team: None, capsys: pytest.CaptureFixture[str]
) -> None:
    name = ask_correction()
    capsys.readouterr()

    assert run(["correction", "approve", name, "--why", "seen", "--by", "anna", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["written_at"] is not None
    assert {(each["region"], each["state"], each["made"]) for each in told["entries"]} == {
        (region, *rest)
        for region in ("local", "verdict")
        for rest in (("up", False), ("up", True), ("unknown", True))
    }
    here = LedgerEntry.objects.filter(series__owner__slug="old", superseded_us__isnull=True)
    assert sorted(here.values_list("state", flat=True)) == ["unknown"] * 2 + ["up"] * 4
    assert run(["correction", "show", name]) == 0
    assert "superseded in verdict: up" in capsys.readouterr().out
