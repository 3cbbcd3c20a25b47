"""What holds for the whole suite: how Hypothesis runs, and that CI leaves nothing out."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

# A shared machine may be slow at any moment: time limits belong to pytest, not to single examples.
settings.register_profile("trueup", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The first failure is enough to notice a mutant: the same few examples for each, and none made smaller.
settings.register_profile(
    "mutants", settings.get_profile("trueup"), max_examples=30, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
settings.load_profile("mutants" if "MUTANT_UNDER_TEST" in os.environ else "trueup")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run of CI that skipped a test: what is skipped there is tested nowhere."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or exitstatus != pytest.ExitCode.OK:
        return
    skipped = reporter.stats.get("skipped", [])
    if os.environ.get("CI") and skipped:
        reporter.write_line(f"{len(skipped)} tests were skipped; with CI set, none may be.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
