"""``/.well-known/trueup-keys.json``: the public keys with which anybody verifies our statements."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from trueup.reports import key, signer

_FIVE_MINUTES = "public, max-age=300"


def keys_view(request: HttpRequest) -> HttpResponse:
    """Return every public key, the newest first; old ones stay, for statements that they signed."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(("GET", "HEAD"))
    body = json.dumps(key.document(signer.published()), indent=2) + "\n"
    headers = {"Cache-Control": _FIVE_MINUTES, "Access-Control-Allow-Origin": "*"}
    return HttpResponse(body, content_type="application/json; charset=utf-8", headers=headers)
