"""What kinds share that log in to a database and put one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.probes.base import ProbeError
from trueup.probes.stream import ENCRYPT, StreamProbe

_DIGITS = 1_000  # of a whole number; Python refuses to read one much longer
MOST = 1_000_000  # bytes that a server may send in one asking


@dataclass(frozen=True, kw_only=True)
class SqlProbe(StreamProbe):
    """A login to a database where a user is named, and a query in a transaction that may only read."""

    provides: ClassVar[Mapping[str, type]] = {
        "server_version": str,
        "value": object,
        "rows": int,
        "latency": timedelta,
        "certificate": Certificate,
    }

    encrypt: str = option(
        "offered",
        "Whether TLS is used: where offered, with any certificate; or required, and verified.",
        choices=ENCRYPT,
    )
    username: str = option("", "The user to log in as; without one, it is enough that the server answers.")
    password: Secret | None = option(None, "The password to log in with.")
    database: str = option("", "The database to use.")
    query: str = option("", "One statement that reads; value is the first column of its first row.")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("password", "database", "query"):
            if getattr(self, name) and not self.username:
                raise OptionError(name, f"{name}: without a username nobody logs in; name the user as well.")
        secret = self.password.reveal() if self.password else ""
        for name, text in (("username", self.username), ("password", secret), ("database", self.database),
                           ("query", self.query)):  # fmt: skip
            if "\0" in text:
                raise OptionError(name, f"{name}: it holds a zero byte, which no database takes.")

    @property
    def asks(self) -> str:
        """Return kind, place and database."""
        return f"{super().asks}/{self.database}" if self.database else super().asks

    def clear(self, *, secured: bool) -> str:
        """Return the password for a server that wants it in clear text.

        Raises:
            ProbeError: Nobody has verified who would read it.
        """
        if self.encrypt == "offered" or (self.encrypt == "required" and not secured):
            raise ProbeError(FailureClass.PROTOCOL, "login.clear")
        return self.password.reveal() if self.password else ""

    def found(self, version: str, rows: Rows | None, wait_us: int) -> Facts:
        """Return the facts of an asking; no rows where nothing was queried."""
        values: dict[str, Any] = {"server_version": version}
        if rows is not None:
            values |= {"rows": rows.count, "value": rows.value}
        return Facts(values=values, phases=Phases(wait_us=wait_us))


@dataclass
class Rows:
    """What a query brought: how many rows, and the first value of the first."""

    count: int = 0
    value: Any = None  # a text, a number, true or false, or nothing


def number(text: str) -> int | Decimal | str:
    """Return the number that a database wrote; what is none (NaN, Infinity) stays text."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return text
    if not found.is_finite():
        return text
    return int(text) if text.removeprefix("-").isdigit() and len(text) < _DIGITS else found
