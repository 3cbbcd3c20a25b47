"""The password of a page: whether one is right, and the cookie that says it was given."""

from __future__ import annotations

import hashlib
import hmac
import logging
from functools import lru_cache
from pathlib import Path

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

from trueup import conf
from trueup.access import client
from trueup.access.throttle import Throttle
from trueup.domain import reference
from trueup.store.keyfile import SealError
from trueup.store.read.page import PageRow
from trueup.store.seal import Seal

log = logging.getLogger("trueup.access")

FAILURES = Throttle(10, 300_000_000)  # of a place, with a page
_COOKIE = "trueup_page_"
_MONTH_S = 30 * 86_400


def is_right(stored: str, given: str) -> bool:
    """Return whether a word is the password that is stored, sealed or as a reference; in constant time."""
    password = _password(stored)
    if not password:
        return False
    return hmac.compare_digest(_bytes(password), _bytes(given))


def remembers(request: HttpRequest, page: PageRow, stored: str) -> bool:
    """Return whether a request bears the cookie of a page, given for the password that holds now."""
    value, signer = request.COOKIES.get(_COOKIE + page.slug), _signer(page, stored)
    if value is None or signer is None:
        return False
    try:
        return bool(signer.unsign(value, max_age=_MONTH_S) == page.slug)
    except BadSignature:
        return False


def remember(request: HttpRequest, response: HttpResponse, page: PageRow, stored: str) -> None:
    """Set the cookie of a page for a month; another password ends it."""
    signer = _signer(page, stored)
    assert signer is not None, "a page without a password asks for none"
    response.set_cookie(
        _COOKIE + page.slug,
        signer.sign(page.slug),
        max_age=_MONTH_S,
        secure=client.is_secure(request),
        httponly=True,
        samesite="Lax",
    )


def _signer(page: PageRow, stored: str) -> TimestampSigner | None:
    password = _password(stored)
    if not password:
        return None
    # The digest never leaves this process: it is a part of what the key is made of.
    digest = hashlib.sha256(_bytes(password)).hexdigest()
    return TimestampSigner(salt=f"trueup page {page.public_id} {digest}")


def _password(stored: str) -> str:
    """Return the password itself; empty, which opens nothing, where it cannot be known."""
    if not stored:
        return ""
    try:
        written = stored if reference.is_whole(stored) else _opened(stored, conf.current().key_file)
        return reference.expand(written, conf.environment())
    except (LookupError, ValueError, SealError) as error:
        log.error("the password of a page cannot be read: nobody is let in", extra={"why": str(error)})
        return ""


@lru_cache(maxsize=64)
def _opened(sealed: str, key_file: Path) -> str:
    return Seal(key_file).open(sealed)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
