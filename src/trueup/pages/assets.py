"""The page's style, script and icon, served under a name that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from trueup.figures.document import accepts_gzip
from trueup.pages.message import message_page

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FILES = {"style": "page.css", "script": "page.js", "icon": "icon.svg"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    name: str  # with a part of its digest
    body: bytes
    packed: bytes
    content_type: str


def urls() -> dict[str, str]:
    """Return the address of each asset by what it is, as seen from the page: wherever that is mounted."""
    return {what: f"assets/{_asset(file).name}" for what, file in _FILES.items()}


def asset_view(request: HttpRequest, name: str, page: str = "") -> HttpResponse:  # noqa: ARG001 (of the path)
    """Answer with an asset, the same for each page; it may be kept for ever: other content, other name."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(("GET", "HEAD"))
    found = next((each for each in map(_asset, _FILES.values()) if each.name == name), None)
    if found is None:
        return message_page(404, "There is no such file", "The page names the files that belong to it.")
    packed = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(found.packed if packed else found.body, content_type=found.content_type)
    response.headers["Cache-Control"] = _FOR_EVER
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=len(_FILES))
def _asset(file: str) -> Asset:
    path = _FOLDER / file
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:10]
    name = f"{path.stem}.{digest}{path.suffix}"
    return Asset(name, body, gzip.compress(body, compresslevel=9, mtime=0), _TYPES[path.suffix])
