"""The API of uptime: ``path("api/system/", include("trueup.urls.uptime"))``."""

from __future__ import annotations

from django.urls import path

from trueup.api.system_uptime import uptime_status_view

urlpatterns = [path("uptime/", uptime_status_view, name="uptime_status")]
