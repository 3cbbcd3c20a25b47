"""``trueup ask``: one probe now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.servers.sample import Sample

from trueup.cli import run


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["ask", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_target_that_answers_is_up_with_its_phases(
    sample: Sample, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = ask(capsys, sample.addresses["backend"], "--json")
    document = json.loads(out)

    assert code == 0
    assert document["state"] == "up"
    assert document["kind"] == "http"
    assert document["expected"] == ["status in 200..399"]
    assert document["values"]["status"] == 200
    assert list(document["phases_ms"])[-2:] == ["wait", "transfer"]
    assert sum(document["phases_ms"].values()) == pytest.approx(document["duration_ms"])


def test_expectation_that_does_not_hold_is_down(sample: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(capsys, sample.addresses["backend"], "--expect", '$.status == "fine"')

    assert code == 1
    assert "verdict" in out
    assert 'expected $.status == "fine"' in " ".join(out.split())


def test_refused_connection_is_down_with_its_class(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(capsys, "http://127.0.0.1:9/", "--json")
    document = json.loads(out)

    assert (code, document["state"], document["cause"]) == (1, "down", "refused")
    assert "nothing listens there" in document["why"]


def test_kind_follows_from_the_scheme(sample: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    place = sample.addresses["frontend"].removeprefix("http://").rstrip("/")

    kinds = [
        json.loads(ask(capsys, target, "--json")[1])["kind"]
        for target in (sample.addresses["websocket"], place, f"tcp://{place}")
    ]

    assert kinds == ["websocket", "tcp", "tcp"]


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("redis://127.0.0.1:9", "redis"),
        ("REDIS://127.0.0.1:9", "redis"),
        ("mariadb://127.0.0.1:9", "mysql"),
        ("postgresql://127.0.0.1:9", "postgres"),
        ("smtp://127.0.0.1:9", "smtp"),
        ("ssh://127.0.0.1:9", "ssh"),
        ("grpc://127.0.0.1:9", "grpc"),
        ("tls://127.0.0.1:9", "tls"),
        ("https://127.0.0.1:9", "http"),
    ],
)
def test_schemes_of_every_kind_need_no_kind(
    target: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = ask(capsys, target, "--json")
    document = json.loads(out)

    assert (code, document["kind"], document["cause"]) == (1, kind, "refused")


def test_options_of_the_kind_are_handed_on(sample: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(
        capsys, sample.addresses["websocket"], "-o", "send=hi", "--expect", 'reply == "hi"', "--json"
    )

    assert (code, json.loads(out)["values"]["reply"]) == (0, "hi")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["example"], "To ask an address instead, write its scheme or port: http://example"),
        (["ftp://example"], "No kind of check is known for 'ftp://example'"),
        (["ftp://me:word@example"], "No kind of check is known for 'ftp://********@example'"),
        (["--kind", "heartbeat", "backup"], "A heartbeat is not asked, it calls"),
        (["http://127.0.0.1:9/", "--kind", "htp"], "did you mean http?"),
        (["http://127.0.0.1:9/", "-o", "metod=GET"], "did you mean method?"),
        (["http://127.0.0.1:9/", "-o", "method"], "-o method has no value"),
        (["http://127.0.0.1:9/", "--timeout", "10"], "has no unit"),
        (["http://127.0.0.1:9/", "--timeout", "0s"], "0 s is no time to wait"),
        (["http://127.0.0.1:9/", "--expect", "status =! 200"], "\n  status =! 200\n"),
        (["http://127.0.0.1:9/", "--expect", "statsu == 200"], "status"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_remedy(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ask(capsys, *arguments)

    assert (code, out) == (2, "")
    assert err.startswith("trueup: ")
    assert told in err


def test_nothing_is_stored(sample: Sample, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask(capsys, sample.addresses["frontend"])

    assert list(tmp_path.iterdir()) == []
