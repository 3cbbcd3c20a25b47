"""Whether a request comes from those who run the installation."""

from __future__ import annotations

from django.http import HttpRequest

from trueup.access import token
from trueup.access.asked import session_role
from trueup.access.who import OPERATOR, may


def staff(request: HttpRequest, now_us: int) -> bool | None:
    """Return whether it does; None: it shows nothing that is good here.

    That is the session of an operator or an admin, or a token that may read and is not for one page only.

    Args:
        request: Whose ``Authorization`` and cookies count.
        now_us: The instant, microseconds UTC.
    """
    role = session_role(request)
    if may(role, OPERATOR):
        return True
    scheme, _, said = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    holder = token.find(said.strip(), now_us) if scheme.lower() == "bearer" else None
    if holder is not None and holder.may(token.READ) and holder.page is None:
        return True
    return False if role or holder is not None else None
