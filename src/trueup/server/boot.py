"""Begin a process of ours: its log, its parent, Django."""

from __future__ import annotations

import os

from trueup import conf
from trueup.conf import Settings
from trueup.server import log
from trueup.server.faults import StartError
from trueup.server.processes import die_with_parent, unblock_signals

_OURS = "trueup.server.settings"


def process(name: str, settings: Settings, parent: int | None = None) -> None:
    """Set up this process: log lines bear its name; it ends with ``parent`` where one is given."""
    unblock_signals()
    if parent is not None:
        die_with_parent(parent)
    log.setup(settings.log_format, settings.log_level, name)


def django() -> None:
    """Set up Django: for the standalone site, or for the project that DJANGO_SETTINGS_MODULE names.

    Raises:
        StartError: That project does not have trueup installed.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _OURS)
    from django.apps import apps

    if not apps.ready:
        import django

        django.setup()
    if not apps.is_installed("trueup"):
        raise StartError(
            f"{_settings()}, which DJANGO_SETTINGS_MODULE names, does not have trueup installed. "
            'Add "trueup" to its INSTALLED_APPS, or unset DJANGO_SETTINGS_MODULE.'
        )
    log.awake()


def hosted() -> bool:
    """Return whether this is the project of somebody else, with its own settings and database."""
    return _settings() != _OURS


def refuse_hosted(verb: str, remedy: str) -> None:
    """Refuse a verb in the project of somebody else.

    Raises:
        StartError: It is one.
    """
    if hosted():
        raise StartError(f"`trueup {verb}` is not for a Django project ({_settings()}). {remedy}")


def _settings() -> str:
    return conf.environment().get("DJANGO_SETTINGS_MODULE") or _OURS
