"""Archive and restore by hand: what people made themselves, and what the file let go of."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from django.db import transaction

from trueup.domain.audit import Entry
from trueup.store.read import config as read
from trueup.store.read import slugs
from trueup.store.read.slugs import Named
from trueup.store.write import audit
from trueup.store.write import config as write

NOUNS = ("component", "check", "contract", "channel")


class ArchiveError(ValueError):
    """Something that cannot be archived or restored by hand: what, why and what to do."""


def archive(slug: str, now_us: int, noun: str = "", by: str = "", where: str = "") -> tuple[Named, ...]:
    """Archive what people made by hand, a component with its checks, and return all that was archived.

    ``by`` and ``where`` say who does it and from where, for the audit log.

    Raises:
        ArchiveError: There is no such thing, there are several, it is archived already, or a file manages it.
    """
    with transaction.atomic():
        write.lock()
        found = _one(slug, noun)
        if found.archived_us is not None:
            raise ArchiveError(
                f"{found.noun} {slug} is archived already. `trueup restore {slug}` brings it back."
            )
        rows = [found, *_living_checks(found)]
        for each in rows:
            if each.managed != write.HAND:
                raise ArchiveError(
                    f"{each.noun} {each.slug} is managed by the configuration file. "
                    "Take it out of the file and run `trueup apply`."
                )
        _archive(rows, now_us)
        _note("archive", rows, now_us, by, where)
    return tuple(rows)


def restore(slug: str, now_us: int, noun: str = "", by: str = "", where: str = "") -> tuple[Named, ...]:
    """Restore what is archived, by hand from then on, and return all that was restored.

    A component comes with the checks that were archived with it, a check with its component. ``by`` and
    ``where`` say who does it and from where, for the audit log.

    Raises:
        ArchiveError: There is no such thing, there are several, or it is not archived.
    """
    with transaction.atomic():
        write.lock()
        found = _one(slug, noun)
        if found.archived_us is None:
            raise ArchiveError(f"{found.noun} {slug} is not archived.")
        rows = [found]
        if found.noun == "component":
            checks = slugs.checks_of(found.id)
            rows += [each for each in checks if each.archived_us == found.archived_us]
        elif found.noun == "check":
            home = slugs.component(found.owner)
            rows = [home, found] if home.archived_us is not None else rows
        for each in NOUNS:
            write.hand_over(each, _ids(rows, each))
        write.restore_checks(_ids(rows, "check"), now_us)
        _note("restore", rows, now_us, by, where)
    return tuple(rows)


def _one(slug: str, noun: str) -> Named:
    """Return what a slug names; a component stands for its check of the same name."""
    found = [each for each in slugs.named(slug) if noun in ("", each.noun)]
    if not found:
        near = difflib.get_close_matches(slug, slugs.taken(), n=1)
        hint = (
            f"Did you mean {near[0]}?"
            if near
            else "`trueup status` and `trueup status --archived` list them."
        )
        raise ArchiveError(f"There is no {noun or 'thing'} with the slug {slug!r}. {hint}")
    components = [each for each in found if each.noun == "component"]
    if components:
        home = components[0]
        found = [each for each in found if each.noun != "check" or each.owner != home.id]
    if len(found) > 1:
        nouns = " and a ".join(each.noun for each in found)
        raise ArchiveError(f"{slug!r} names a {nouns}. Say which with --noun {found[0].noun}.")
    return found[0]


def _living_checks(found: Named) -> list[Named]:
    if found.noun != "component":
        return []
    return [each for each in slugs.checks_of(found.id) if each.archived_us is None]


def _archive(rows: Sequence[Named], now_us: int) -> None:
    write.archive_checks(_ids(rows, "check"), now_us)
    write.archive_components(_ids(rows, "component"), now_us)
    write.archive_contracts(_ids(rows, "contract"), now_us)
    write.archive_channels(_ids(rows, "channel"), now_us)


def _ids(rows: Sequence[Named], noun: str) -> list[int]:
    return [each.id for each in rows if each.noun == noun]


def _note(verb: str, rows: Sequence[Named], now_us: int, by: str, where: str) -> None:
    """Make it a configuration of its own, so that engine and pages follow; the file's digest stays."""
    first = rows[0]
    source = f"by hand: {verb} {first.slug}"
    write.add_revision(source, read.last_digest(), now_us)
    archived = verb == "archive"
    audit.append(
        Entry(
            at_us=now_us,
            who=by or source,
            verb=verb,
            noun=first.noun,
            subject=first.slug,
            before={"archived": not archived},
            after={"archived": archived, "with": [f"{each.noun} {each.slug}" for each in rows[1:]]},
            source=where or source,
        )
    )
