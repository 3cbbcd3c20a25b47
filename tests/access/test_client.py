"""From where a request comes: forwarded headers count from proxies that we trust, and from nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import RequestFactory

from trueup import conf
from trueup.access import client

Trust = Callable[[str], None]


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trust]:
    """Give what names the proxies that are trusted."""

    def named(proxies: str) -> None:
        monkeypatch.setenv("TRUEUP_TRUSTED_PROXIES", proxies)
        conf.current.cache_clear()

    yield named
    monkeypatch.undo()
    conf.current.cache_clear()


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "found"),
    [
        ("", "192.0.2.9", "203.0.113.5", "192.0.2.9"),
        ("10.0.0.0/8", "192.0.2.9", "203.0.113.5", "192.0.2.9"),
        ("10.0.0.0/8", "10.1.2.3", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "10.1.2.3", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "10.1.2.3", "1.1.1.1, 203.0.113.5, 10.9.9.9", "203.0.113.5"),
        ("10.0.0.0/8,::1", "::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.0/8", "10.1.2.3", "unknown", "10.1.2.3"),
        ("10.0.0.0/8", "10.1.2.3", "", "10.1.2.3"),
        ("10.0.0.0/8", "", "203.0.113.5", ""),
    ],
)
def test_address_is_the_last_that_no_proxy_of_ours_gave(
    proxies: str, remote: str, forwarded: str, found: str, trust: Trust
) -> None:
    trust(proxies)
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)

    assert client.address(request) == found


@pytest.mark.parametrize(
    ("remote", "place"),
    [
        ("192.0.2.9", "192.0.2.9"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_place_is_what_nobody_changes_at_will(remote: str, place: str) -> None:
    assert client.place(RequestFactory().get("/", REMOTE_ADDR=remote)) == place


@pytest.mark.parametrize(("remote", "secure"), [("10.1.2.3", True), ("192.0.2.9", False)])
def test_https_is_believed_of_proxies_alone(remote: str, secure: bool, trust: Trust) -> None:
    trust("10.0.0.0/8")
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_PROTO="https")

    assert client.is_secure(request) is secure
    assert client.is_secure(RequestFactory().get("/", secure=True))


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(
        conf.SettingError, match=r"^TRUEUP_TRUSTED_PROXIES=10\.0\.0\.1/8 holds '10\.0\.0\.1/8'"
    ):
        conf.read({"TRUEUP_TRUSTED_PROXIES": "10.0.0.1/8"})
