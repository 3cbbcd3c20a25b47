"""Heartbeats: what is configured of them, and the calls that wait to be taken in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery

from trueup.store.models import Beat, CheckRevision, Event

DEAF = "calls.unheard"  # the kind of event that says when no call could be heard


class Configured(NamedTuple):
    """What the newest revision of a heartbeat says."""

    check: int
    valid_from_us: int
    kind: str
    target: str
    options: Mapping[str, Any]  # as stored: a heartbeat has no secrets
    expect: tuple[str, ...]
    degraded_when: tuple[str, ...]


class Waiting(NamedTuple):
    """A call that has not been taken in."""

    id: int
    check: int
    at_us: int
    kind: str
    run: str
    exit_status: int | None
    body: bytes


def configured(kinds: Collection[str]) -> Iterator[Configured]:
    """Yield the heartbeats, archived ones too: the checks whose newest revision is of one of these kinds."""
    newest = CheckRevision.objects.filter(owner=OuterRef("owner")).order_by("-number").values("number")[:1]
    rows = CheckRevision.objects.filter(kind__in=kinds, number=Subquery(newest)).order_by("owner_id")
    columns = ("owner_id", "valid_from_us", "kind", "target", "options", "expect", "degraded_when")
    for check, valid_us, kind, target, options, expect, degraded_when in rows.values_list(*columns):
        yield Configured(check, valid_us, kind, target, options, tuple(expect), tuple(degraded_when))


def waiting(most: int = 1_000) -> list[Waiting]:
    """Return the calls that have not been taken in, in the order in which they were stored."""
    rows = Beat.objects.filter(taken_us__isnull=True).order_by("id")
    columns = ("id", "owner_id", "at_us", "kind", "run_id", "exit_status", "body")
    found = rows.values_list(*columns)[:most]
    return [
        Waiting(one, check, at_us, kind, run, exit_status, bytes(body))
        for one, check, at_us, kind, run, exit_status, body in found
    ]


def deaf(since_us: int) -> list[tuple[int, int]]:
    """Return when no call could be heard, from and until, as far as it ended after an instant."""
    rows = Event.objects.filter(kind=DEAF).order_by("at_us").values_list("at_us", "payload")
    return [(at_us, payload["until_us"]) for at_us, payload in rows if payload["until_us"] > since_us]
