"""What a contract says beside its terms: who, how much, from when to when, and what becomes of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from trueup.config.hours import ShortFormError
from trueup.domain import calendar
from trueup.domain.interval import Span
from trueup.domain.node import DocumentError, Node, Path, decimal, instant

DIRECTIONS = ("customer", "supplier")  # we promise a customer, or a supplier promises us
BUDGETS = ("min_nominal30", "exact")
SETTLE_US = 24 * 3_600_000_000
PARTIES, PARTY = ("provider", "customer"), ("name", "contact", "reference")
_CURRENCY = re.compile(r"[A-Z]{3}")
_FEE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]{3})\s*", re.ASCII)
_NUMBER = re.compile(r"\s*[0-9]+(?:\.[0-9]+)?\s*", re.ASCII)


class Agreement:
    """Read the keys beside the terms, one by one; ``wrong`` is what cannot be read, with its place."""

    def __init__(self, tree: Mapping[str, Any], timezone: str) -> None:
        """Take the contract's keys with plain values, and the zone in which its dates begin."""
        self._tree = tree
        self._timezone = timezone
        self.wrong: list[tuple[Path, str]] = []
        self.contract_from_us = self.instant_us("contract_from")
        self.contract_to_us = self.instant_us("contract_to")
        self.effective_us = self.instant_us("effective")
        self.fixed = self._read("window", self._fixed)
        self._check_dates()

    def document(self, components: list[str], terms: Mapping[str, Any], settle_us: int) -> dict[str, Any]:
        """Return the whole contract, expanded: the one form that is stored, hashed and shown."""
        fee, currency = self._read("fee", self._fee) or (None, None)
        window = terms["window"]
        monthly = window["type"] == "calendar" and window["period"] == "month"
        fixed = self.fixed
        return {
            "direction": self._choice("direction", DIRECTIONS),
            "parties": self._read("parties", self._parties) or dict.fromkeys(PARTIES),
            "components": components,
            "terms": dict(terms),
            "fixed": fixed and {"start": instant(fixed.start_us), "end": instant(fixed.end_us)},
            "fee": fee,
            "currency": currency,
            "contract_from": None if self.contract_from_us is None else instant(self.contract_from_us),
            "contract_to": None if self.contract_to_us is None else instant(self.contract_to_us),
            "settle_seconds": _seconds(settle_us),
            "budget_basis": self._choice("budget_basis", BUDGETS if monthly else BUDGETS[::-1]),
        }

    def instant_us(self, key: str) -> int | None:
        """Return a date's first instant in the contract's zone, or an instant as written."""
        value = self._tree.get(key)
        return None if value is None else self._read(key, lambda: self._at(value, ()))

    def _read(self, key: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except ShortFormError as error:
            name = ".".join(str(part) for part in (key, *error.path))
            self.wrong.append(((key, *error.path), f"{name}: {error}"))
        return None

    def _at(self, value: Any, path: Path) -> int:
        try:
            if not isinstance(value, str) or len(value) != 10:
                return Node(value).instant_us()
            day = Node(value).date()
        except DocumentError:
            raise ShortFormError(
                path,
                f"{value!r} is neither a date such as 2026-01-01 nor an instant such as 2026-01-01T00:00:00Z",
            ) from None
        try:
            spans = calendar.local_dates(day, day + timedelta(days=1), self._timezone)
        except (ValueError, OverflowError):
            raise ShortFormError(
                path, f"{value!r} lies beyond every calendar: write a date of our time"
            ) from None
        if not spans:
            raise ShortFormError(
                path, f"{value!r} is a day that {self._timezone} left out: write the next one"
            )
        return spans.pairs[0][0]

    def _fixed(self) -> Span | None:
        window = self._tree.get("window")
        inner = window.get("fixed") if isinstance(window, Mapping) else None
        if inner is None:
            if isinstance(window, Mapping) and window.get("type") == "fixed":
                raise ShortFormError((), "write fixed: {from: 2026-01-01, to: 2026-04-01}")
            return None
        if not isinstance(inner, Mapping) or set(inner) != {"from", "to"}:
            raise ShortFormError(("fixed",), "fixed needs the keys from and to, and no others")
        span = Span(self._at(inner["from"], ("fixed", "from")), self._at(inner["to"], ("fixed", "to")))
        if not span.length_us:
            raise ShortFormError(
                ("fixed",),
                f"it is empty: from {inner['from']} is not before to {inner['to']}. Write a later to",
            )
        return span

    def _fee(self) -> tuple[str | None, str | None]:
        value, currency = self._tree.get("fee"), self._tree.get("currency")
        if isinstance(value, Mapping):
            if set(value) != {"amount", "currency"}:
                raise ShortFormError((), "write fee: 1200 EUR, or {amount: 1200, currency: EUR}")
            value, currency = value["amount"], value["currency"]
        elif isinstance(value, str) and (found := _FEE.fullmatch(value)):
            if currency is not None and currency != found[2]:
                raise ShortFormError((), f"it is in {found[2]}, and currency says {currency}: leave one out")
            value, currency = found[1], found[2]
        elif isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise ShortFormError((), f"{value[:40]!r} is no amount of money: write one such as 1200 EUR")
        if currency is not None and not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
            raise ShortFormError((), f"{currency!r} is no currency: write its three letters, such as EUR")
        if value is None:
            return None, currency
        amount = _amount(value)
        if currency is None:
            raise ShortFormError((), f"it has no currency: write fee: {amount} EUR, or add currency: EUR")
        return amount, currency

    def _parties(self) -> dict[str, dict[str, str] | None]:
        value = self._tree.get("parties")
        if value is None:
            return dict.fromkeys(PARTIES)
        _keys(value, PARTIES, (), "parties")
        return {each: _party(value.get(each), (each,)) for each in PARTIES}

    def _choice(self, key: str, among: tuple[str, ...]) -> str:
        """Return what is written, or the first possibility."""
        value = self._tree.get(key)
        if value is None or value in among:
            return value or among[0]
        near = difflib.get_close_matches(str(value), among, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"write {' or '.join(sorted(among))}"
        self.wrong.append(((key,), f"{key}: {str(value)[:40]!r} is not known: {hint}"))
        return among[0]

    def _check_dates(self) -> None:
        begins, ends = self.contract_from_us, self.contract_to_us
        if begins is not None and ends is not None and begins >= ends:
            written = f"{self._tree['contract_to']} is not after contract_from {self._tree['contract_from']}"
            self.wrong.append(
                (
                    ("contract_to",),
                    f"contract_to: {written}: the contract would never hold. Write a later one",
                )
            )


def _party(value: Any, path: Path) -> dict[str, str] | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        _keys(value, PARTY, path, "a party")
        if not value.get("name"):
            raise ShortFormError(path, "a party needs the key 'name'")
        return {key: _words(value.get(key), (*path, key)) for key in PARTY}
    return {"name": _words(value, path), "contact": "", "reference": ""}


def _words(value: Any, path: Path) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping | list) or len(str(value)) > 200 or not str(value).isprintable():
        raise ShortFormError(path, "must be a text of one line with at most 200 characters")
    return str(value).strip()


def _keys(value: Any, known: tuple[str, ...], path: Path, what: str) -> None:
    if not isinstance(value, Mapping):
        raise ShortFormError(path, f"must be a mapping with the keys {' and '.join(known)}")
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"possible are {', '.join(known)}"
            raise ShortFormError((*path, key), f"unknown key '{key}' in {what}: {hint}")


def _amount(value: Any) -> str:
    try:
        amount = Node(value).number()
    except DocumentError as error:
        raise ShortFormError((), error.message) from None
    if amount < 0 or amount.denominator not in (1, 2, 4, 5, 10, 20, 25, 50, 100):
        raise ShortFormError((), f"{value} is no amount: write 0 or more, with at most two decimals")
    return decimal(amount)


def _seconds(length_us: int) -> int:
    return length_us // 1_000_000
