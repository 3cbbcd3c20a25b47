"""What the doctor finds wrong with contracts and the key of their statements."""

from __future__ import annotations

import time

import pytest
from tests.figures.sla.agreed import contract
from tests.server.doctor.clinic import Clinic
from tests.world import DAY, World

from trueup.reports import signer
from trueup.store.clock import at
from trueup.store.models import Contract


def test_contract_without_a_version_is_found(each_clinic: Clinic) -> None:
    Contract.objects.create(slug="gold", name="Gold", document={}, created_at=at(0))

    assert "gold has no version" in each_clinic.finding("contract-idle").sentence


def test_contract_that_has_ended_is_found_and_one_to_come_is_not(clinic: Clinic) -> None:
    now_us = time.time_ns() // 1000
    world = World(now_us)
    contract(world, "backend", slug="over", contract_to="2025-01-01T00:00:00Z")
    contract(world, "backend", slug="to-come", since_us=now_us + DAY)

    found = [each.sentence for each in clinic.examine().findings if each.id == "contract-idle"]

    assert found == ["Contract over ended at 2025-01-01T00:00:00Z: no version of it is in force."]


@pytest.mark.parametrize("harm", ["missing", "another", "open"])
def test_signing_key_that_is_not_the_registered_one_is_found(clinic: Clinic, harm: str) -> None:
    folder, now_us = clinic.data / "keys", time.time_ns() // 1000
    made = signer.current(folder, now_us)
    well = {each.id for each in clinic.examine().findings}
    path = signer.path_of(folder, made.key_id)
    if harm == "missing":
        path.unlink()
    elif harm == "another":
        other = signer.rotate(clinic.folder / "elsewhere", now_us + 1)
        signer.path_of(folder, other.key_id).write_bytes(path.read_bytes())
        signer.path_of(folder, other.key_id).chmod(0o600)
    else:
        path.chmod(0o644)

    found = clinic.finding("signing-key-unusable")

    assert "signing-key-unusable" not in well
    assert {"missing": " is not at ", "another": "is another key", "open": "can be read"}[
        harm
    ] in found.sentence
    assert found.remedy
