"""Take in, end and erase subscribers; the log knows them by a salted hash of their address, never by it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from trueup.access import audit
from trueup.access.actor import Actor
from trueup.access.who import AccessError
from trueup.store.read import page as pages
from trueup.store.read import subscriber as read
from trueup.store.seal import Seal
from trueup.store.write import subscriber as write


def add(
    page: str, address: str, components: Sequence[str], seal: Seal, by: Actor, kind: str = ""
) -> write.Added:
    """Subscribe an address to a page; the one who acts vouches for it, so it is confirmed at once.

    Args:
        page: The slug of the page.
        address: An e-mail address, or an https:// address for a webhook.
        components: The slugs of components of the page; none: all of it.
        seal: The key of secrets.
        by: Who does it.
        kind: ``email`` or ``webhook``; by the address where empty.

    Raises:
        AccessError: The page, a component or the address cannot be, or it is subscribed already.
        SealError: The key of secrets cannot be used.
    """
    kind = kind or ("webhook" if "://" in address else "email")
    _require_address(kind, address)
    found = pages.of(page)
    if found is None or not found.public_id:
        names = ", ".join(pages.slugs()) if found is None else "none yet: run `trueup apply`"
        raise AccessError(f"There is no page {page!r} to subscribe to. Known are: {names}.")
    ids = {each.slug: each.public_id for each in found.components}
    for slug in components:
        if slug not in ids:
            raise AccessError(f"{slug!r} is no component of the page {page}. Known are: {', '.join(ids)}.")
    with transaction.atomic():
        if (there := read.subscribed(page, kind, address)) is not None:
            raise AccessError(f"That address is subscribed to {page} already, as {there}.")
        made = write.add(page, kind, address, [ids[slug] for slug in components], seal, by.now_us)
        write.confirm(made.public_id, by.now_us)
        after = {"page": page, "kind": kind, "components": list(components), "fingerprint": made.fingerprint}
        audit.record(by.who, "add", "subscriber", made.public_id, None, after, by.source, by.now_us)
    return made


def remove(public_id: str, by: Actor) -> None:
    """End a subscription; the address is kept, so that nobody subscribes it again unnoticed.

    Raises:
        AccessError: There is none, or it has ended.
    """
    _end(public_id, "remove", by)


def erase(public_id: str, by: Actor) -> None:
    """Forget the address of a subscriber for ever, and end the subscription.

    Raises:
        AccessError: There is none, or it is erased.
    """
    _end(public_id, "erase", by)


def _end(public_id: str, verb: str, by: Actor) -> None:
    found = read.find(public_id)
    if found is None:
        raise AccessError(f"There is no subscriber {public_id!r}. `trueup subscriber list` names them.")
    with transaction.atomic():
        act = write.erase if verb == "erase" else write.end
        if not act(public_id, by.now_us):
            raise AccessError(f"subscriber {public_id} is {found.status} already.")
        before, after = {"status": found.status}, {"status": "erased" if verb == "erase" else "ended"}
        audit.record(by.who, verb, "subscriber", public_id, before, after, by.source, by.now_us)


def _require_address(kind: str, address: str) -> None:
    if kind == "email":
        try:
            validate_email(address)
        except ValidationError:
            raise AccessError("That is no e-mail address. Write for instance anna@example.org.") from None
        return
    if kind != "webhook":
        raise AccessError(f"--kind {kind}: write email or webhook.")
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise AccessError("That is no address for a webhook. Write for instance https://example.org/hook.")
