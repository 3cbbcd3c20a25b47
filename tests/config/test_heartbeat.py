"""A heartbeat in the configuration: what it has, and what makes no sense of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.config.load import load
from trueup.config.problem import ConfigErrors
from trueup.domain.spec import CheckSpec

HEAD = "defaults: {interval: 6h, confirm: 3}\ncomponents:\n  - name: Backup\n    checks:\n"


def read(tmp_path: Path, *lines: str) -> CheckSpec:
    file = tmp_path / "trueup.yaml"
    body = ["      - heartbeat: nightly backup of db1", *(f"        {line}" for line in lines)]
    file.write_text(HEAD + "\n".join([*body, ""]))
    return load(file, {}).components[0].checks[0]


def test_its_target_is_what_calls_and_defaults_of_asking_do_not_touch_it(tmp_path: Path) -> None:
    spec = read(tmp_path, "period: 1 h", "grace: 2m", 'degraded_when: ["runtime > 10 min"]')

    assert (spec.kind, spec.target) == ("heartbeat", "nightly backup of db1")
    assert (spec.interval_us, spec.confirm, spec.recover) == (3_600_000_000, 1, 1)
    assert spec.options == {"period": "1 h", "grace": "2m"}


def test_the_interval_of_a_crontab_is_that_between_two_due_instants(tmp_path: Path) -> None:
    assert read(tmp_path, 'cron: "*/15 * * * *"', "timezone: Europe/Moscow").interval_us == 900_000_000


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("interval: 5m", "write 'period' or 'cron'"),
        ("timeout: 5s", "write 'limit'"),
        ("confirm: 2", "'grace' is the patience"),
        ("recover: 2", "the first good call counts"),
        ("timezone: Europe/Moscow", "belongs to cron"),
        ("cron: tomorrow", "either period or cron"),
        ("perod: 1h", "did you mean 'period'"),
        ('expect: ["status == 200"]', "unknown name 'status'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place_and_remedy(
    tmp_path: Path, line: str, told: str
) -> None:
    with pytest.raises(ConfigErrors) as refused:
        read(tmp_path, "period: 1h", line)

    assert told in str(refused.value)
    assert "trueup.yaml:" in str(refused.value)
