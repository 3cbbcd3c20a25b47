"""Every fault of the reference page, provoked: its class and its sentence are those on the page."""

from __future__ import annotations

import pytest
from tests import system
from tests.probes.fault_table import FAULTS, Fault, World, provoke, told
from tests.servers import Servers
from tests.servers.tls import Authority

from trueup.probes.base import registry

SILENT = {"heartbeat"}  # asks nobody: what it says of a call that did not come is tried with its ledger


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}: {fault.what}")
@pytest.mark.timeout(900)
def test_fault_is_said_as_the_page_says(fault: Fault, servers: Servers, authority: Authority) -> None:
    if fault.kind == "browser":
        system.need("chromium", binary="chromium")

    found = provoke(fault, World(servers, authority))

    assert found == told()[fault.kind, fault.what], "write the page anew: python -m tests.probes.fault_table"


def test_page_holds_these_faults_and_every_kind() -> None:
    assert list(told()) == [(fault.kind, fault.what) for fault in FAULTS]
    assert len(FAULTS) >= 40
    assert registry().keys() - {fault.kind for fault in FAULTS} - SILENT == set()
