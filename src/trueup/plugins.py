"""Find what extends us: the modules of a package, and entry points of other distributions."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from importlib.metadata import entry_points

_log = logging.getLogger(__name__)


def load(package: str, group: str) -> None:
    """Import every module of one of our packages, then every entry point of a group.

    A module registers what it holds when it is imported. An extension that cannot be imported is
    logged with its distribution and left out: it must not stop what works.
    """
    home = importlib.import_module(package)
    for module in sorted(pkgutil.iter_modules(home.__path__), key=lambda each: each.name):
        importlib.import_module(f"{package}.{module.name}")
    for point in sorted(entry_points(group=group), key=lambda each: each.name):
        try:
            point.load()
        except Exception:  # noqa: BLE001 - somebody else's code
            owner = point.dist.name if point.dist else "an unnamed distribution"
            _log.exception(
                "extension %s of %s (%s) cannot be imported and is left out", point.name, owner, group
            )
