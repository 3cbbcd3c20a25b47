"""Whom a name is asked of, and under which names it is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.net.query import ResolveError, Servers


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "resolv.conf"
    path.write_text(text)
    return path


def names(servers: Servers, text: str) -> list[str]:
    return servers.candidates(text)


def test_resolv_conf_names_servers_search_and_dots(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "# c\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 127.0.0.2\nnameserver 127.0.0.3\n"
        "search a.test b.test\noptions ndots:2 rotate\n",
    )

    servers = Servers.system(path)

    assert servers.addresses == (("127.0.0.53", 53), ("::1", 53), ("127.0.0.2", 53))
    assert names(servers, "www.shop") == ["www.shop.a.test.", "www.shop.b.test.", "www.shop."]
    assert names(servers, "www.shop.test") == [
        "www.shop.test.",
        "www.shop.test.a.test.",
        "www.shop.test.b.test.",
    ]
    assert names(servers, "www.shop.") == ["www.shop."]


def test_search_is_skipped_where_there_is_none(tmp_path: Path) -> None:
    servers = Servers.system(written(tmp_path, "nameserver 127.0.0.53\n"))

    assert names(servers, "host") == ["host."]


@pytest.mark.parametrize("text", ["", "search a.test\n", "nameserver nonsense\n"])
def test_resolv_conf_without_server_is_said_to_be(tmp_path: Path, text: str) -> None:
    with pytest.raises(ResolveError) as failed:
        Servers.system(written(tmp_path, text))

    assert failed.value.kind == "no_resolver"


def test_given_servers_may_have_a_port() -> None:
    servers = Servers.given(["127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:5353"])

    assert servers.addresses == (("127.0.0.1", 53), ("127.0.0.1", 5353), ("::1", 53), ("::1", 5353))
