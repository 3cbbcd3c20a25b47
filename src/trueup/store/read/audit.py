"""The log of what people did, newest first or whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

from trueup.domain.audit import Entry, digest
from trueup.domain.chain import Link

_COLUMNS = "id, at_us, who, verb, noun, subject, before, after, source, previous_digest, digest"
_ROWS = 1000  # read at once


class Row(NamedTuple):
    """One entry as stored; ``broken`` tells that its JSON cannot be read any more."""

    id: int
    entry: Entry
    previous: str
    digest: str
    broken: bool = False


def newest(most: int, noun: str = "", subject: str = "") -> list[Row]:
    """Return the newest entries, the newest first; of a noun or a subject where one is given."""
    wanted = {"noun": noun, "subject": subject}
    asked = [f"{column} = %s" for column, value in wanted.items() if value]
    where = f" WHERE {' AND '.join(asked)}" if asked else ""
    values = [value for value in wanted.values() if value]
    return _read(f"{where} ORDER BY id DESC LIMIT %s", [*values, most])


def everything() -> Iterator[Row]:
    """Yield every entry in the order in which they are stored; few are in memory at a time."""
    last = -(2**63)
    while rows := _read(" WHERE id > %s ORDER BY id LIMIT %s", [last, _ROWS]):
        yield from rows
        last = rows[-1].id


def links() -> list[Link]:
    """Return the chain: what each entry says of itself and of the one before it."""
    return [
        Link(
            each.id,
            each.previous,
            each.digest,
            not each.broken and digest(each.entry, each.previous) == each.digest,
        )
        for each in everything()
    ]


def _read(rest: str, values: list[Any]) -> list[Row]:
    # as text, not through the models: what was tampered with may not fit them any more
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM trueup_auditentry{rest}", values)  # noqa: S608 (our own text)
        return [_row(row) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...]) -> Row:
    identity, at_us, who, verb, noun, subject, before, after, source, previous, digest_ = row
    broken = False
    documents = []
    for text in (before, after):
        try:
            documents.append(json.loads(text) if isinstance(text, str | bytes) else text)
        except ValueError:
            documents.append(None)
            broken = True
    entry = Entry(
        at_us=at_us,
        who=who,
        verb=verb,
        noun=noun,
        subject=subject,
        before=documents[0],
        after=documents[1],
        source=source,
    )
    return Row(identity, entry, previous, digest_, broken)
