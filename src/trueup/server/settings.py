"""Django's settings for the standalone site, made from ``trueup.conf``.

A host project that mounts trueup's URLs keeps its own settings and needs nothing from here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from trueup import conf
from trueup.store.connection import database_settings, memory_settings


def _derived_key(file: Path) -> str:
    # One key file a installation: Django gets a key of its own made from it, never the key itself.
    # Without a file nothing has been signed yet, and a key for this process alone is enough.
    master = file.read_bytes() if file.is_file() else secrets.token_bytes(32)
    return hmac.new(master, b"trueup django secret key", hashlib.sha256).hexdigest()


_conf = conf.current()

SECRET_KEY = _derived_key(_conf.key_file)
DEBUG = False
ALLOWED_HOSTS = list(_conf.hosts)
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "trueup"]
_address = _conf.database_url or _conf.data / "trueup.db"
DATABASES = {"default": memory_settings() if _conf.testing else database_settings(_address)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

ROOT_URLCONF = "trueup.server.urls"
WSGI_APPLICATION = "trueup.server.wsgi.application"
MIDDLEWARE = ["trueup.server.middleware.SecurityHeaders", "django.middleware.common.CommonMiddleware"]

# trueup writes its own log lines; Django's go through the same handlers of the root logger.
LOGGING_CONFIG = None
