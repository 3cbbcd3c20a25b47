"""What people are told of a fault."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from trueup.server.faults import StartError, explain


def os_error(number: int, name: str | None = "/srv/data/lock") -> OSError:
    return OSError(number, os.strerror(number), name)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StartError("Port 1 is taken."), "Port 1 is taken."),
        (os_error(errno.EROFS), "/srv/data/lock cannot be used: it lies on a disk that is mounted read-only"),
        (os_error(errno.EACCES), "this user may not read or write it"),
        (os_error(errno.ENOSPC), "the disk is full"),
        (os_error(errno.ENOSPC, None), "the disk is full"),
        (sqlite3.OperationalError("database is locked"), "another program holds it"),
        (sqlite3.OperationalError("database or disk is full"), "the disk is full"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "cannot be written"),
        (sqlite3.DatabaseError("file is not a database"), "is no SQLite database"),
        (sqlite3.DatabaseError("database disk image is malformed"), "Restore a copy from DIR/backups"),
    ],
)
def test_fault_that_people_can_mend_is_one_sentence_with_the_remedy(error: Exception, told: str) -> None:
    sentence = explain(error)

    assert sentence is not None
    assert told in sentence
    assert "\n" not in sentence


def test_cause_of_a_wrapped_error_is_found() -> None:
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = sqlite3.OperationalError("database is locked")

    assert "another program holds it" in (explain(wrapped) or "")


def test_fault_of_our_own_is_not_explained_away() -> None:
    assert explain(ValueError("oops")) is None
    assert explain(KeyError(Path("x"))) is None
