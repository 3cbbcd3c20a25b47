"""Numbers as databases write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trueup.probes.sql import number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-12", -12),
        ("1.50", Decimal("1.50")),
        ("1e3", Decimal(1000)),
        ("NaN", "NaN"),
        ("twelve", "twelve"),
        ("9" * 5_000, Decimal("9" * 5_000)),
    ],
)
def test_number_is_read_as_it_was_written(text: str, found: int | Decimal | str) -> None:
    assert number(text) == found
    assert type(number(text)) is type(found)
