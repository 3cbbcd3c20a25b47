"""Every setting: its name, meaning and default, in one place; read once, from the environment.

Nothing else in the product reads ``os.environ``. A flag of the command line is written into the
environment by ``override`` before the first read, so that child processes see the same.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

_PREFIX = "TRUEUP_"


class SettingError(ValueError):
    """A setting that cannot be used; the message names it, says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the web server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return ``HOST:PORT``, an IPv6 host in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _optional_path(text: str) -> Path | None:
    return _path(text) if text else None


def _listen(text: str) -> Listen:
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("is not HOST:PORT with a port of 1 to 65535. Write for instance 127.0.0.1:8420.")
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise ValueError(
            "names no address of this machine. Write 127.0.0.1:8420, or 0.0.0.0:8420 to listen on all."
        ) from None
    return Listen(str(address), int(port))


def _flag(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False}
    known["off"] = False
    if text.lower() not in known:
        raise ValueError("is neither yes nor no. Write 1 or 0.")
    return known[text.lower()]


def _is_test(text: str) -> bool:
    return text.lower() == "test"


def _days(text: str) -> int:
    found = re.fullmatch(r"(\d+)\s*d", text)
    if not found or not 0 < int(found[1]) <= 36_500:
        raise ValueError("is not a number of days. Write for instance 90d.")
    return int(found[1])


def _count(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"is not a whole number from {low} to {high}.")
        return int(text)

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"is none of {', '.join(words)}.")
        return text.lower()

    return parse


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text) if word)


def _addresses(text: str) -> tuple[str, ...]:
    for word in _words(text):
        host, colon, port = word.rpartition(":")
        is_port = colon and port.isdecimal() and (":" not in host or host.endswith("]"))
        address = host if is_port else word
        try:
            ip_address(address.removeprefix("[").removesuffix("]"))
        except ValueError:
            raise ValueError(
                f"holds {word!r}, which is no address. Write for instance 192.0.2.53:53."
            ) from None
    return _words(text)


def _networks(text: str) -> tuple[str, ...]:
    for word in _words(text):
        try:
            ip_network(word)
        except ValueError as error:
            raise ValueError(f"holds {word!r}: {error}. Write for instance 10.0.0.0/8.") from None
    return _words(text)


def _about(name: str, default: str, parse: Callable[[str], Any], meaning: str) -> dict[str, Any]:
    return {"name": name, "default": default, "parse": parse, "help": meaning}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says; ``fields()`` describes each setting for the documentation."""

    config: Path = field(metadata=_about("TRUEUP_CONFIG", "./trueup.yaml", _path, "The configuration file."))
    data: Path = field(
        metadata=_about(
            "TRUEUP_DATA", "./data", _path, "The directory of the database, its backups and the keys."
        )
    )
    listen: Listen = field(
        metadata=_about(
            "TRUEUP_LISTEN", "127.0.0.1:8420", _listen, "Where the page and the API are served: `HOST:PORT`."
        )
    )
    database_url: str = field(
        repr=False,
        metadata=_about(
            "DATABASE_URL",
            "",
            str,
            "The database, `postgresql://USER:PASSWORD@HOST:PORT/NAME`; unset: SQLite in `DIR/trueup.db`.",
        ),
    )
    secret_key_file: Path | None = field(
        metadata=_about(
            "TRUEUP_SECRET_KEY_FILE",
            "",
            _optional_path,
            "The key that encrypts stored secrets; unset: `DIR/keys/secret.key`, made at the first start.",
        )
    )
    deny_private: bool = field(
        metadata=_about(
            "TRUEUP_DENY_PRIVATE", "0", _flag, "`1` refuses to ask private and loopback addresses."
        )
    )
    witnesses: tuple[str, ...] = field(
        metadata=_about(
            "TRUEUP_WITNESSES",
            "",
            _words,
            "Hosts asked to learn whether our own network lives, `HOST:PORT` each, port 53 where it is left "
            "out; `none` asks nobody; unset: what the configuration says, else the default gateway and the "
            "resolvers.",
        )
    )
    resolvers: tuple[str, ...] = field(
        metadata=_about(
            "TRUEUP_RESOLVERS",
            "",
            _addresses,
            "The DNS servers that resolve the names of targets, `ADDRESS` or `ADDRESS:PORT` each; "
            "unset: those of `/etc/resolv.conf`.",
        )
    )
    hosts: tuple[str, ...] = field(
        metadata=_about("TRUEUP_HOSTS", "*", _words, "The host names under which the page may be asked for.")
    )
    trusted_proxies: tuple[str, ...] = field(
        metadata=_about(
            "TRUEUP_TRUSTED_PROXIES",
            "",
            _networks,
            "Addresses and networks of proxies before it, which say in `X-Forwarded-For` who asks and in "
            "`X-Forwarded-Proto` whether over HTTPS; from others these headers are ignored.",
        )
    )
    web_threads: int = field(
        metadata=_about(
            "TRUEUP_WEB_THREADS", "2", _count(1, 64), "How many requests are answered at the same time."
        )
    )
    log_format: str = field(
        metadata=_about(
            "TRUEUP_LOG_FORMAT",
            "logfmt",
            _one_of("logfmt", "json"),
            "The form of a log line: `logfmt` or `json`.",
        )
    )
    log_level: str = field(
        metadata=_about(
            "TRUEUP_LOG_LEVEL",
            "info",
            _one_of("debug", "info", "warning", "error"),
            "The least important line that is written: `debug`, `info`, `warning` or `error`.",
        )
    )
    keep_samples_days: int = field(
        metadata=_about(
            "TRUEUP_KEEP_SAMPLES",
            "90d",
            _days,
            "How long every single result is kept; its day's summary stays.",
        )
    )
    keep_events_days: int = field(
        metadata=_about("TRUEUP_KEEP_EVENTS", "400d", _days, "How long events that were told are kept.")
    )
    rdap_bootstrap: Path | None = field(
        metadata=_about(
            "TRUEUP_RDAP_BOOTSTRAP",
            "",
            _optional_path,
            "A newer list of which registry answers for which domains, in the form of IANA's `dns.json`; "
            "unset: the one that came with trueup.",
        )
    )
    backups: int = field(
        metadata=_about(
            "TRUEUP_BACKUPS", "3", _count(1, 1000), "How many copies made before a migration are kept."
        )
    )
    chromium: str = field(
        metadata=_about(
            "TRUEUP_CHROMIUM",
            "",
            str,
            "The program of the browser for `browser` checks; unset: the Chromium or Chrome that is found.",
        )
    )
    browsers: int = field(
        metadata=_about(
            "TRUEUP_BROWSERS",
            "2",
            _count(1, 64),
            "How many browsers run at the same time; each takes 150 to 400 MB of memory.",
        )
    )
    browser_sandbox: bool = field(
        metadata=_about(
            "TRUEUP_BROWSER_SANDBOX",
            "1",
            _flag,
            "`0` runs the browser without its own sandbox, where the system does not allow one; as root it "
            "always runs without.",
        )
    )
    by: str = field(
        metadata=_about(
            "TRUEUP_BY",
            "",
            str,
            "Who acts on the command line where `--by` is left out: a user.",
        )
    )
    testing: bool = field(
        metadata=_about(
            "ENVIRONMENT",
            "",
            _is_test,
            "`test`: nothing is asked and nothing is kept; `trueup.UptimeMonitor` works on an empty database "
            "in memory. Any other word means nothing here.",
        )
    )

    @property
    def key_file(self) -> Path:
        """Return the file of the key that encrypts stored secrets."""
        return self.secret_key_file or self.data / "keys" / "secret.key"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as documented."""

    name: str
    default: str
    help: str


