"""Headers that every answer of the standalone site carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from trueup.pages.security import HEADERS


class SecurityHeaders:
    """Add the security headers to whatever a view answers, unless the view has set its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the view's response with the headers."""
        response = self._get_response(request)
        for name, value in HEADERS:
            response.headers.setdefault(name, value)
        return response
