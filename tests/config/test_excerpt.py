from __future__ import annotations

import pytest
from tests.config.loading import errors

from trueup.config.excerpt import Vocabulary, excerpt, masked
from trueup.config.problem import Place
from trueup.config.vocabulary import vocabulary

WORDS = Vocabulary(
    plain=["name", "interval", "timeout", "http", "checks", "body"], secret=["password", "slack"]
)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  interval: 5s", "  interval: 5s"),
        ("  - http: localhost:80 # comment", "  - http: localhost:80 # comment"),
        ("  timout: 5s", "  timout: 5s"),
        ("  password: hunter2", "  password: ********"),
        ("  pasword: hunter2", "  pasword: ********"),
        ("  password:hunter2", "  password: ********"),
        ('  {"password":"hunter2"}', '  {"password": ********'),
        ("  {name: x, password: hunter2, interval: 5s}", "  {name: x, password: ********"),
        ("  whatever: hunter2", "  whatever: ********"),
        ("  http: http://me:hunter2@host/", "  http: http://********@host/"),
        ("  http: http://host/?a=b&api_key=hunter2&c=d", "  http: http://host/?a=b&api_key=********&c=d"),
        ("  password:", "  password:"),
        ("  ? password : hunter2", "  ? password: ********"),
    ],
)
def test_a_line_is_shown_without_its_secrets(line: str, shown: str) -> None:
    assert masked([line], 0, WORDS) == shown


@pytest.mark.parametrize(
    "lines",
    [
        ["password: |", "  hunter2"],
        ["- password: >-", "    x", "", "    # no comment", "    hunter2"],
        ["password: 'x", "  hunter2'"],
        ["slack:", "- hunter2"],
        ["password: |", "    x", "  hunter2"],
        ["passwrd:", "  name: hunter2"],
    ],
)
def test_a_line_below_a_secret_key_is_not_shown(lines: list[str]) -> None:
    assert "hunter2" not in masked(lines, len(lines) - 1, WORDS)


def test_a_key_beside_a_secret_is_shown() -> None:
    assert masked(["- slack: hunter2", "  name: x"], 1, WORDS) == "  name: x"
    assert masked(["checks:", "- http: x", "  interval: 5s"], 2, WORDS) == "  interval: 5s"


def test_a_long_line_is_cut_around_its_column() -> None:
    line = "body: " + "x" * 300 + "HERE" + "y" * 300

    shown, caret = excerpt([line], Place(1, 307), WORDS).splitlines()

    assert len(shown) <= 110
    assert shown[caret.index("^") :].startswith("HERE")


def test_what_cannot_be_printed_is_replaced() -> None:
    assert excerpt(["\tname: \x07x"], Place(1, 1), WORDS).splitlines()[0].endswith("→name: �x")


def test_a_place_outside_the_file_has_no_line() -> None:
    assert excerpt(["a"], Place(5, 1), WORDS) == ""


def test_the_words_of_all_kinds_are_known() -> None:
    words = vocabulary()

    assert {"timeout", "objective", "method", "http", "sender"} <= set(words.plain)
    assert {"password", "token", "secret_headers", "slack", "telegram", "pagerduty"} <= set(words.secret)
    assert not set(words.plain) & set(words.secret)


SECRET = "hunter2-marker"
BROKEN = [
    "      - http: http://localhost\n        password: SECRET\n",
    "      - http: http://localhost\n        pasword: SECRET\n",
    "      - http: http://localhost\n        password: [SECRET]\n",
    "      - http: http://localhost\n        password: {a: SECRET}\n",
    "      - http: http://localhost\n        token: SECRET\n        username: x\n",
    "      - http: http://localhost\n        secret_headers: SECRET\n",
    "      - http: http://localhost\n        secret_headers: {a: {b: SECRET}}\n        timout: 1\n",
    "      - http: http://me:SECRET@localhost\n",
    "      - htpp: http://me:SECRET@localhost\n",
    "      - {password: SECRET, timout: 5s, http: 5}\n",
    '      - {"password":"SECRET" "x"}\n',
    "      - http: http://localhost\n        password: |\n          x\n         SECRET\n",
    "      - http: http://localhost\n        password: 'SECRET\n",
    "      - http: http://localhost\n        password: *SECRET\n",
    "      - http: http://localhost\n        password: !SECRET x\n",
    "      - http: http://localhost\n        password: &SECRET\n        password: x\n",
    "      - http: http://localhost\n        password: @SECRET\n",
    "      - http: http://localhost\n        password:SECRET\n",
    "      - http: http://localhost\n        password: ${SECRET\n",
    "      - http: http://localhost\n        password: a: SECRET\n",
    "      - http: http://localhost\n        password: [SECRET\n",
    "channels:\n  - slack: SECRET\n",
    "channels:\n  - slak: https://SECRET\n",
    "channels:\n  - slack: [SECRET]\n",
    "channels:\n  - SECRET\n",
]


@pytest.mark.parametrize("body", BROKEN)
def test_no_error_shows_a_secret(body: str) -> None:
    found = errors(f"components:\n  - name: A\n    checks:\n{body}".replace("SECRET", SECRET))

    assert SECRET not in str(found)
    assert SECRET not in repr(found)
    assert SECRET not in repr(found.as_json())
