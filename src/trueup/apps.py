"""trueup as a Django application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig

from trueup import conf


class TrueupConfig(AppConfig):
    """The one application of the product."""

    name = "trueup"
    label = "trueup"
    verbose_name = "trueup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take the project's settings, and have its configuration looked at by Django's checks."""
        from django.conf import settings

        from trueup import checks

        conf.adopt(_settings(settings))
        checks.register()


def _settings(settings: Any) -> dict[str, object]:
    """Return the setting ``TRUEUP``; where it names no file and no data, they lie in ``BASE_DIR``."""
    base = getattr(settings, "BASE_DIR", None)
    places: dict[str, object] = (
        {} if base is None else {"CONFIG": Path(base) / "trueup.yaml", "DATA": Path(base) / "data"}
    )
    given = getattr(settings, "TRUEUP", {})
    return {**places, **given} if isinstance(given, dict) else places
