from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.domain.spec import Secret
from trueup.store.keyfile import SealError
from trueup.store.seal import Seal, ensure_key, read_key


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a key."""
    path = tmp_path_factory.mktemp("keys") / "secret.key"
    ensure_key(path)
    return path


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret.key"

    assert ensure_key(path)
    key = read_key(path)
    assert not ensure_key(path)
    assert read_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


def test_of_many_first_starts_one_makes_the_key(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    made: list[bool] = []
    threads = [threading.Thread(target=lambda: made.append(ensure_key(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made.count(True) == 1
    assert len(read_key(path)) == 32


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    ensure_key(path)
    path.chmod(0o640)

    with pytest.raises(SealError, match=r"can be read by others \(mode 0640\). Run: chmod 600"):
        ensure_key(path)


def test_a_missing_key_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(SealError, match=r"is not at .*TRUEUP_SECRET_KEY_FILE"):
        Seal(tmp_path / "secret.key").close("x")


@pytest.mark.parametrize("content", [b"", b"not base64!", b"c2hvcnQ=", b"\xff" * 44])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(SealError, match="holds no key of trueup"):
        read_key(path)


def test_a_directory_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="cannot be read: Is a directory"):
        read_key(tmp_path)


def test_a_key_cannot_be_made_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")

    with pytest.raises(SealError, match="cannot be made at"):
        ensure_key(tmp_path / "keys" / "secret.key")


def test_the_key_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    ensure_key(path)

    assert len(read_key(path, user=0)) == 32
    with pytest.raises(SealError, match=r"belongs to another user. Run: chown"):
        read_key(path, user=os.geteuid() + 1)


@given(text=st.text())
def test_what_is_closed_opens_again_and_shows_nothing(key_file: Path, text: str) -> None:
    seal = Seal(key_file)

    closed = seal.close(text)

    assert seal.open(closed) == text
    assert closed.startswith("v1:")
    assert closed != seal.close(text)
    assert len(text) < 4 or text not in closed


@pytest.mark.parametrize("damaged", ["v1:", "v1:AAAA", "v1:" + "A" * 80, "v2:AAAA", "plain"])
def test_a_damaged_secret_is_told(key_file: Path, damaged: str) -> None:
    with pytest.raises(SealError, match="stored secret"):
        Seal(key_file).open(damaged)


@pytest.mark.parametrize("options", [{"$secret": "a"}, {"h": {"$secret": "a"}}, {"$$x": {"$": 1}}])
def test_options_named_like_our_mark_are_no_secrets(key_file: Path, options: dict[str, object]) -> None:
    seal = Seal(key_file)

    assert seal.unpack(seal.pack(options)) == options


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text().map(Secret),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=30)
@given(options=st.dictionaries(st.text(), _VALUES))
def test_stored_options_come_back_equal(key_file: Path, options: dict[str, object]) -> None:
    seal = Seal(key_file)

    assert seal.unpack(seal.pack(options)) == options
