"""What people keep secret is repeated by no error and shown by no probe."""

from __future__ import annotations

import pytest

from trueup.probes.address import shown
from trueup.probes.base import OptionError, build, option_fields

HTTP = "http://127.0.0.1/"


@pytest.mark.parametrize(
    ("kind", "target", "options"),
    [
        ("http", "http://me:marker@127.0.0.1/", {}),
        ("http", "http://me:marker/x@127.0.0.1/", {}),
        ("http", "http://me:1marker@[::1/", {}),
        ("http", "me:marker@127.0.0.1", {}),
        ("websocket", "ws://me:marker@127.0.0.1/", {}),
        ("tcp", "me:marker@127.0.0.1:1", {}),
        ("tcp", "tcp://me:marker@127.0.0.1:1", {}),
        ("http", HTTP, {"proxy": "http://me:marker@127.0.0.1:1"}),
        ("http", HTTP, {"proxy": "https://me:marker@127.0.0.1:1"}),
        ("http", HTTP, {"connect_to": "me:marker@127.0.0.1:1"}),
        ("http", HTTP, {"body": "marker"}),
        ("websocket", "ws://127.0.0.1/", {"send": "marker" * 3_000}),
        ("tcp", "127.0.0.1:1", {"send": ["marker"]}),
        ("smtp", "smtp://me:marker@127.0.0.1", {}),
        ("postgres", "postgres://me:marker@127.0.0.1/db", {}),
        ("mysql", "me:marker@127.0.0.1", {}),
        ("redis", "redis://:marker@127.0.0.1:1/0", {}),
        ("ssh", "ssh://me:marker@127.0.0.1", {}),
        ("grpc", "me:marker@127.0.0.1:1", {}),
        ("grpc", "127.0.0.1:1", {"secret_metadata": {"x": "marker\n"}}),
    ],
)
def test_no_error_repeats_a_secret(kind: str, target: str, options: dict[str, object]) -> None:
    with pytest.raises(OptionError) as caught:
        build(kind, target, options)

    assert "marker" not in str(caught.value)
    assert "mark" not in repr(caught.value)


@pytest.mark.parametrize(("kind", "option"), [("http", "body"), ("websocket", "send"), ("tcp", "send")])
def test_what_is_sent_may_hold_a_secret(kind: str, option: str) -> None:
    targets = {"http": HTTP, "websocket": "ws://127.0.0.1/", "tcp": "127.0.0.1:1"}
    method = {"method": "POST"} if kind == "http" else {}

    probe = build(kind, targets[kind], {option: "marker", **method})

    assert "marker" not in repr(probe)
    assert next(each for each in option_fields(kind) if each.name == option).secret


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://h/a?b=c", "http://h/a?b=c"),
        ("HTTP://me:p@h/", "HTTP://********@h/"),
        ("http://me:p/q@r@h/", "http://********@h/"),
        ("me:p://q@h:1", "********@h:1"),
        ("[::1]:80", "[::1]:80"),
    ],
)
def test_address_is_shown_without_who_asks(text: str, expected: str) -> None:
    assert shown(text) == expected
