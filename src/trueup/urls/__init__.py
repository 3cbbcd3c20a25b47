"""What a project mounts: all of trueup here, or one of the modules alone.

``path("", include("trueup.urls"))`` mounts the page at the root and the API under ``api/system/``.
"""

from __future__ import annotations

from django.urls import include, path

from trueup.api.keys import keys_view

urlpatterns = [
    path("api/system/", include("trueup.urls.uptime")),
    path(".well-known/trueup-keys.json", keys_view, name="keys"),
    path("", include("trueup.urls.pages")),
]
