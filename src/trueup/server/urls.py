"""The addresses of the standalone site."""

from __future__ import annotations

from django.urls import include, path

from trueup.api.health import healthz_view, readyz_view

urlpatterns = [
    path("healthz", healthz_view, name="healthz"),
    path("readyz", readyz_view, name="readyz"),
    # By name: urls is a room beside this one.
    path("", include("trueup.urls")),
]

handler400 = "trueup.server.errors.bad_request"
handler404 = "trueup.server.errors.not_found"
handler500 = "trueup.server.errors.server_error"
