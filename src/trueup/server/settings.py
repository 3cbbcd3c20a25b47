"""Django's settings for the standalone site."""

from __future__ import annotations

SECRET_KEY = "not used by the tests"  # noqa: S105
INSTALLED_APPS = ["trueup"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
TIME_ZONE = "UTC"
