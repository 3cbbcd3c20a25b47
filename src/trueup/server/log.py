"""Log lines for people and machines: one line an event, ``key=value`` or JSON, on stderr."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

# What every LogRecord has; what else it has was given as ``extra`` and is part of the line. Not so Django's
# request: it shows the query of the address, which is nobody's business but the visitor's.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request"}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+@%")


def setup(form: str, level: str, process: str) -> None:
    """Send every log line of this process to stderr in the given form (``logfmt`` or ``json``)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonForm(process) if form == "json" else LogfmtForm(process))
    handler.addFilter(is_news)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def awake() -> None:
    """Let our own loggers speak: a project's LOGGING may have silenced those it does not name."""
    for name, each in logging.root.manager.loggerDict.items():
        if name.partition(".")[0] == "trueup" and isinstance(each, logging.Logger):
            each.disabled = False


def is_news(record: logging.LogRecord) -> bool:
    """Return whether a line tells something; some of other programs' errors are none."""
    if record.name == "django.request":
        # Django calls every 4xx and 5xx wrong. 503 is what /readyz answers when it is asked whether we are
        # ready; 401 is the door of a page that is not open, and wrong passwords have lines of their own.
        return getattr(record, "status_code", 0) not in (401, 429, 503)
    # granian waits for its worker in two threads: the one that comes second believes that it still lives.
    return not (record.name == "_granian" and str(record.msg).startswith("Killing worker"))


class _Form(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the fields of a line in their order."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "process": self._process,
            "event": record.getMessage(),
        }
        line.update((key, value) for key, value in vars(record).items() if key not in _STANDARD)
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = f"{type(error).__name__}: {error}"
            if record.levelno >= logging.ERROR:
                line["traceback"] = self.formatException(record.exc_info)
        return line


class JsonForm(_Form):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line as JSON."""
        return json.dumps(self.fields(record), ensure_ascii=False, default=str)


class LogfmtForm(_Form):
    """``key=value`` pairs; a value is quoted where it has to be."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line as logfmt."""
        return " ".join(f"{key}={_value(value)}" for key, value in self.fields(record).items())


def _value(value: Any) -> str:
    text = "" if value is None else str(value)
    if text and all(letter in _PLAIN for letter in text):
        return text
    return json.dumps(text, ensure_ascii=False)
