"""Write many rows of a table by one statement, in the form that each database does fastest.

PostgreSQL takes whole columns as arrays. SQLite takes some dozens of rows as the parameters of one
prepared statement, which is cheaper than to run it once a row; what is left of them, and what gains
nothing by it, once a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

Row = Sequence[Any]
_MADE_OF = {"jsonb": "text"}  # sent as text, cast on arrival
_PARAMETERS = 900  # of one statement of SQLite; every build of it allows 999
_NARROW = 12  # columns: to update more, SQLite copies more than it saves


class Table:
    """The columns of a table that are written set-wise.

    Args:
        name: As in the database.
        columns: Their PostgreSQL types, in the order in which rows hold their values.
    """

    def __init__(self, name: str, columns: Mapping[str, str]) -> None:
        self.name = name
        self.columns = tuple(columns.items())

    def insert(self, cursor: CursorWrapper, rows: Sequence[Row], *, ignore: bool = False) -> None:
        """Insert rows; with ``ignore`` those that a unique constraint refuses are left out."""
        if not rows:
            return
        if connection.vendor == "postgresql":
            cursor.execute(_insert_arrays(self.name, self.columns, ignore), _columns(rows))
        else:
            _run(cursor, rows, lambda count: _insert_rows(self.name, self.columns, ignore, count))

    def update(self, cursor: CursorWrapper, rows: Sequence[Row], *, keys: int = 1, where: str = "") -> None:
        """Update by the last ``keys`` columns all the others of each row.

        Args:
            cursor: Of the transaction.
            rows: One a row to change, no two with the same keys.
            keys: How many columns, from the end, find the row.
            where: What else must hold, in SQL; the table is called ``t``.
        """
        if not rows:
            return
        if connection.vendor == "postgresql":
            cursor.execute(_update_arrays(self.name, self.columns, keys, where), _columns(rows))
        elif len(self.columns) <= _NARROW:
            _run(cursor, rows, lambda count: _update_rows(self.name, self.columns, keys, where, count))
        else:
            cursor.executemany(_update_row(self.name, self.columns, keys, where), rows)

    def delete(self, cursor: CursorWrapper, rows: Sequence[Row], *, where: str = "") -> None:
        """Delete the rows whose columns are all as given; ``where`` as in ``update``."""
        if not rows:
            return
        if connection.vendor == "postgresql":
            cursor.execute(_delete_arrays(self.name, self.columns, where), _columns(rows))
        else:
            cursor.executemany(_delete_row(self.name, self.columns, where), rows)


def _run(cursor: CursorWrapper, rows: Sequence[Row], statement: Callable[[int], str]) -> None:
    """Run a statement of SQLite, made for any number of rows, over all of them.

    It goes round Django's own cursor, which would look for every parameter's place each time.
    """
    at_once = _PARAMETERS // len(rows[0])
    whole = len(rows) - len(rows) % at_once
    link = cursor.connection
    with connection.wrap_database_errors:
        for start in range(0, whole, at_once):
            link.execute(statement(at_once), [*chain.from_iterable(rows[start : start + at_once])])
        if whole < len(rows):
            link.executemany(statement(1), rows[whole:] if whole else rows)


# The names in these statements are those of our own tables and columns: nothing comes from outside.
_Columns = tuple[tuple[str, str], ...]


def _columns(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _arrays(columns: _Columns) -> str:
    arrays = ", ".join(f"%s::{_MADE_OF.get(kind, kind)}[]" for _, kind in columns)
    names = ", ".join(name for name, _ in columns)
    return f"unnest({arrays}) AS v({names})"


def _value(name: str, kind: str) -> str:
    return f"v.{name}::{kind}" if kind in _MADE_OF else f"v.{name}"


def _also(where: str) -> str:
    return f" AND {where}" if where else ""


def _values(width: int, count: int) -> str:
    row = f"({', '.join('?' * width)})"
    return f"VALUES {', '.join([row] * count)}"


@cache
def _insert_rows(table: str, columns: _Columns, ignore: bool, count: int) -> str:
    names = ", ".join(name for name, _ in columns)
    # not OR IGNORE: that would leave out a row with a missing value as well
    tail = " ON CONFLICT DO NOTHING" if ignore else ""
    return f"INSERT INTO {table} ({names}) {_values(len(columns), count)}{tail}"


@cache
def _insert_arrays(table: str, columns: _Columns, ignore: bool) -> str:
    names = ", ".join(name for name, _ in columns)
    values = ", ".join(_value(*column) for column in columns)
    tail = " ON CONFLICT DO NOTHING" if ignore else ""
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {_arrays(columns)}{tail}"  # noqa: S608


@cache
def _update_row(table: str, columns: _Columns, keys: int, where: str) -> str:
    changed = ", ".join(f"{name} = %s" for name, _ in columns[:-keys])
    found = " AND ".join(f"t.{name} = %s" for name, _ in columns[-keys:])
    return f"UPDATE {table} AS t SET {changed} WHERE {found}{_also(where)}"  # noqa: S608


@cache
def _update_rows(table: str, columns: _Columns, keys: int, where: str, count: int) -> str:
    pairs = [(name, f"v.column{place}") for place, (name, _) in enumerate(columns, 1)]
    changed = ", ".join(f"{name} = {value}" for name, value in pairs[:-keys])
    found = " AND ".join(f"t.{name} = {value}" for name, value in pairs[-keys:])
    source = f"({_values(len(columns), count)}) AS v"
    return f"UPDATE {table} AS t SET {changed} FROM {source} WHERE {found}{_also(where)}"  # noqa: S608


@cache
def _update_arrays(table: str, columns: _Columns, keys: int, where: str) -> str:
    changed = ", ".join(f"{name} = {_value(name, kind)}" for name, kind in columns[:-keys])
    found = " AND ".join(f"t.{name} = v.{name}" for name, _ in columns[-keys:])
    return f"UPDATE {table} AS t SET {changed} FROM {_arrays(columns)} WHERE {found}{_also(where)}"  # noqa: S608


@cache
def _delete_row(table: str, columns: _Columns, where: str) -> str:
    found = " AND ".join(f"t.{name} = %s" for name, _ in columns)
    return f"DELETE FROM {table} AS t WHERE {found}{_also(where)}"  # noqa: S608


@cache
def _delete_arrays(table: str, columns: _Columns, where: str) -> str:
    found = " AND ".join(f"t.{name} = v.{name}" for name, _ in columns)
    return f"DELETE FROM {table} AS t USING {_arrays(columns)} WHERE {found}{_also(where)}"  # noqa: S608
