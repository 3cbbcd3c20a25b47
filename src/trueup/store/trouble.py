"""Why the database did not take something, in a sentence for the person who is woken."""

from __future__ import annotations

from django.db import Error, connection

from trueup.store.connection import BUSY_S

# What a driver says: what is wrong, and what to do.
_SENTENCES = {
    "database is locked": (
        f"another process has held the database locked for more than {BUSY_S} s. "
        "Find the one that writes to it (a copy, a shell) and let it end."
    ),
    "disk is full": "the disk of the database is full. Make room on it.",
    "no space left": "the disk of the database is full. Make room on it.",
    "readonly database": "the database file or its directory may not be written. Give this user the right.",
    "read-only": "the database is read-only. Let it be written, or point DATABASE_URL to the primary.",
    "unable to open database file": "the database file cannot be opened. See that its directory exists.",
    "disk i/o error": "the disk of the database reports an error. Look at the system's log.",
    "malformed": "the database file is damaged. Restore it from DIR/backups/.",
    "could not connect": "PostgreSQL cannot be reached. See that it runs, and DATABASE_URL.",
    "connection": "the connection to PostgreSQL is lost. See that it runs, and DATABASE_URL.",
}


def explain(error: Error) -> str:
    """Return what is wrong with the database and what to do, with the driver's own words."""
    words = " ".join(str(error).split()) or type(error).__name__
    for sign, sentence in _SENTENCES.items():
        if sign in words.lower():
            return f"{sentence} ({connection.vendor}: {words})"
    return f"the database refused it. ({connection.vendor}: {words})"
