"""What happens before anything runs: directory, lock, migrations, configuration."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trueup import conf
from trueup.conf import Settings
from trueup.domain import duration
from trueup.domain.spec import ConfigSpec
from trueup.server import boot
from trueup.server.brief import briefly
from trueup.server.voice import Say
from trueup.store import lock, migrate

_NAMED = 20  # checks that a start names one by one


@contextmanager
def held(settings: Settings) -> Iterator[int]:
    """Make the data directory and hold its lock; give the descriptor that child processes may hold, too.

    Raises:
        InUseError: Somebody else uses it.
    """
    make_directories(settings.data)
    ours = lock.take(settings.data, now_us())
    try:
        yield ours.fd
    finally:
        ours.release()


def prepare(settings: Settings, *, allow_migrations: bool, say: Say) -> None:
    """Make the database ready and have it follow the configuration; ``say`` is told what was done.

    Raises:
        InUseError: Somebody else uses the database.
        FormError: It is of a newer version, or needs migrations that are not allowed.
        ConfigErrors: The configuration cannot be used.
    """
    boot.django()
    from django.db import connections

    from trueup.store import advisory

    with advisory.held():  # nothing may be changed under an engine that runs on another machine
        _migrate(settings, allow_migrations, say)
        connections.close_all()  # this thread will only wait from now on
        briefly(_configure, settings, say)  # ten thousand checks take 70 MB, and would keep them


def form(settings: Settings, *, allow_migrations: bool, say: Say) -> None:
    """Bring the database to this version's form, copied first; ``say`` is told what was done.

    Raises:
        InUseError: Somebody else uses it.
        FormError: It is of a newer version, or needs migrations that are not allowed.
    """
    from trueup.store import advisory

    with advisory.held():
        _migrate(settings, allow_migrations, say)


def make_directories(data: Path) -> None:
    """Create the data directory and what is in it; the keys are for their owner alone."""
    data.mkdir(mode=0o750, parents=True, exist_ok=True)
    for name in ("keys", "backups"):
        (data / name).mkdir(mode=0o700, exist_ok=True)


def now_us() -> int:
    """Return the wall clock in microseconds UTC."""
    return time.time_ns() // 1000


def _migrate(settings: Settings, allowed: bool, say: Say) -> None:
    if boot.hosted():  # its tables are not ours alone
        migrate.require("Run: python manage.py migrate")
        return
    done = migrate.migrate(
        database=migrate.database_file(),
        backups=settings.data / "backups",
        keep=settings.backups,
        now_us=now_us(),
        allowed=allowed,
    )
    if done.copy:
        say(f"copied the database to {done.copy} before changing its form")
    if done.fresh:
        say("made a new database")
    elif done.names:
        say(f"brought the database to this version's form ({len(done.names)} migration(s))")


def _configure(settings: Settings, say: Say) -> None:
    from trueup.access.who import system_user
    from trueup.config import example
    from trueup.config.apply import apply
    from trueup.config.load import load, shown
    from trueup.store.read.entries import check_slugs
    from trueup.store.seal import ensure_key

    ensure_key(settings.key_file)
    source = shown(settings.config)
    if not settings.config.exists():
        if check_slugs():
            say(f"there is no {source}: watching what was applied last")
            return
        example.write(settings.config, force=False)
        say(f"wrote {source}: it watches FRONTEND_URL, BACKEND_URL and WEBSOCKET_URL; change it as you like")
    spec = load(settings.config, conf.environment())
    _say_notices(spec, say)
    # The file is what the person who starts us wants: what it names no more is archived, and said.
    done = apply(spec, now_us(), source, archive=True, by=system_user())
    for change in done.changes:
        if change.action == "archive":
            say(f"archived {change.noun} {change.slug}: its history stays")
    _say_checks(spec, say)


def _say_notices(spec: ConfigSpec, say: Say) -> None:
    for notice in spec.notices:
        say(notice)  # it names the file and the line itself


def _say_checks(spec: ConfigSpec, say: Say) -> None:
    """Name what is watched, as far as people read it."""
    from trueup.config.excerpt import masked_address

    checks = [(component.name, check) for component in spec.components for check in component.checks]
    for name, check in checks[:_NAMED]:
        say(f"{name}: {check.kind} {masked_address(check.target)} every {duration.text(check.interval_us)}")
    if len(checks) > _NAMED:
        say(f"and {len(checks) - _NAMED} more checks")
