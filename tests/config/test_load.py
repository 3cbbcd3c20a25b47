from __future__ import annotations

from pathlib import Path

import pytest

from trueup.config.example import TEXT, NotWrittenError, write
from trueup.config.load import MAX_BYTES, load
from trueup.config.problem import ConfigErrors

GOOD = "components:\n  - {name: A, checks: [http: http://localhost]}\n"


def refused(path: Path) -> str:
    """Return what is wrong with a file."""
    with pytest.raises(ConfigErrors) as caught:
        load(path, {})
    return str(caught.value)


def written(folder: Path, data: bytes) -> Path:
    """Return a configuration file with this content."""
    path = folder / "trueup.yaml"
    path.write_bytes(data)
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    assert load(written(tmp_path, GOOD.encode()), {}).components[0].slug == "a"


def test_a_byte_order_mark_and_line_ends_of_windows_are_read(tmp_path: Path) -> None:
    assert load(written(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()), {}).components


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "trueup.yaml"

    assert (
        refused(path)
        == f"{path}: there is no such file: 'trueup init' writes one, or name another with --config"
    )


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert "this is a directory" in refused(tmp_path)


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.encode()) / "trueup.yaml"

    assert refused(path) == f"{path}: it cannot be read: Not a directory"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only a comment\n", b"---\n", b"~\n", b"null\n"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "it is empty: write 'components:' with checks, or let 'trueup init'" in refused(
        written(tmp_path, data)
    )


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    assert "it is a binary file" in refused(written(tmp_path, b"\x7fELF\0\0\1"))


def test_a_file_that_is_not_utf_8_names_the_byte(tmp_path: Path) -> None:
    path = written(tmp_path, "site:\n  name: Stra\xdfe\n".encode("latin-1"))

    assert refused(path) == f"{path}:2:13: byte 0xdf is not UTF-8: save the file as UTF-8 text"


def test_an_endless_file_is_refused(tmp_path: Path) -> None:
    assert "larger than 4 MB" in refused(Path("/dev/zero"))
    assert "larger than 4 MB" in refused(written(tmp_path, b"#" * (MAX_BYTES + 1)))


def test_the_file_is_named_as_people_see_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, b"[]")

    assert refused(path).startswith("trueup.yaml:1:1: ")


def test_the_example_watches_three_services_on_localhost(tmp_path: Path) -> None:
    path = tmp_path / "trueup.yaml"
    write(path)

    found = load(path, {})

    assert [each.checks[0].target for each in found.components] == [
        "http://localhost:8080",
        "http://localhost:8000/health",
        "ws://localhost:8000/ws",
    ]
    assert found.components[1].checks[0].expect == ("status in 200..299",)
    assert found.notices == ()


def test_the_example_follows_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "trueup.yaml"
    write(path)

    found = load(
        path, {"BACKEND_URL": "http://127.0.0.1:1", "FRONTEND_URL": "", "WEBSOCKET_URL": "ws://[::1]:2/"}
    )

    assert [each.checks[0].target for each in found.components] == [
        "http://localhost:8080",
        "http://127.0.0.1:1/health",
        "ws://[::1]:2/",
    ]


def test_the_example_replaces_a_file_only_by_force(tmp_path: Path) -> None:
    path = written(tmp_path, b"mine")

    with pytest.raises(
        NotWrittenError, match="it exists already: change it, or let 'trueup init --force' replace it"
    ):
        write(path)
    assert path.read_bytes() == b"mine"
    write(path, force=True)
    assert path.read_text() == TEXT


def test_the_example_needs_its_directory(tmp_path: Path) -> None:
    with pytest.raises(NotWrittenError, match="there is no directory"):
        write(tmp_path / "nowhere" / "trueup.yaml")
