"""Checks that ask services which limit how often they are asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from tests.engine.run.simulated import Bench, Question, bad, check, steady

from trueup.domain.result import FailureClass, State


@dataclass(frozen=True, kw_only=True)
class PatientQuestion(Question):
    """A probe that is never asked again at once."""

    patient: ClassVar[bool] = True


def test_patient_check_is_asked_on_its_grid_alone():
    bench = Bench()
    calm = replace(check(1, interval_s=60), probe=PatientQuestion(target="registry"))
    bench.watch_over(calm, check(2, "eager", interval_s=60), behaviour=steady(facts=bad()))
    bench.run(300)

    asked = {name: len(bench.world.asked_of(name)) for name in ("registry", "eager")}

    assert 5 <= asked["registry"] <= 6  # once when it is new
    assert asked["eager"] > 20


def test_probe_that_proves_nothing_leaves_its_check_unknown():
    bench = Bench()
    bench.watch_over(check(1, interval_s=60), behaviour=steady(facts=bad(FailureClass.WITHDRAWN)))
    bench.run(120)
    bench.worker.stop()
    bench.run(2)

    results = bench.results()

    assert len(results) in (2, 3)
    assert {(each.state, each.cause) for each in results} == {(State.UNKNOWN, FailureClass.WITHDRAWN)}
