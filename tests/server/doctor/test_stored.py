"""What the doctor finds wrong with database, engine and configuration, and how it says so."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest
from tests.config.loading import spec
from tests.server.doctor.clinic import DOCS, MACHINES_OWN, TEXT, Clinic
from tests.server.running import Installation, free_port

from trueup import conf
from trueup.cli import run
from trueup.config.apply import apply
from trueup.server.doctor import engine
from trueup.server.doctor.finding import SEVERITIES
from trueup.store import lock
from trueup.store.models import Vital
from trueup.store.seal import ensure_key


def test_nothing_is_found_where_all_is_well(each_clinic: Clinic) -> None:
    found = each_clinic.examine()

    assert {each.id for each in found.findings} <= MACHINES_OWN
    assert set(found.versions) == {"python", "django", "libcurl", "sqlite"}


def test_every_finding_is_explained_and_provoked() -> None:
    headings = re.findall(r"^## (\S+)\n\n(\w+)\.$", DOCS.read_text("utf-8"), re.MULTILINE)
    tests = "".join(each.read_text("utf-8") for each in Path(__file__).parent.glob("test_*.py"))
    provoked = set(re.findall(r"""['"]([a-z]+(?:-[a-z]+)+)['"]""", tests))

    assert {name: severity.lower() for name, severity in headings} == SEVERITIES
    assert set(SEVERITIES) - provoked == set()


def test_key_that_others_can_read_or_that_is_another_one_is_found(clinic: Clinic) -> None:
    key = conf.current().key_file
    key.chmod(0o644)
    open_to_others = clinic.finding("key-unusable")
    key.chmod(0o600)
    apply(spec(TEXT.replace("${TOKEN}", "secret")), time.time_ns() // 1000, "trueup.yaml")
    key.unlink()
    ensure_key(key)

    assert open_to_others.remedy == f"Run: chmod 600 {key}"
    assert "cannot be decrypted with the key" in clinic.finding("key-unusable").sentence


def test_secret_without_its_variable_is_found(clinic: Clinic) -> None:
    clinic.unset("TOKEN")

    found = clinic.finding("secret-missing")

    assert "Check backend cannot be asked: its option token refers to" in found.sentence
    assert "TOKEN" in found.sentence
    assert clinic.ids() == {"secret-missing", "config-unusable"}


def test_missing_data_and_database_are_found(tmp_path: Path) -> None:
    here = Installation(tmp_path)

    done = here.run("doctor", "--json", TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    ids = [each["id"] for each in json.loads(done.stdout)["findings"]]
    assert set(ids) - MACHINES_OWN == {"data-missing", "database-missing", "config-missing"}
    assert done.returncode == 1
    assert not (tmp_path / "data").exists()


def test_older_and_newer_databases_are_found(each_clinic: Clinic) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('trueup', '9999_x', '2026-01-01')"
        )
    newer = each_clinic.finding("database-newer")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_x' OR name = '0003_check_tags'")
    older = each_clinic.finding("database-old")

    assert "9999_x" in newer.sentence
    assert "0003_check_tags" in older.sentence


def test_database_that_is_none_is_found(tmp_path: Path) -> None:
    here = Installation(tmp_path)
    here.data.mkdir()
    (here.data / "trueup.db").write_bytes(b"no database at all" * 100)

    done = here.run("doctor", "--json", TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    found = {each["id"]: each for each in json.loads(done.stdout)["findings"]}
    assert done.returncode == 2
    assert "it is no SQLite database" in found["database-unusable"]["sentence"]


def test_engine_that_gives_no_sign_of_life_is_found(clinic: Clinic) -> None:
    held = lock.take(clinic.data, 0)
    try:
        os.utime(clinic.data / "lock", (1, 1))
        assert engine.holder(clinic.data) == os.getpid()

        assert clinic.ids() == {"engine-silent"}
    finally:
        held.release()


def test_engine_of_another_directory_is_found(each_clinic: Clinic) -> None:
    Vital.objects.create(
        process="engine", pid=os.getpid(), host=os.uname().nodename, started_us=0,
        tick_us=time.time_ns() // 1000, details={"wall_us": time.time_ns() // 1000},
    )  # fmt: skip

    assert each_clinic.ids() == {"second-engine"}

    held = lock.take(each_clinic.data, 0)
    try:
        assert each_clinic.ids() == set()
    finally:
        held.release()


def test_configuration_that_is_missing_wrong_or_not_applied_is_found(clinic: Clinic) -> None:
    clinic.config.write_text(TEXT.replace("Backend", "API"))
    other = clinic.finding("config-not-applied")
    clinic.config.write_text("components: []")
    wrong = clinic.finding("config-unusable")
    clinic.config.unlink()

    assert "applying it would make 4 changes" in other.sentence
    assert "components is empty" in wrong.sentence
    assert clinic.ids() == {"config-missing"}


def test_configuration_that_cannot_be_applied_is_found(clinic: Clinic) -> None:
    two = TEXT + "  - {name: API, checks: [{tcp: 'localhost:1'}]}\n"
    apply(spec(two, environ={"TOKEN": "t"}), time.time_ns() // 1000, "trueup.yaml")
    clinic.config.write_text(TEXT.replace("name: Backend", "name: Backend\n    was: api"))

    assert "cannot take over the history of 'api'" in clinic.finding("config-unusable").sentence


def test_exit_code_says_how_bad_it_is(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    clinic.config.unlink()
    warned = run(["doctor"])
    text = capsys.readouterr().out
    clinic.put(TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    assert warned == 1
    assert "config-missing: There is no" in text
    assert "docs/reference/doctor.md#config-missing" in text
    assert run(["doctor", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["findings"][0]["id"] == "resolver-dead"
    assert document["well"] is False
