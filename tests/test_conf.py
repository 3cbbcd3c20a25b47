"""Settings: read once, refused loudly."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup import conf


def test_empty_environment_gives_every_default() -> None:
    settings = conf.read({})

    assert str(settings.listen) == "127.0.0.1:8420"
    assert settings.config == Path.cwd() / "trueup.yaml"
    assert settings.key_file == Path.cwd() / "data" / "keys" / "secret.key"


def test_empty_value_counts_as_unset() -> None:
    assert conf.read({"TRUEUP_LISTEN": " "}) == conf.read({})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TRUEUP_LISTEN", "foo", "TRUEUP_LISTEN=foo is not HOST:PORT"),
        ("TRUEUP_LISTEN", "status.example:80", "names no address of this machine"),
        ("TRUEUP_LISTEN", "127.0.0.1:0", "with a port of 1 to 65535"),
        ("TRUEUP_LISTEN", "127.0.0.1:99999", "with a port of 1 to 65535"),
        ("TRUEUP_DENY_PRIVATE", "maybe", "neither yes nor no"),
        ("TRUEUP_KEEP_SAMPLES", "90", "Write for instance 90d"),
        ("TRUEUP_KEEP_SAMPLES", "0d", "not a number of days"),
        ("TRUEUP_WEB_THREADS", "0", "from 1 to 64"),
        ("TRUEUP_LOG_FORMAT", "xml", "none of logfmt, json"),
    ],
)
def test_bad_value_is_refused_with_its_name_and_the_remedy(name: str, value: str, told: str) -> None:
    with pytest.raises(conf.SettingError) as caught:
        conf.read({name: value})

    assert told in str(caught.value)
    assert str(caught.value).startswith(name)


def test_address_of_the_database_is_shown_nowhere() -> None:
    settings = conf.read({"DATABASE_URL": "postgresql://user:hunter2@host/db"})

    assert settings.database_url == "postgresql://user:hunter2@host/db"
    assert "hunter2" not in repr(settings)


def test_misspelt_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(conf.SettingError, match=r"TRUEUP_LISTN is no setting\. Did you mean TRUEUP_LISTEN\?"):
        conf.read({"TRUEUP_LISTN": "127.0.0.1:1"})


def test_names_that_a_cluster_sets_for_a_service_called_trueup_are_left_alone() -> None:
    environ = {"TRUEUP_PORT": "tcp://10.0.0.1:8420", "TRUEUP_SERVICE_HOST": "10.0.0.1"}

    assert conf.read(environ) == conf.read({})


def test_ipv6_address_is_written_in_brackets() -> None:
    assert conf.read({"TRUEUP_LISTEN": "[::1]:80"}).listen == conf.Listen("::1", 80)
    assert str(conf.Listen("::1", 80)) == "[::1]:80"


def test_localhost_is_an_address() -> None:
    assert conf.read({"TRUEUP_LISTEN": "localhost:80"}).listen == conf.Listen("127.0.0.1", 80)


def test_every_setting_says_what_it_means_and_its_default_is_valid() -> None:
    assert all(setting.help.endswith(".") for setting in conf.fields())
    assert conf.read({setting.name: setting.default for setting in conf.fields()}) == conf.read({})


@pytest.mark.parametrize(
    "text", ["9.9.9.9", "127.0.0.1:5353", "2001:db8::53", "[2001:db8::53]:53", "::1, 127.0.0.1"]
)
def test_resolvers_are_addresses_with_or_without_a_port(text: str) -> None:
    assert conf.read({"TRUEUP_RESOLVERS": text}).resolvers == tuple(text.replace(",", "").split())


@pytest.mark.parametrize("text", ["dns.example.org", "127.0.0.1:", "1.2.3", "127.0.0.1:53x"])
def test_a_resolver_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(conf.SettingError, match="no address"):
        conf.read({"TRUEUP_RESOLVERS": text})


def test_project_sets_what_the_environment_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUEUP_BACKUPS", "7")
    for name in ("TRUEUP_DATA", "TRUEUP_WITNESSES", "TRUEUP_DENY_PRIVATE"):
        monkeypatch.setenv(name, "")
    values = {"BACKUPS": 5, "DATA": Path("/srv/data"), "WITNESSES": ["none"], "DENY_PRIVATE": True}

    assert conf.refusals(values) == []
    conf.adopt(values)

    settings = conf.current()
    monkeypatch.undo()
    conf.current.cache_clear()
    assert (settings.backups, settings.data) == (7, Path("/srv/data"))
    assert (settings.witnesses, settings.deny_private) == (("none",), True)


def test_project_that_sets_nonsense_is_told_and_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUEUP_BACKUPS", "")
    values = {"BACKUPS": 0, "BACKUP": 1}

    told = conf.refusals(values)
    conf.adopt(values)

    assert told == [
        "BACKUPS=0 is not a whole number from 1 to 1000.",
        "'BACKUP' is no setting. Did you mean 'BACKUPS'?",
    ]
    assert conf.current().backups == 3
    conf.current.cache_clear()


@pytest.mark.parametrize(
    ("word", "testing"), [("test", True), ("TEST", True), ("production", False), ("", False)]
)
def test_environment_of_a_project_may_be_the_test_environment(word: str, testing: bool) -> None:
    assert conf.read({"ENVIRONMENT": word}).testing is testing
