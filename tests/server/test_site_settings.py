"""Django's settings, made from the environment."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from django.conf import settings

from trueup import conf
from trueup.server import settings as site
from trueup.server.settings import _derived_key


def test_key_of_django_comes_from_the_key_file_and_is_not_that_key(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_bytes(b"0123456789abcdef0123456789abcdef")

    assert _derived_key(file) == _derived_key(file)
    assert "0123456789abcdef" not in _derived_key(file)


def test_without_a_key_file_every_process_has_a_key_of_its_own_and_makes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "secret.key"

    assert _derived_key(file) != _derived_key(file)
    assert not file.parent.exists()


def test_only_what_is_needed_is_installed() -> None:
    people = ["django.contrib.contenttypes", "django.contrib.auth"]

    assert [*people, "trueup"] == settings.INSTALLED_APPS
    assert settings.DEBUG is False
    assert settings.USE_TZ is True


def test_database_is_the_one_that_the_settings_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUEUP_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "  ")  # as good as unset
    conf.current.cache_clear()

    made = runpy.run_path(str(site.__file__))["DATABASES"]["default"]

    conf.current.cache_clear()
    assert made["NAME"] == str(tmp_path / "trueup.db")
