"""A page of two sentences, for when there is nothing else to show."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.html import format_html

from trueup.pages.security import HEADERS

# No style sheet: this page must be readable when nothing else works.
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>{title}</title></head>'
    "<body><main><h1>{title}</h1><p>{words}</p></main></body></html>"
)


def message_page(status: int, title: str, words: str) -> HttpResponse:
    """Return a page that says what happened and what to do."""
    response = HttpResponse(format_html(_PAGE, title=title, words=words), status=status)
    for name, value in (*HEADERS, ("Cache-Control", "no-store")):
        response.headers[name] = value
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response
