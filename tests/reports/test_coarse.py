"""Statements of what was asked too rarely: they have figures, and no verdict."""

from __future__ import annotations

import pytest
from tests.reports.making import KEYS, made

from trueup.reports.billing import write_csv
from trueup.reports.canonical import encode
from trueup.reports.claim import ClaimError, write_claim
from trueup.reports.html import write_html
from trueup.reports.verify import verify

HOUR_S = 3600  # 99.9 % of a month allows 44 minutes


def test_a_probe_that_stands_for_more_than_the_budget_gives_figures_and_no_verdict() -> None:
    fine, coarse = made()["statement"]["result"], made(every_s=HOUR_S)["statement"]["result"]

    same = ("uptime_exact", "downtime_seconds", "band_lo_exact", "allowed_seconds")
    assert [coarse[key] for key in same] == [fine[key] for key in same]
    assert (coarse["status"], coarse["outcome"], coarse["credit_percent"]) == ("too_coarse", None, None)
    assert (coarse["breached"], coarse["verdict_over_bounds"], coarse["tier"]) == (None, None, None)
    assert coarse.get("credit_amount") is None
    assert fine["outcome"] == "breached"
    assert "reason" not in fine


def test_it_says_how_often_would_do() -> None:
    file = made(every_s=HOUR_S)

    reason = file["statement"]["result"]["reason"]

    assert reason.startswith("A probe each 1 h stands for more than may be lost in all, 44 min")
    assert reason.endswith("Ask each 4 min 27 s or oftener.")
    assert reason in write_html(file)
    assert write_csv([file]).splitlines()[1].split(",")[-7:-4] == ["", "", "1200"]


def test_a_verdict_that_is_put_in_does_not_verify() -> None:
    file = made(every_s=HOUR_S)
    assert verify(encode(file), KEYS).holds

    file["statement"]["result"] |= {"status": "ok", "outcome": "breached"}

    assert not verify(encode(file), KEYS).holds


def test_nothing_can_be_claimed_by_it() -> None:
    with pytest.raises(ClaimError, match="has no verdict to claim by: A probe each 1 h stands for more"):
        write_claim(made(every_s=HOUR_S, direction="supplier"), [])
