"""trueup as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class TrueupConfig(AppConfig):
    """The one application of the product."""

    name = "trueup"
    label = "trueup"
    verbose_name = "trueup"
    default_auto_field = "django.db.models.BigAutoField"
