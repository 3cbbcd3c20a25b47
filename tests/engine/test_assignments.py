"""What is configured becomes what is asked."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.databases import Database

from trueup.config.apply import apply
from trueup.config.load import loads
from trueup.engine import assignments
from trueup.store.seal import Seal, ensure_key

YAML = """
defaults: {interval: 30s, timeout: 5s, confirm: 3}
components:
  - name: Shop
    checks:
      - http: http://127.0.0.1:9/
        slug: page
        ca: %s
      - tcp: 127.0.0.1:9
        slug: port
"""


def configure(folder: Path) -> Path:
    """Apply a configuration with a file of its own; return that file."""
    trusted = folder / "ca.pem"
    trusted.write_text("no certificate, but a file that can be read")
    ensure_key(folder / "secret.key")
    spec = loads((YAML % trusted).encode(), "trueup.yaml", {}, folder)
    apply(spec, time.time_ns() // 1000, "trueup.yaml", seal=Seal(folder / "secret.key"))
    return trusted


def test_every_check_is_assigned_with_its_rules(database: Database, tmp_path: Path) -> None:
    configure(tmp_path)

    found = assignments.read()

    page, port = found.assignments
    assert (page.probe.kind, page.probe.target, port.probe.kind) == ("http", "http://127.0.0.1:9/", "tcp")
    assert (page.interval_us, page.timeout_us, page.confirm) == (30_000_000, 5_000_000, 3)
    assert [each.source for each in page.expect] == ["status in 200..399"]
    assert found.components == {"page": "shop", "port": "shop"}


def test_check_that_cannot_be_asked_any_more_is_said_and_left_out(
    sqlite_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    configure(tmp_path).unlink()

    found = assignments.read()

    assert [each.probe.kind for each in found.assignments] == ["tcp"]
    assert vars(caplog.records[-1])["check"] == "page"
    assert "cannot be read" in vars(caplog.records[-1])["why"]


def test_check_whose_variable_is_not_set_keeps_no_other_from_being_asked(
    sqlite_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ensure_key(tmp_path / "secret.key")
    text = (
        YAML.replace("        ca: %s\n", "")
        + "      - http: http://127.0.0.1:9/in\n        slug: in\n        token: ${NOT_SET}\n"
    )
    spec = loads(text.encode(), "trueup.yaml", {"NOT_SET": "it was, where this was applied"}, tmp_path)
    apply(spec, time.time_ns() // 1000, "trueup.yaml", seal=Seal(tmp_path / "secret.key"))

    found = assignments.read()

    assert [each.probe.kind for each in found.assignments] == ["http", "tcp"]
    assert found.components["in"] == "shop"
    assert vars(caplog.records[-1])["check"] == "in"
    assert "NOT_SET, which is not set here" in vars(caplog.records[-1])["why"]
