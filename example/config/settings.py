"""Settings of a project that has trueup installed."""

import os
from pathlib import Path

from trueup.store.connection import database_settings

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("SECRET_KEY", "only-for-this-example")
DEBUG = os.environ.get("DEBUG") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
INSTALLED_APPS += ["trueup"]

# SQLite or PostgreSQL, set as the ledger needs it; by hand is as good, `manage.py check` looks.
DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL") or BASE_DIR / "db.sqlite3")}

# What trueup should know; every key is a setting of trueup without TRUEUP_. What the environment says
# comes first. CONFIG and DATA lie in BASE_DIR unless they are named here.
TRUEUP = {"KEEP_SAMPLES": "90d"}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
TIME_ZONE = "Europe/Moscow"
LANGUAGE_CODE = "en-us"
STATIC_URL = "static/"
