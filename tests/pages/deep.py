"""A host project that mounts the API and the page far down, in a namespace, and the page once more."""

from __future__ import annotations

from django.urls import include, path

_OURS = ([path("api/", include("trueup.urls.uptime")), path("", include("trueup.urls.pages"))], "trueup")

urlpatterns = [
    path("monitoring/up/", include(_OURS)),
    path("elsewhere/", include("trueup.urls.pages")),
]
