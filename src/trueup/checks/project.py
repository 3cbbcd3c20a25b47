"""Whether the project around trueup is set as it needs it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage

from trueup import conf
from trueup.checks.finding import found

_SITE_CACHE = "django.middleware.cache.UpdateCacheMiddleware"


def the_project(**_: object) -> list[CheckMessage]:
    """Return what is wrong with the settings of the project."""
    messages = []
    if not settings.USE_TZ:
        messages.append(found("trueup.E003"))
    given = getattr(settings, "TRUEUP", {})
    if not isinstance(given, dict):
        return [*messages, found("trueup.E005", f"it is no dictionary, but {given!r}.")]
    messages += [found("trueup.E005", sentence) for sentence in conf.refusals(given)]
    try:
        ours = conf.current()
    except conf.SettingError as error:
        return [*messages, found("trueup.E005", str(error))]
    if any(_lies_in(ours.data, getattr(settings, name, None)) for name in ("MEDIA_ROOT", "STATIC_ROOT")):
        messages.append(found("trueup.E006", ours.data))
    if not ours.config.exists():
        messages.append(found("trueup.W006", ours.config))
    if _SITE_CACHE in settings.MIDDLEWARE:
        messages.append(found("trueup.W009"))
    return messages


def _lies_in(data: Path, root: object) -> bool:
    return bool(root) and data.resolve().is_relative_to(Path(str(root)).resolve())
