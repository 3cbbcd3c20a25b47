"""The public page and its files: ``path("status/", include("trueup.urls.pages"))``."""

from __future__ import annotations

from django.urls import path

from trueup.pages.assets import asset_view
from trueup.pages.status import status_page_view

urlpatterns = [
    path("", status_page_view, name="status_page"),
    path("assets/<str:name>", asset_view, name="status_page_asset"),
]
