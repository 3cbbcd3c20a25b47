"""Read a configuration file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from trueup.config.document import parse
from trueup.config.expand import expand
from trueup.config.problem import ConfigErrors, Place, Problem
from trueup.config.scalar import is_null
from trueup.domain.spec import ConfigSpec

MAX_BYTES = 4_000_000  # ten thousand checks are a quarter of it
_EMPTY = "it is empty: write 'components:' with checks, or let 'trueup init' write an example"


def load(path: Path, environ: Mapping[str, str]) -> ConfigSpec:
    """Return the configuration of a file; ``environ`` is what ``${NAME}`` refers to.

    Raises:
        ConfigErrors: It cannot be read, or with everything that is wrong with it.
    """
    source = shown(path)
    return loads(_bytes(path, source), source, environ, path.parent)


def loads(data: bytes, source: str, environ: Mapping[str, str], folder: Path) -> ConfigSpec:
    """Return the configuration that some bytes mean; ``source`` is their name in errors.

    Raises:
        ConfigErrors: With everything that is wrong with it.
    """
    document = parse(_text(data, source), environ)
    if not document.problems and (document.tree is None or is_null(document.tree)):
        raise ConfigErrors(source, [Problem(_EMPTY)])
    return expand(document, source, folder.absolute())


def shown(path: Path) -> str:
    """Return a path as people name it: relative where it lies below the current directory."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _bytes(path: Path, source: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        message = "there is no such file: 'trueup init' writes one, or name another with --config"
    except IsADirectoryError:
        message = "this is a directory: name the file in it with --config"
    except OSError as error:
        message = f"it cannot be read: {error.strerror or type(error).__name__}"
    else:
        if len(data) <= MAX_BYTES:
            return data
        message = f"it is larger than {MAX_BYTES // 1_000_000} MB: no configuration is"
    raise ConfigErrors(source, [Problem(message)])


def _text(data: bytes, source: str) -> str:
    if b"\0" in data:
        raise ConfigErrors(source, [Problem("it is a binary file, or not in UTF-8: write it as plain text")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Place(before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8 text"
        raise ConfigErrors(source, [Problem(message, place)]) from None
