from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.loading import check, refused, refused_check, spec

from trueup.domain.spec import Secret

SECOND = 1_000_000
HTTP = "http: http://localhost"


def test_a_check_inherits_what_it_does_not_say() -> None:
    found = check(HTTP)

    assert (found.slug, found.name, found.kind, found.target) == (
        "backend",
        "Backend",
        "http",
        "http://localhost",
    )
    assert (found.interval_us, found.timeout_us, found.confirm, found.recover) == (
        60 * SECOND,
        10 * SECOND,
        2,
        1,
    )
    assert found.expect == ("status in 200..399",)
    assert found.degraded_when == ()
    assert found.counts


def test_defaults_of_the_file_replace_ours() -> None:
    found = check(HTTP, "defaults: {interval: 5m, timeout: 20s, confirm: 3, recover: 4}\n")

    assert (found.interval_us, found.timeout_us, found.confirm, found.recover) == (
        300 * SECOND,
        20 * SECOND,
        3,
        4,
    )


def test_what_a_check_says_itself_comes_first() -> None:
    found = check(
        f"{HTTP}\ninterval: 30 s\ntimeout: 800ms\nconfirm: 1\nrecover: 2\ncounts: false\n"
        "expect: status == 200\ndegraded_when: ['latency > 1 s', 'status == 201']"
    )

    assert (found.interval_us, found.timeout_us, found.confirm, found.recover) == (30 * SECOND, 800_000, 1, 2)
    assert not found.counts
    assert found.expect == ("status == 200",)
    assert found.degraded_when == ("latency > 1 s", "status == 201")


@pytest.mark.parametrize(
    "interval", ["1s", "2 s", "60s", "1m", "90s", "20m", "3h", "1d", "24h", "500ms", "7s", "0s"]
)
def test_an_interval_divides_the_day_or_is_refused(interval: str) -> None:
    good = {"1s", "2 s", "60s", "1m", "20m", "3h", "1d", "24h"}
    if interval in good:
        assert 86_400 * SECOND % check(f"{HTTP}\ninterval: {interval}\ntimeout: 1s").interval_us == 0
        return

    (found,) = refused_check(f"{HTTP}\ninterval: {interval}\ntimeout: 1s")

    assert found.startswith(f"interval '{interval}' is not an interval that divides the day: take ")


def test_a_refused_interval_proposes_its_neighbours() -> None:
    assert "take 30s or 1m" in refused_check(f"{HTTP}\ninterval: 45s")[0]


def test_a_timeout_longer_than_the_interval_is_refused_where_it_is_written() -> None:
    assert refused_check(f"{HTTP}\ninterval: 5s\ntimeout: 6s") == [
        "timeout 6s is longer than the interval 5s of this check: lower the timeout or raise the interval"
    ]


def test_an_inherited_timeout_is_cut_to_the_interval_with_a_notice() -> None:
    text = f"components:\n  - name: Backend\n    checks:\n      - {HTTP}\n        interval: 5s\n"

    found = spec(text)

    assert found.components[0].checks[0].timeout_us == 5 * SECOND
    (notice,) = found.notices
    assert notice == (
        "trueup.yaml:4:9: the inherited timeout 10s is longer than the interval 5s of this http check: "
        "it is cut to the interval"
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("timeout: 10", "timeout '10' has no unit: write 10s or 10ms"),
        ("timeout: soon", "timeout 'soon' is not a duration: write for instance 800ms, 30s, 5m, 1h"),
        ("timeout: 1us", "timeout '1us' is too short to get any answer: write at least 10ms"),
        ("timeout:", "timeout is empty: write a duration such as 30s"),
        ("timeout: [1s]", "timeout must be a text, but is a list"),
        ("confirm: 0", "confirm is 0: write how many results in a row, 1 to 100"),
        ("confirm: two", "confirm must be a whole number, but is 'two'"),
        ("confirm: '2'", "confirm must be a whole number, but is '2'"),
        ("counts: no", "counts must be true or false, but is 'no'"),
        (
            "slug: My Check",
            "slug 'My Check' is no slug: use a-z, 0-9 and single hyphens between them, at most 100",
        ),
        ("was: backend", "was 'backend' is the slug it still has: leave the key out"),
        ("expect:", "expect is empty: write an expectation, or leave the key out"),
        ("expect: {a: b}", "expect must be a text or a list of texts, but is a mapping"),
        ("timout: 5s", "unknown key 'timout' in a check: did you mean 'timeout'?"),
        ("methd: GET", "unknown key 'methd' in a check: did you mean 'method'?"),
        ("method: FETCH", "method: 'FETCH' is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS."),
    ],
)
def test_what_cannot_be_used_is_told_with_its_remedy(lines: str, message: str) -> None:
    assert refused_check(f"{HTTP}\n{lines}") == [message]


