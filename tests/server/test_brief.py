"""Work in a process of its own: what it says, returns and raises arrives."""

from __future__ import annotations

import os
from functools import partial

import pytest

from trueup.config.plan import PlanError
from trueup.config.problem import ConfigErrors, Place, Problem
from trueup.server.brief import briefly
from trueup.store.seal import SealError

# Newer Pythons warn of it where threads run, as they do in the runner of the tests, not in the product.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def fail(error: Exception) -> None:
    raise error


def test_work_is_done_in_another_process_that_is_gone_afterwards() -> None:
    pid = briefly(os.getpid)

    assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    "error",
    [
        ConfigErrors("trueup.yaml", [Problem("no such key", Place(3, 5), "   colour: red")]),
        PlanError("was: nobody"),
        SealError("no key"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_it_raises_arrives_whole(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        briefly(partial(fail, error))

    assert str(caught.value) == str(error)
    assert vars(caught.value) == vars(error)
