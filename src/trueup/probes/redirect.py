"""Where an answer redirects to (RFC 9110 15.4), and whether we go there."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

from trueup.domain.result import FailureClass
from trueup.net.transfer import Request, Transfer
from trueup.probes.address import AddressError, Url, read_url
from trueup.probes.base import ProbeError
from trueup.probes.header import Headers

_REDIRECTS = (301, 302, 303, 307, 308)
_KEEP_METHOD = (307, 308)
_SCHEMES = ("http", "https")


def redirected(transfer: Transfer) -> tuple[Url, str] | None:
    """Return the address and the method that an answer leads to, None where it leads nowhere.

    The request's name begins with its method.

    Raises:
        ProbeError: It leads where we do not go.
    """
    if (status := transfer.status) not in _REDIRECTS:
        return None
    location = Headers(transfer.headers).get("location", "")
    if not location:
        return None
    url = _target_of(transfer.request, location, status)
    method = transfer.request.name.partition(" ")[0]
    if status not in _KEEP_METHOD and method not in ("GET", "HEAD"):
        method = "GET"  # what every browser does
    return url, method


def check_way(url: Url, method: str, before: Sequence[Request], limit: int) -> None:
    """Do nothing where a redirect leads on.

    Raises:
        ProbeError: It leads in a circle, or there were too many.
    """
    name = f"{method} {url.text}"
    if any(name == each.name for each in before):
        raise ProbeError(FailureClass.REDIRECT, "redirect.loop", location=url.text)
    if len(before) > limit:
        raise ProbeError(FailureClass.REDIRECT, "redirect.many", limit=limit, location=url.text)


def _target_of(request: Request, location: str, status: int) -> Url:
    try:
        return read_url(urljoin(request.url, location.replace(" ", "%20")), _SCHEMES)
    except (AddressError, ValueError):
        scheme = location.partition(":")[0].lower() if ":" in location else ""
        identity = "redirect.scheme" if scheme and scheme not in _SCHEMES else "redirect.invalid"
        raise ProbeError(FailureClass.REDIRECT, identity, location=location[:500], status=status) from None