def test_the_place_of_a_misspelt_key_is_the_key() -> None:
    text = f"components:\n  - name: x\n    checks:\n      - {HTTP}\n        timout: 5s\n"

    assert refused(text) == ["5:9: unknown key 'timout' in a check: did you mean 'timeout'?"]


def test_exactly_one_key_names_the_kind() -> None:
    assert refused_check("htpp: http://localhost") == ["unknown kind 'htpp': did you mean 'http'?"]
    assert refused_check("gopher: x")[0].startswith("unknown kind 'gopher': known are ")
    assert refused_check("interval: 5s")[0].startswith("no key of this check names its kind: write one of ")
    assert refused_check(f"{HTTP}\ntcp: localhost:1") == [
        "a check has one kind, but this one names http and tcp: make two checks of it"
    ]


@pytest.mark.parametrize("written", ["foo", "[http]", "", "{}"])
def test_a_check_that_is_no_mapping_is_refused(written: str) -> None:
    found = refused(f"components:\n  - name: x\n    checks:\n      - {written}\n")

    assert found == ["4:9: a check must be a mapping that begins with its kind, such as 'http: ADDRESS'"] or (
        written == ""
        and found[0].endswith("a check must be a mapping that begins with its kind, such as 'http: ADDRESS'")
    )


@pytest.mark.parametrize("target", ["", "[a]", "{a: b}", "~"])
def test_a_check_needs_an_address(target: str) -> None:
    assert refused_check(f"http: {target}") == ["http needs the address to ask, such as 'http: ADDRESS'"]


def test_an_address_with_a_password_is_refused_and_not_shown() -> None:
    text = "components:\n  - name: x\n    checks:\n      - http: http://me:hunter2@localhost/\n"

    report = "\n".join(refused(text))

    assert "the address holds a user name or password" in report
    assert "use the options 'username' and 'password'" in report
    assert "hunter2" not in report


def test_an_expectation_is_checked_against_what_the_kind_measures() -> None:
    (found,) = refused_check(f"{HTTP}\nexpect: ['status == 200', 'reply == 1']")

    assert "unknown name 'reply'" in found


def test_a_file_is_found_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")

    assert check(f"{HTTP}\nca: ca.pem", folder=tmp_path).options == {"ca": str(tmp_path / "ca.pem")}


def test_a_file_that_cannot_be_read_is_refused_with_its_path(tmp_path: Path) -> None:
    assert refused_check(f"{HTTP}\nca: certs/ca.pem", folder=tmp_path) == [
        f"ca: {tmp_path}/certs/ca.pem cannot be read: No such file or directory."
    ]


def test_options_are_kept_as_they_were_written() -> None:
    found = check(
        f"{HTTP}\nmethod: POST\nbody: 1.10\nmax_body: 64 kB\nfollow: false\nheaders: {{X-Version: 1.10}}"
    )

    assert found.options == {
        "method": "POST",
        "body": Secret("1.10"),
        "max_body": 64_000,
        "follow": False,
        "headers": {"X-Version": "1.10"},
    }


def test_secret_options_remember_how_they_were_written() -> None:
    found = check(f"{HTTP}\ntoken: ${{TOKEN}}\nsecret_headers: {{A: 'Key ${{TOKEN}}', B: plain}}", TOKEN="t")

    headers = found.options["secret_headers"]
    assert found.options["token"] == Secret("t", "${TOKEN}")
    assert [headers["A"].reveal(), headers["A"].source] == ["Key t", "Key ${TOKEN}"]
    assert [headers["B"].reveal(), headers["B"].reference] == ["plain", ""]


def test_every_error_of_a_check_is_told_at_once() -> None:
    found = refused_check(
        "http: ${NOPE}\ntimout: 1s\ntimeout: 5m\nconfirm: 0\nmax_redirects: x\n"
        "expect: ['status = 200', 'foo == 1']"
    )

    assert len(found) == 7


def test_a_secret_header_is_refused_among_the_headers_that_are_shown() -> None:
    assert refused_check(f"{HTTP}\nheaders: {{Accept: x, Authorization: Bearer hunter2}}") == [
        "'Authorization' holds a secret, and headers are stored and shown: write it below 'secret_headers'"
    ]
    assert check(f"{HTTP}\nsecret_headers: {{Authorization: Bearer hunter2}}").options


def test_a_key_in_an_address_is_noticed() -> None:
    text = "components:\n  - name: x\n    checks:\n      - http: http://localhost/?a=1&api_key=hunter2\n"

    (notice,) = spec(text).notices

    assert notice.startswith("trueup.yaml:4:15: 'api_key' in the address looks like a secret")
    assert "hunter2" not in notice
