"""The socket on which an engine is poked."""

from __future__ import annotations

from pathlib import Path

from trueup.server import control


def test_poke_reaches_the_one_who_listens(tmp_path: Path) -> None:
    with control.listen(tmp_path) as sock:
        assert control.poke(tmp_path)
        assert sock.recv(100) == control.RELOAD


def test_poke_without_an_engine_says_so(tmp_path: Path) -> None:
    assert not control.poke(tmp_path)
    assert not control.poke(tmp_path / "nowhere")


def test_socket_left_by_a_killed_engine_is_replaced(tmp_path: Path) -> None:
    control.listen(tmp_path).close()

    assert not control.poke(tmp_path)
    with control.listen(tmp_path):
        assert control.poke(tmp_path)


def test_directory_with_a_path_longer_than_a_socket_may_have_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)

    with control.listen(deep) as sock:
        assert control.poke(deep)
        assert sock.recv(100) == control.RELOAD


def test_only_the_owner_may_poke(tmp_path: Path) -> None:
    with control.listen(tmp_path):
        assert (tmp_path / control.NAME).stat().st_mode & 0o077 == 0
