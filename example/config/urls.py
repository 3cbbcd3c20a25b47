"""Addresses of the project: trueup's API where its clients look for it, and the page beside it."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/system/", include("trueup.urls.uptime")),
    path("status/", include("trueup.urls.pages")),
    path("admin/", admin.site.urls),
]
