"""Which steps an incident may take, and what it may be called."""

from __future__ import annotations

import pytest

from trueup.domain import incident as rules
from trueup.domain.incident import IncidentError


def test_while_it_goes_on_people_may_learn_that_they_were_wrong() -> None:
    for before in rules.OPEN:
        for after in (*rules.OPEN, rules.RESOLVED):
            assert rules.step(before, after) == after


def test_one_that_is_over_is_opened_again_or_looked_back_on() -> None:
    assert rules.following(rules.RESOLVED) == ("resolved", "investigating", "postmortem")
    with pytest.raises(IncidentError, match=r"resolved and cannot become monitoring.*opens it again"):
        rules.step(rules.RESOLVED, rules.MONITORING)


def test_a_postmortem_comes_after_the_end_and_is_the_last_word() -> None:
    assert rules.step(rules.POSTMORTEM, rules.POSTMORTEM) == "postmortem"
    with pytest.raises(IncidentError, match="before it is resolved"):
        rules.step(rules.INVESTIGATING, rules.POSTMORTEM)
    with pytest.raises(IncidentError, match="cannot begin as postmortem"):
        rules.step("", rules.POSTMORTEM)
    with pytest.raises(IncidentError, match="open a new one"):
        rules.step(rules.POSTMORTEM, rules.INVESTIGATING)


@pytest.mark.parametrize(
    ("written", "code"), [("p1", "P1"), ("Critical", "P1"), (" P4 ", "P4"), ("medium", "P3")]
)
def test_a_severity_is_written_by_code_or_name(written: str, code: str) -> None:
    assert rules.severity(written) == code


def test_what_is_not_known_is_refused_with_what_is() -> None:
    with pytest.raises(IncidentError, match=r"'P5' is no severity. Write one of P1 \(Critical\)"):
        rules.severity("P5")
    with pytest.raises(IncidentError, match=r"'broken' is no impact. Write one of degraded, partial, down"):
        rules.impact("broken")
    with pytest.raises(IncidentError, match=r"'done' is no status. Write one of investigating"):
        rules.status("done")
