"""A host project that mounts the page and nothing else."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("status/", include("trueup.urls.pages"))]
