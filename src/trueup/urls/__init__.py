"""What a project mounts: all of trueup here, or one of the modules alone.

``path("", include("trueup.urls"))`` mounts the page at the root and the API under ``api/system/``, and the
same for each page under ``p/<slug>/``.
"""

from __future__ import annotations

from django.urls import include, path

from trueup.api.keys import keys_view

_OF_A_PAGE = [
    path("api/system/", include("trueup.urls.uptime")),
    path("", include("trueup.urls.pages")),
]

urlpatterns = [
    path(".well-known/trueup-keys.json", keys_view, name="keys"),
    *_OF_A_PAGE,
    path("p/<slug:page>/", include(_OF_A_PAGE)),
]
