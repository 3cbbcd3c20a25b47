"""Business hours as people write them: ``mon-fri: 09:00-18:00``, and the holidays of a country."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from trueup.domain.calendar import WEEKDAYS
from trueup.domain.node import Path

# A country's holidays are written out for these years, so that the file means the same every year.
FIRST_YEAR, LAST_YEAR = 2020, 2050
_HOURS = re.compile(r"\s*(\d{1,2}:\d\d)\s*(?:-|–|to)\s*(\d{1,2}:\d\d)\s*", re.ASCII)  # noqa: RUF001
_OWN = ("timezone", "weekly", "holidays")
_COUNTRY = ("country", "region", "also", "except")
_NOT_INSTALLED = (
    "the holidays of a country need the package 'holidays': run pip install 'trueup[holidays]', "
    "or write the dates as a list"
)


class ShortFormError(ValueError):
    """A part of a contract that cannot be expanded; ``path`` leads to it from that part on."""

    def __init__(self, path: Path, message: str) -> None:
        """Take the keys that lead to the place."""
        super().__init__(message)
        self.path = path


def expand(tree: Any, timezone: str, years: tuple[int, int]) -> tuple[Any, dict[Path, Path]]:
    """Return business hours as terms have them, and where each part of them is written.

    Args:
        tree: What is written under ``schedule``.
        timezone: The zone where none is written.
        years: First and last year for which a country's holidays are wanted.

    Raises:
        ShortFormError: It cannot be expanded.
    """
    if not isinstance(tree, Mapping):
        raise ShortFormError((), "must be a mapping such as {timezone: Europe/Berlin, mon-fri: 09:00-18:00}")
    weekly, places = _weekly(tree)
    found = {
        "timezone": tree.get("timezone", timezone),
        "weekly": weekly,
        "holidays": _holidays(tree.get("holidays"), years),
    }
    return found, places


def _weekly(tree: Mapping[str, Any]) -> tuple[Any, dict[Path, Path]]:
    short = {key: value for key, value in tree.items() if key not in _OWN}
    if "weekly" in tree:
        if short:
            raise ShortFormError((next(iter(short)),), "write hours under 'weekly' or beside it, not both")
        return tree["weekly"], {}
    found: list[tuple[list[int], str, str, Path]] = []
    for key, value in short.items():
        days = [WEEKDAYS.index(day) for day in _days(key)]
        found += [(days, start, end, path) for path, (start, end) in _spans(key, value)]
    found.sort(key=lambda each: each[:3])  # a mapping has no order of its own
    places: dict[Path, Path] = {("weekly", number): each[3] for number, each in enumerate(found)}
    return [
        {"days": [WEEKDAYS[day] for day in days], "from": start, "to": end} for days, start, end, _ in found
    ], places


def _days(key: str) -> list[str]:
    """Return the days of ``mon-fri``, ``sat`` or ``mon, wed``."""
    days: list[str] = []
    for part in key.lower().split(","):
        first, _, last = (each.strip() for each in part.partition("-"))
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            near = difflib.get_close_matches(part.strip(), [*WEEKDAYS, *_OWN, "mon-fri"], n=1)
            hint = f": did you mean '{near[0]}'?" if near else f": write {', '.join(WEEKDAYS)} or mon-fri"
            raise ShortFormError((key,), f"'{key}' names no days of the week{hint}")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days += [WEEKDAYS[(start + step) % 7] for step in range((end - start) % 7 + 1)]
    return days


def _spans(key: str, value: Any) -> Iterator[tuple[Path, tuple[str, str]]]:
    several = isinstance(value, list)
    for number, each in enumerate(value if several else [value]):
        path: Path = (key, number) if several else (key,)
        found = _HOURS.fullmatch(each) if isinstance(each, str) else None
        if found is None:
            raise ShortFormError(path, f"{each!r} are no hours: write such as 09:00-18:00, or a list of them")
        yield path, (found[1].zfill(5), found[2].zfill(5))


def _holidays(value: Any, years: tuple[int, int]) -> Any:
    if not isinstance(value, Mapping):
        return [] if value is None else value
    for key in value:
        if key not in _COUNTRY:
            near = difflib.get_close_matches(key, _COUNTRY, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"possible are {', '.join(_COUNTRY)}"
            raise ShortFormError(("holidays", key), f"unknown key '{key}' in holidays: {hint}")
    if "country" not in value:
        raise ShortFormError(("holidays",), "holidays needs the key 'country', or a list of dates")
    also, without = (_dates(value.get(key), key) for key in ("also", "except"))
    country, region = str(value["country"]), value.get("region")
    days = _of_country(country, None if region is None else str(region), years)
    return sorted((days | also) - without)


def _dates(value: Any, key: str) -> set[str]:
    found = set()
    for number, each in enumerate([] if value is None else value if isinstance(value, list) else [value]):
        try:
            found.add(date.fromisoformat(str(each)).isoformat())
        except ValueError:
            path = ("holidays", key, number) if isinstance(value, list) else ("holidays", key)
            raise ShortFormError(path, f"{each!r} is no date: write one such as 2026-12-24") from None
    return found


def _of_country(country: str, region: str | None, years: tuple[int, int]) -> set[str]:
    """Return the public holidays of a country, or of a part of it, as dates."""
    try:
        import holidays
    except ImportError:
        raise ShortFormError(("holidays",), _NOT_INSTALLED) from None
    known = holidays.list_supported_countries()
    if country not in known:
        raise ShortFormError(
            ("holidays", "country"), _unknown("country", country, sorted(known), "its code, such as DE")
        )
    if region is not None and region not in known[country]:
        message = _unknown(f"region of {country}", region, sorted(known[country]), "")
        raise ShortFormError(("holidays", "region"), message)
    found = holidays.country_holidays(country, subdiv=region, years=range(years[0], years[1] + 1))
    return {day.isoformat() for day in found}


def _unknown(what: str, name: str, known: list[str], examples: str) -> str:
    near = difflib.get_close_matches(name.upper(), known, n=1)
    if not known:
        return f"'{name}' is no {what}: none is known, leave it out"
    hint = f"did you mean '{near[0]}'?" if near else f"write {examples or ', '.join(known[:20])}"
    return f"'{name}' is no {what}: {hint}"
