"""Have a database to work on: the host project's, our own in ``./data``, or an empty one in memory."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trueup import conf
from trueup.conf import SettingError, Settings
from trueup.public.fault import UptimeError

log = logging.getLogger("trueup.public")

_OURS = "trueup.server.settings"  # by name: the room of the standalone site lies above this one


@dataclass(frozen=True, slots=True)
class Opened:
    """Where a monitor works: the settings, and whether the database belongs to somebody else's project."""

    settings: Settings
    hosted: bool


def open_database(config: Path | None, data: Path | None) -> Opened:
    """Set up Django where nobody has, and make sure that the database can be used and is configured.

    Raises:
        UptimeError: People must mend something first.
    """
    with in_words():
        hosted = _set_up(config, data)
        opened = Opened(conf.current(), hosted)
        _prepare(opened)
    return opened


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what other rooms have put into words into the one error of the API.

    Raises:
        UptimeError: What went wrong.
    """
    from django.db import InterfaceError, OperationalError

    from trueup.config.problem import ConfigErrors
    from trueup.domain.incident import IncidentError
    from trueup.domain.node import DocumentError
    from trueup.figures.sla.fault import UnknownContractError, WindowError
    from trueup.store import trouble
    from trueup.store.connection import AddressError
    from trueup.store.keyfile import SealError
    from trueup.store.lock import InUseError
    from trueup.store.migrate import FormError

    try:
        yield
    except (SettingError, ConfigErrors, AddressError, InUseError, FormError, SealError) as error:
        raise UptimeError(str(error)) from error
    except (DocumentError, IncidentError, UnknownContractError, WindowError) as error:
        raise UptimeError(str(error)) from error
    except (InterfaceError, OperationalError) as error:
        raise UptimeError(f"the database cannot be used: {trouble.explain(error)}") from error
    except OSError as error:
        where = error.filename or "the data directory"
        raise UptimeError(
            f"{where} cannot be used: {error.strerror}. Name another with TRUEUP_DATA or TRUEUP_CONFIG."
        ) from error


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Be the only one who writes the ledger meanwhile.

    Raises:
        InUseError: An engine, or another process, is at it.
    """
    from trueup.store import advisory, lock

    settings.data.mkdir(mode=0o750, parents=True, exist_ok=True)
    ours = lock.take(settings.data, _now_us())
    try:
        with advisory.held():
            yield
    finally:
        ours.release()


def _set_up(config: Path | None, data: Path | None) -> bool:
    """Set up Django; return whether the project is somebody else's."""
    from django.apps import apps
    from django.conf import settings

    before, late = conf.current(), apps.ready
    conf.override(config=config, data=data)
    if not settings.configured:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", _OURS)
    if not apps.ready:
        import django

        django.setup()
    hosted = conf.environment().get("DJANGO_SETTINGS_MODULE") != _OURS
    if late and not hosted and before.data != conf.current().data:
        conf.override(config=before.config, data=before.data)
        raise UptimeError(
            f"this process works on {before.data} already, and cannot work on {data} as well. "
            "Use one data directory in a process."
        )
    if not apps.is_installed("trueup"):
        raise UptimeError('this project does not have trueup installed. Add "trueup" to its INSTALLED_APPS.')
    return hosted


def _prepare(opened: Opened) -> None:
    from trueup.store import migrate
    from trueup.store.lock import InUseError
    from trueup.store.read.entries import check_slugs

    settings = opened.settings
    if opened.hosted:
        migrate.require("Run: python manage.py migrate")
        if not check_slugs():
            _configure(settings, write=False)
        return
    if settings.testing:
        _migrate(settings)
        _configure(settings, write=False)
        return
    try:
        with held(settings):
            _migrate(settings)
            _configure(settings, write=True)
    except InUseError:  # an engine is at work: what it made of the database and the file holds
        migrate.require("Stop the engine and run `trueup up` once.")


def _migrate(settings: Settings) -> None:
    from trueup.store import migrate

    migrate.migrate(
        database=migrate.database_file(),
        backups=settings.data / "backups",
        keep=settings.backups,
        now_us=_now_us(),
        allowed=True,
    )


def _configure(settings: Settings, *, write: bool) -> None:
    """Make the file hold, or the three checks of a newcomer where there is none and nothing is configured."""
    from trueup.access.who import system_user
    from trueup.config import example
    from trueup.config.apply import apply
    from trueup.config.load import load, loads, shown
    from trueup.config.plan import PlanError
    from trueup.store.read.entries import check_slugs
    from trueup.store.seal import ensure_key

    source, environ = shown(settings.config), conf.environment()
    if not settings.testing:
        ensure_key(settings.key_file)
    if not settings.config.exists():
        if check_slugs():
            return
        if write:
            example.write(settings.config)
    if settings.config.exists():
        spec = load(settings.config, environ)
    else:
        source = "the defaults of trueup"
        spec = loads(example.TEXT.encode(), source, environ, Path.cwd())
    try:
        done = apply(spec, _now_us(), source, archive=True, by=system_user())
    except PlanError as error:
        raise UptimeError(f"{source} cannot be applied: {error}") from error
    # The file is what people want: what it names no more is archived, and said.
    for change in done.changes:
        if change.action == "archive":
            log.warning(
                "%s names %s %s no more: archived, its history stays.", source, change.noun, change.slug
            )


def _now_us() -> int:
    return time.time_ns() // 1000
