"""Put what went wrong into a sentence with its remedy: the only words a person sees of a fault."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from trueup.conf import SettingError


class StartError(Exception):
    """Something that people have to mend before we can go on; exit code 2."""


# What other rooms have put into words already, and what is said before; by name, since importing some of
# them needs a database that may be what is wrong.
_IN_WORDS = {
    "AddressError": "DATABASE_URL cannot be used: ",
    "ConfigErrors": "the configuration cannot be used.\n",
    "PlanError": "the configuration cannot be applied: ",
    "WouldArchiveError": "the configuration cannot be applied: ",
    "NotWrittenError": "",
    "ArchiveError": "",
    "AccessError": "",
    "ReviewError": "",
    "IncidentError": "",
    "MaintenanceError": "",
    "RuleError": "",
    "SealError": "",
    "InUseError": "",
    "FormError": "",
    "OptionError": "",
    "NotStoredError": "",
    "TermsError": "",
    "CaseError": "",
    "UnknownContractError": "",
    "WindowError": "",
    "NoStatementError": "",
    "PdfError": "",
    "KeyFileError": "",
    "ClaimError": "",
}
_FULL = "the disk is full. Free some space and start again; nothing stored is lost."
_READ_ONLY = "it cannot be written. Give this user the right to write there, or choose another --data."
_OS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: "it lies on a disk that is mounted read-only. Choose another --data.",
    errno.EACCES: "this user may not read or write it. Change its owner or mode, or choose another --data.",
    errno.EPERM: "this user may not read or write it. Change its owner or mode, or choose another --data.",
    errno.ENOTDIR: "it is no directory. Choose another path.",
    errno.EISDIR: "it is a directory. Name a file.",
    errno.ENOENT: "it does not exist. Check the path.",
    errno.EMFILE: "too many files are open. Raise the limit (ulimit -n) and start again.",
}
_SQLITE = (
    ("locked", "another program holds it. Close that program (a database browser, a copy) and try again."),
    ("busy", "another program holds it. Close that program (a database browser, a copy) and try again."),
    ("full", _FULL),
    ("readonly", _READ_ONLY),
    ("unable to open", _READ_ONLY),
    ("disk i/o error", "the disk refuses. Look at the system's log; a backup lies in DIR/backups."),
    ("malformed", "it is damaged. Restore a copy from DIR/backups."),
    ("not a database", "it is no SQLite database. Move it away or choose another --data."),
)


def explain(error: BaseException) -> str | None:
    """Return one sentence with the remedy for a fault that people can mend, None for our own."""
    for each in _chain(error):
        sentence = _explain(each)
        if sentence:
            return sentence
    return None


def explain_database(message: str, name: str) -> str | None:
    """Return the sentence for a message of SQLite about the database of that name."""
    low = message.lower()
    for part, sentence in _SQLITE:
        if part in low:
            return f"The database {name} cannot be used: {sentence}"
    return None


def _explain(error: BaseException) -> str | None:
    if isinstance(error, StartError | SettingError):
        return str(error)
    kind = type(error)
    if kind.__module__.startswith("trueup.") and kind.__name__ in _IN_WORDS:
        return f"{_IN_WORDS[kind.__name__]}{error}"
    if isinstance(error, sqlite3.Error):
        return explain_database(str(error), _database_name())
    if kind.__module__.startswith("psycopg"):
        return _explain_postgresql(error)
    if isinstance(error, OSError) and error.errno in _OS and error.filename is not None:
        return _explain_file(Path(str(error.filename)), error.errno)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"A file cannot be written: {_FULL}"
    return None


def _explain_file(path: Path, number: int) -> str:
    if number == errno.ENOENT and not path.parent.exists():
        return f"The folder {path.parent} does not exist. Make it, or check the path."
    return f"{path} cannot be used: {_OS[number]}"


def _explain_postgresql(error: BaseException) -> str | None:
    if type(error).__name__ not in ("OperationalError", "ConnectionTimeout", "DiskFull"):
        return None
    reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
    return f"The PostgreSQL of DATABASE_URL does not answer: {reason}. Start it or correct DATABASE_URL."


def _database_name() -> str:
    from django.conf import settings

    if not settings.configured:
        return "file"
    return str(settings.DATABASES["default"]["NAME"])


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or at.__context__
    return found
