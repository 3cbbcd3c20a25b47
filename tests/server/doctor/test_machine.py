"""What the doctor finds wrong with the machine: clock, network, disk, limits."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.config.loading import spec
from tests.server.doctor.clinic import TEXT, Clinic, web_server
from tests.server.running import free_port
from tests.servers.dns import SILENT, Zone
from tests.servers.run import Servers

from trueup import conf
from trueup.config.apply import apply
from trueup.server.doctor import clock, disk, machine, zones
from trueup.server.faults import StartError
from trueup.store.models import SeriesState


def test_wrong_clock_is_seen_beside_that_of_a_web_server(clinic: Clinic) -> None:
    with web_server("Mon, 23 Nov 2026 10:00:00 GMT") as url:
        found = [each for each in clinic.examine(url).findings if each.id == "clock-off"]

    assert "behind that of http" in found[0].sentence or "ahead of that of http" in found[0].sentence
    assert "(10:00:00 UTC)" in found[0].sentence


def test_right_clock_is_found_right(clinic: Clinic) -> None:
    now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())

    with web_server(now) as url:
        assert not [each for each in clinic.examine(url).findings if each.id == "clock-off"]


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_web_server_without_the_time_is_refused(date: str | None) -> None:
    with web_server(date) as url, pytest.raises(StartError, match="Name another web server"):
        list(clock.against(url, conf.read({"TRUEUP_DATA": "data"})))


def test_kernel_is_asked_whether_somebody_sets_its_clock() -> None:
    found = [each.id for each in clock.synchronised()]

    assert found in ([], ["clock-unsynchronised"])
    if shutil.which("adjtimex"):
        told = subprocess.run(["adjtimex", "-p"], capture_output=True, text=True, check=True).stdout
        status = re.search(r"status: (\d+)", told)
        assert status
        assert bool(int(status[1]) & 0x40) == bool(found)


def test_results_of_the_future_are_found(each_clinic: Clinic) -> None:
    SeriesState.objects.update(last_answered_us=time.time_ns() // 1000 + 3_600_000_000)

    assert each_clinic.ids() == {"clock-behind"}


def test_outdated_time_zone_data_is_found(tmp_path: Path) -> None:
    # the zone files of a system that never heard of a change: Moscow as Samara
    packaged = subprocess.run(
        [sys.executable, "-c", "import tzdata; print(tzdata.__path__[0])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (tmp_path / "Europe").mkdir()
    shutil.copy(Path(packaged, "zoneinfo/Europe/Samara"), tmp_path / "Europe/Moscow")
    script = """
import datetime
from trueup.server.doctor.zones import zones
for each in zones(["Europe/Moscow", "UTC"], datetime.datetime.now(datetime.UTC)):
    print(each.id, each.sentence)
"""

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
    )  # fmt: skip

    assert done.stdout.split()[0] == "timezone-data"
    assert "says UTC+04:00" in done.stdout
    assert "says UTC+03:00" in done.stdout


def test_unknown_zone_is_the_loaders_matter() -> None:
    from datetime import UTC, datetime

    assert list(zones.zones(["Mars/Base"], datetime.now(UTC))) == []


def test_dead_resolvers_are_found(clinic: Clinic) -> None:
    clinic.put(TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    assert clinic.ids() == {"resolver-dead"}
    assert "backend.test cannot be resolved" in clinic.finding("resolver-dead").sentence


def test_one_silent_resolver_of_two_is_found(clinic: Clinic, servers: Servers) -> None:
    mute = Zone({"doctor.trueup.invalid": SILENT}).start(servers)
    clinic.put(TRUEUP_RESOLVERS=f"{conf.current().resolvers[0]} {mute}")

    assert clinic.ids() == {"resolver-silent"}


def test_witnesses_that_do_not_answer_are_found(clinic: Clinic) -> None:
    alive = conf.current().witnesses[0]
    clinic.put(TRUEUP_WITNESSES=f"{alive} no-witness.test:53")
    one = clinic.ids()
    clinic.put(TRUEUP_WITNESSES="no-witness.test:53")

    assert one == {"witness-silent"}
    assert clinic.ids() == {"witnesses-dead"}


def test_refusal_of_a_witness_is_a_sign_of_life(clinic: Clinic) -> None:
    clinic.put(TRUEUP_WITNESSES=f"127.0.0.1:{free_port()}")

    assert clinic.ids() == set()


def test_ping_that_is_not_allowed_is_found() -> None:
    from tests.probes.test_icmp import may_unshare

    if not may_unshare():
        pytest.skip("needs root, unshare and ip (apt-get install util-linux iproute2)")
    script = """
import os
from pathlib import Path
from trueup import conf
from trueup.server.doctor import network
from trueup.probes.base import kinds
kinds()
Path("/proc/sys/net/ipv4/ping_group_range").write_text("1 0")
settings = conf.read({"TRUEUP_DATA": "data"})
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
print([each.id for each in network.ping(settings, ["icmp"])], list(network.ping(settings, ["http"])))
"""
    command = f"ip link set lo up && exec {sys.executable} -c '{script}'"

    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", command.replace("'" + script + "'", '"$SCRIPT"')],
        capture_output=True, text=True, check=False, env={**os.environ, "SCRIPT": script},
    )  # fmt: skip

    assert (done.stdout, done.stderr) == (f"{['ping-not-allowed']} []\n", "")


def test_too_few_open_files_are_found() -> None:
    script = """
import resource
from trueup.server.doctor import machine
from trueup.server.doctor.stored import Times
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
print([each.id for each in machine.open_files([Times(10_000_000, 10_000_000)] * 500)])
print(list(machine.open_files([Times(10_000_000, 10_000_000)] * 3)))
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [f"{['open-files']}", "[]"]
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 256


def test_taken_port_is_found(clinic: Clinic) -> None:
    with web_server(None) as url:
        clinic.put(TRUEUP_LISTEN=url.removeprefix("http://").rstrip("/"))

        assert clinic.ids() == {"port-taken"}


def test_disk_that_is_nearly_full_or_slow_is_found(tmp_path: Path) -> None:
    found = [*disk.space(tmp_path, least_bytes=10**18), *disk.speed(tmp_path, slow_us=0)]

    assert [each.id for each in found] == ["disk-space", "disk-slow"]
    assert list(tmp_path.iterdir()) == []


def test_files_of_another_user_are_found(clinic: Clinic) -> None:
    strange = list(disk.owner(clinic.data, user=os.geteuid() + 4711))
    if os.geteuid() == 0:
        os.chown(clinic.data / "keys" / "secret.key", 65534, -1)
        assert "data-owner" in clinic.ids()

    assert [each.id for each in strange] == (["data-owner"] if os.geteuid() + 4711 else [])


def test_directory_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    found = list(disk.writable(tmp_path / "none"))

    assert [each.id for each in found] == ["data-unwritable"]


def test_old_programs_are_found() -> None:
    found = list(machine.old({"libcurl": "7.88.1", "sqlite": "3.36.0", "python": "3.11.7"}))

    assert [each.id for each in found] == ["version-old", "version-old"]
    assert list(machine.old(machine.versions())) == []


def test_resolvers_are_not_asked_where_no_target_has_a_name(clinic: Clinic) -> None:
    text = TEXT.replace("{http: 'http://backend.test/', token: '${TOKEN}'}", "{tcp: '127.0.0.1:1'}")
    clinic.config.write_text(text)
    apply(spec(text), time.time_ns() // 1000, "trueup.yaml")
    clinic.put(TRUEUP_RESOLVERS=f"127.0.0.1:{free_port()}")

    assert clinic.ids() == set()
