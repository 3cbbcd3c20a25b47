"""Begin a process of ours: its log, its parent, Django."""

from __future__ import annotations

import os

from trueup.conf import Settings
from trueup.server import log
from trueup.server.processes import die_with_parent, unblock_signals


def process(name: str, settings: Settings, parent: int | None = None) -> None:
    """Set up this process: log lines bear its name; it ends with ``parent`` where one is given."""
    unblock_signals()
    if parent is not None:
        die_with_parent(parent)
    log.setup(settings.log_format, settings.log_level, name)


def django() -> None:
    """Set up Django for the standalone site."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trueup.server.settings")
    import django

    django.setup()
