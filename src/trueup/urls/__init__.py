"""What a project mounts: all of trueup here, or one of the modules alone.

``path("", include("trueup.urls"))`` mounts the page at the root and the API under ``api/system/``.
"""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/system/", include("trueup.urls.uptime")),
    path("", include("trueup.urls.pages")),
]
