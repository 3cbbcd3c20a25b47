from __future__ import annotations

import pytest
from tests.config.loading import errors, refused, spec

from trueup.domain.spec import Secret

HEAD = "components:\n  - {name: A, checks: [http: http://localhost]}\nchannels:\n"


def test_a_channel_is_kept_with_its_secret_as_written() -> None:
    found = spec(f"{HEAD}  - slack: ${{SLACK}}\n    mention: here\n", SLACK="https://hooks.example.org/x")

    (channel,) = found.channels
    assert (channel.slug, channel.kind) == ("slack", "slack")
    assert channel.options == {"url": Secret("x", "${SLACK}"), "mention": ["here"]}
    assert found.notices == ("trueup.yaml:3:1: channels: kept, not used yet",)


def test_a_secret_may_name_a_variable_that_is_not_set_yet() -> None:
    found = spec(f"{HEAD}  - slack: ${{SLACK}}\n  - telegram: ${{BOT}}\n    chat: -100123\n")

    assert [each.options for each in found.channels] == [
        {"url": Secret("", "${SLACK}")},
        {"token": Secret("", "${BOT}"), "chat": "-100123"},
    ]
    assert found.notices[1:] == (
        "trueup.yaml:4:12: SLACK is not set: slack needs it once alerts are sent",
        "trueup.yaml:5:15: BOT is not set: telegram needs it once alerts are sent",
    )


def test_what_is_no_secret_may_not() -> None:
    assert refused(f"{HEAD}  - alertmanager: ${{NOPE}}\n") == [
        "4:19: environment variable NOPE is not set: set it, or give a default with ${NOPE:-default}"
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("slak: x", "unknown kind 'slak': did you mean 'slack'?"),
        ("pigeon: x", "unknown kind 'pigeon': known are alertmanager, discord, email, pagerduty, slack, "),
        ("slug: x", "no key of this channel names its kind"),
        ("slack: hunter2", "url: what is written there is no web address."),
        ("slack:", "slack needs its 'url', such as 'slack: ${SLACK_...}'"),
        ("slack: {url: hunter2}", "slack takes its 'url' here: write its other settings beside it"),
        (
            "{slack: 'https://x', teams: 'https://x'}",
            "a channel has one kind, but this one names slack and teams",
        ),
        ("{slack: 'https://x', menton: a}", "unknown key 'menton' in a channel: did you mean 'mention'?"),
        (
            "pagerduty: hunter2",
            "routing_key: an integration key has 32 letters and digits, this one 7 signs.",
        ),
        ("telegram: hunter2", "telegram needs chat: "),
        ("{telegram: hunter2, chat: '1'}", "token: what is written there is no token of a bot."),
        ("{webhook: 'https://x', secret: hunter2}", "secret: what is written there is no signing secret."),
        ("{email: nobody, sender: a@b.c}", "to: 'nobody' is no address such as ops@example.org."),
        ("[slack]", "a channel must be a mapping that begins with its kind"),
    ],
)
def test_a_channel_that_cannot_be_used_is_refused_without_its_secret(lines: str, message: str) -> None:
    found = errors(f"{HEAD}  - {lines}\n")

    assert message in str(found)
    assert "hunter2" not in str(found)


def test_two_channels_of_a_kind_need_slugs() -> None:
    text = f"{HEAD}  - slack: https://x\n  - slack: https://y\n"

    assert refused(text) == [
        "5:5: slug 'slack' is taken by the channel on line 4: give one of them a 'slug:' of its own"
    ]
    assert len(spec(text.replace("https://y", "https://y\n    slug: other")).channels) == 2
