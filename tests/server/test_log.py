"""Log lines."""

from __future__ import annotations

import json
import logging
import sys

from django.test import RequestFactory

from trueup.server.log import JsonForm, LogfmtForm, awake, is_news


def record(message: str, **extra: object) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"msg": message, "levelname": "INFO", "levelno": 20, "created": 1.5, **extra}
    )


def test_logfmt_quotes_what_needs_it() -> None:
    line = LogfmtForm("engine").format(record("state", check="api", why='expected "ok"', to=None, n=3))

    assert line == (
        "at=1970-01-01T00:00:01.500Z level=info process=engine event=state check=api "
        'why="expected \\"ok\\"" to="" n=3'
    )


def test_line_break_in_a_value_stays_on_one_line() -> None:
    assert "\n" not in LogfmtForm("engine").format(record("x", why="a\nb"))


def test_json_has_the_same_fields() -> None:
    line = json.loads(JsonForm("engine").format(record("state", check="api")))

    assert line == {
        "at": "1970-01-01T00:00:01.500Z",
        "level": "info",
        "process": "engine",
        "event": "state",
        "check": "api",
    }


def test_query_of_a_visitor_is_not_logged() -> None:
    request = RequestFactory().get("/nothing", {"token": "hunter2"})

    line = LogfmtForm("web").format(record("Not Found: /nothing", status_code=404, request=request))

    assert line.endswith('event="Not Found: /nothing" status_code=404')


def test_traceback_is_a_field_of_an_error_only() -> None:
    try:
        raise ValueError("bad")
    except ValueError:
        caught = sys.exc_info()

    error = JsonForm("up").fields(record("x", exc_info=caught, levelno=logging.ERROR))
    warning = JsonForm("up").fields(record("x", exc_info=caught, levelno=logging.WARNING))

    assert error["error"] == warning["error"] == "ValueError: bad"
    assert "Traceback" in error["traceback"]
    assert "traceback" not in warning


def test_what_other_programs_call_an_error_and_is_none_is_left_out() -> None:
    asked = record("Service Unavailable: /readyz", name="django.request", status_code=503)
    closed = record("Unauthorized: /", name="django.request", status_code=401)
    broken = record("Internal Server Error: /", name="django.request", status_code=500)
    gone = record("Killing worker-1 after it refused to gracefully stop", name="_granian")

    assert [is_news(each) for each in (asked, closed, broken, gone)] == [False, False, True, False]


def test_logging_of_a_project_does_not_silence_ours() -> None:
    ours, theirs = logging.getLogger("trueup.engine"), logging.getLogger("trueupper")
    ours.disabled = theirs.disabled = True

    awake()

    assert (ours.disabled, theirs.disabled) == (False, True)
