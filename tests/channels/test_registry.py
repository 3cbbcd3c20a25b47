"""Every channel, also those of others, keeps the same contract."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from typing import Any

import pytest

from trueup.channels import base
from trueup.domain.option import OptionError
from trueup.domain.spec import Secret

KINDS = sorted(base.registry())
GOOD: dict[str, dict[str, Any]] = {
    "alertmanager": {"url": "http://localhost:9093", "labels": {"team": "ops"}, "token": Secret("hunter2")},
    "discord": {"url": Secret("https://discord.com/api/webhooks/1/x"), "thread": "5"},
    "email": {"to": ["a@example.org", "b@example.org"], "sender": "status@example.org"},
    "pagerduty": {"routing_key": Secret("0123456789abcdef0123456789ABCDEF")},
    "slack": {"url": Secret("https://hooks.slack.com/services/T0/B0/x"), "mention": ["here"]},
    "teams": {"url": Secret("https://prod.logic.azure.com/workflows/x")},
    "telegram": {"token": Secret("123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "chat": "-100123"},
    "webhook": {"url": Secret("https://example.org/hook"), "secret": Secret("whsec_" + "QUFB" * 8)},
}
BAD = [
    ("alertmanager", {"url": "localhost"}, "url"),
    ("alertmanager", {"url": "http://me:hunter2@localhost"}, "url"),
    ("alertmanager", {"labels": {"alertname": "x"}}, "labels"),
    ("alertmanager", {"labels": {"a-b": "x"}}, "labels"),
    ("alertmanager", {"username": "me"}, "token"),
    ("discord", {"url": Secret("hunter2")}, "url"),
    ("email", {"to": ["a b@c"]}, "to"),
    ("email", {"to": []}, "to"),
    ("email", {"sender": "x"}, "sender"),
    ("email", {"port": 70000}, "port"),
    ("email", {"security": "ssl"}, "security"),
    ("email", {"password": Secret("hunter2")}, "username"),
    ("pagerduty", {"routing_key": Secret("hunter2")}, "routing_key"),
    ("pagerduty", {"routing_key": Secret("")}, "routing_key"),
    ("pagerduty", {"url": "ftp://x"}, "url"),
    ("slack", {"url": Secret("https:///hunter2")}, "url"),
    ("slack", {"url": Secret("https://x:99999/hunter2")}, "url"),
    ("slack", {"url": Secret("https://x/ hunter2")}, "url"),
    ("slack", {"channel": "x"}, "channel"),
    ("teams", {"url": Secret("ftp://hunter2")}, "url"),
    ("telegram", {"token": Secret("hunter2")}, "token"),
    ("telegram", {"token": Secret("")}, "token"),
    ("telegram", {"chat": "me"}, "chat"),
    ("telegram", {"thread": -1}, "thread"),
    ("webhook", {"secret": Secret("hunter2")}, "secret"),
    ("webhook", {"secret": Secret("whsec_QUFB")}, "secret"),
    ("webhook", {"secret": Secret("")}, "secret"),
    ("webhook", {"former_secret": Secret("whsec_!")}, "former_secret"),
]


def test_these_channels_are_there() -> None:
    assert set(KINDS) >= set(GOOD)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_one_frozen_dataclass_that_explains_itself(kind: str) -> None:
    channel = base.registry()[kind]

    assert channel.kind == kind
    assert channel.__doc__
    assert channel.main in {option.name for option in base.option_fields(kind)}
    assert getattr(channel, "__dataclass_params__").frozen  # noqa: B009
    assert all(option.help for option in base.option_fields(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_no_setting_has_the_name_of_a_kind_or_of_a_key_that_all_have(kind: str) -> None:
    taken = {*KINDS, "name", "slug", "was"}

    assert taken.isdisjoint(option.name for option in base.option_fields(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_opens_no_connection_of_its_own(kind: str) -> None:
    module = inspect.getmodule(base.registry()[kind])
    assert module is not None
    tree = ast.parse(inspect.getsource(module))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }

    assert imported.isdisjoint({"socket", "ssl", "asyncio", "http", "smtplib", "django"})


@pytest.mark.parametrize("kind", GOOD)
def test_good_settings_make_a_channel_that_shows_no_secret(kind: str) -> None:
    channel = base.build(kind, GOOD[kind])

    shown = repr(channel)
    for field in dataclasses.fields(channel):
        value = getattr(channel, field.name)
        assert not isinstance(value, Secret) or value.reveal() not in shown


@pytest.mark.parametrize(("kind", "change", "field"), BAD)
def test_bad_settings_name_their_field_and_show_no_secret(
    kind: str, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(OptionError) as caught:
        base.build(kind, {**GOOD[kind], **change})

    assert caught.value.field == field
    assert str(caught.value).startswith(field)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("kind", GOOD)
def test_a_missing_main_setting_is_named(kind: str) -> None:
    main = base.registry()[kind].main

    with pytest.raises(OptionError, match=rf"{kind} needs {main}: "):
        base.build(kind, {name: value for name, value in GOOD[kind].items() if name != main})


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(OptionError, match=r"'slak' is no kind of channel: did you mean slack\?"):
        base.build("slak", {})


def test_a_name_that_is_taken_cannot_be_registered_again() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Other(base.Channel):
        kind = "slack"
        main = "url"

        url: str = ""

    with pytest.raises(ValueError, match="the name of another kind of channel"):
        base.register(Other)
