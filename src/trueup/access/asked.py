"""Which page a request asks for, and whether whoever sends it may see it."""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from trueup.access import client, password, token
from trueup.access.who import VIEWER, may
from trueup.domain.audience import Audience
from trueup.store.read import user
from trueup.store.read.page import Directory, PageRow

log = logging.getLogger("trueup.access")


@dataclass(frozen=True, slots=True)
class Grant:
    """A page that may be shown, and to whom."""

    page: PageRow
    audience: Audience


class Why(StrEnum):
    """Why nothing is shown."""

    NO_PAGE = "no page"
    NOTHING = "nothing was shown"  # no password, no token
    NOT_GOOD = "what was shown opens nothing here"
    TOO_OFTEN = "too many wrong ones"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A page that is not shown; nothing of it may be in the answer."""

    why: Why
    privacy: str = ""  # of the page: password | token; empty where there is no page
    wait_us: int = 0  # before the next try

    @property
    def status(self) -> int:
        """Return the status of the answer in HTTP."""
        return {Why.NO_PAGE: 404, Why.TOO_OFTEN: 429}.get(self.why, 401)


def asked(
    request: HttpRequest, directory: Directory, slug: str, now_us: int, *, inside: bool = False
) -> Grant | Refusal:
    """Return whether a request may see the page that it asks for.

    A page that is open to everybody costs no query, whatever the request shows, unless ``inside``.

    Args:
        request: Whose path, host, ``Authorization`` and cookies count; a token in the query does not.
        directory: The pages there are.
        slug: Of the path, as ``/p/<slug>/`` gives it; empty: the host name says, else the first page.
        now_us: The instant, microseconds UTC.
        inside: The document says more to those inside, so that it matters who asks also where all may.
    """
    page = find(directory, slug, request.get_host())
    if page is None:
        return Refusal(Why.NO_PAGE)
    is_open = page.privacy == "public"
    if is_open and not inside:
        return Grant(page, Audience.PUBLIC)
    shown, audience = _shown(request, page, directory.locks.get(page.slug, ""), now_us)
    if audience is not None:
        return Grant(page, Audience.PUBLIC if is_open and audience is Audience.MEMBER else audience)
    if is_open:
        return Grant(page, Audience.PUBLIC)
    wait_us = _wait_us(request, page, now_us) if page.privacy == "password" else 0
    if wait_us:
        return Refusal(Why.TOO_OFTEN, page.privacy, wait_us)
    return Refusal(Why.NOT_GOOD if shown else Why.NOTHING, page.privacy)


def entered(
    request: HttpRequest, directory: Directory, slug: str, given: str, now_us: int
) -> Grant | Refusal:
    """Return whether a word that somebody entered opens the page; wrong ones are counted."""
    page = find(directory, slug, request.get_host())
    if page is None:
        return Refusal(Why.NO_PAGE)
    if page.privacy != "password":
        return (
            Grant(page, Audience.PUBLIC) if page.privacy == "public" else Refusal(Why.NOTHING, page.privacy)
        )
    if _tried(request, page, directory.locks.get(page.slug, ""), given, now_us):
        return Grant(page, Audience.MEMBER)
    wait_us = _wait_us(request, page, now_us)
    return Refusal(Why.TOO_OFTEN if wait_us else Why.NOT_GOOD, page.privacy, wait_us)


def find(directory: Directory, slug: str, host: str) -> PageRow | None:
    """Return the page of a path, else of a host name (with or without a port), else the first one."""
    if slug:
        return directory.of_slug(slug)
    domain, _ = split_domain_port(host)
    return (directory.of_host(domain) if domain else None) or directory.default


def _shown(request: HttpRequest, page: PageRow, stored: str, now_us: int) -> tuple[bool, Audience | None]:
    """Return whether the request shows anything, and what that makes of who sends it."""
    scheme, _, said = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    shown = scheme.lower()
    if shown == "bearer":
        holder = token.find(said.strip(), now_us)
        if holder is not None and holder.may(token.READ) and holder.page in (None, page.slug):
            return True, Audience.INSIDE if holder.page is None else Audience.MEMBER
    if may(session_role(request), VIEWER):
        return True, Audience.INSIDE
    if page.privacy == "password":
        if password.remembers(request, page, stored):
            return True, Audience.MEMBER
        if shown == "basic" and _basic(request, page, stored, said, now_us):
            return True, Audience.MEMBER
    return bool(shown), None


def _basic(request: HttpRequest, page: PageRow, stored: str, said: str, now_us: int) -> bool:
    try:
        pair = base64.b64decode(said.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return _tried(request, page, stored, pair.partition(":")[2], now_us)


def _tried(request: HttpRequest, page: PageRow, stored: str, given: str, now_us: int) -> bool:
    """Return whether a password is right; the wrong ones of a place are counted, and too many close it."""
    if _wait_us(request, page, now_us):
        return False
    if password.is_right(stored, given):
        return True
    password.FAILURES.failed((client.place(request), page.slug), now_us)
    log.warning("wrong password for a page", extra={"page": page.slug, "client": client.address(request)})
    return False


def _wait_us(request: HttpRequest, page: PageRow, now_us: int) -> int:
    return password.FAILURES.wait_us((client.place(request), page.slug), now_us)


def session_role(request: HttpRequest) -> str:
    """Return the role of who is signed in, empty where nobody is; without a session nothing is asked."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    account = getattr(request, "user", None)
    if account is None or not account.is_authenticated:
        return ""
    found = user.find(account.get_username())
    return "" if found is None or found.disabled_at is not None else found.role
