"""The API of uptime: ``path("api/system/", include("trueup.urls.uptime"))``."""

from __future__ import annotations

from django.urls import path

from trueup.api.components import components_status_view
from trueup.api.incidents import incidents_history_view
from trueup.api.sla_metrics import sla_metrics_view
from trueup.api.system_uptime import uptime_status_view

urlpatterns = [
    path("uptime/", uptime_status_view, name="uptime_status"),
    path("uptime/components/", components_status_view, name="components_status"),
    path("uptime/incidents/", incidents_history_view, name="incidents_history"),
    path("uptime/sla/", sla_metrics_view, name="sla_metrics"),
]