def fields() -> list[Setting]:
    """Return every setting in the order of the documentation."""
    metas = [each.metadata for each in dataclasses.fields(Settings)]
    return [Setting(meta["name"], meta["default"], meta["help"]) for meta in metas]


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings that an environment holds; an empty value counts as unset.

    Raises:
        SettingError: A value cannot be used, or a name looks like a misspelt setting.
    """
    _refuse_misspelt(environ)
    values: dict[str, Any] = {}
    for each in dataclasses.fields(Settings):
        about = each.metadata
        text = environ.get(about["name"], "").strip() or about["default"]
        try:
            values[each.name] = about["parse"](text)
        except ValueError as error:
            raise SettingError(f"{about['name']}={text} {error}") from None
    return Settings(**values)


@lru_cache(maxsize=1)
def current() -> Settings:
    """Return the settings of this process, read from its environment at the first call."""
    return read(os.environ)


def environment() -> Mapping[str, str]:
    """Return the environment itself: what ``${NAME}`` in the configuration refers to."""
    return os.environ


def override(**values: object) -> None:
    """Set settings by field name, for this process and its children; None leaves one as it is."""
    names = {each.name: each.metadata["name"] for each in dataclasses.fields(Settings)}
    for name, value in values.items():
        if value is not None:
            os.environ[names[name]] = str(value)
    current.cache_clear()


def refusals(values: Mapping[str, object]) -> list[str]:
    """Return what is wrong with settings by their names without ``TRUEUP_``, a sentence each."""
    known = {name.removeprefix(_PREFIX): name for name in _names() if name.startswith(_PREFIX)}
    found = []
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            found.append(f"{name!r} is no setting." + (f" Did you mean {near[0]!r}?" if near else ""))
            continue
        try:
            read({known[name]: _written(value)})
        except SettingError as error:
            found.append(str(error).removeprefix(_PREFIX))
    return found


def adopt(values: Mapping[str, object]) -> None:
    """Set settings by their names without ``TRUEUP_`` where the environment says nothing of them.

    For this process and its children. What ``refusals`` complains about is left out.
    """
    for name, value in values.items():
        written = os.environ.get(_PREFIX + name, "").strip()
        if not written and not refusals({name: value}):
            os.environ[_PREFIX + name] = _written(value)
    current.cache_clear()


def hand_on_path() -> None:
    """Have child processes find the modules that this one finds."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))


def _names() -> list[str]:
    return [setting.name for setting in fields()]


def _written(value: object) -> str:
    """Return a value of Python as the environment would say it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    known = _names()
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if near:
                raise SettingError(f"{name} is no setting. Did you mean {near[0]}?")
