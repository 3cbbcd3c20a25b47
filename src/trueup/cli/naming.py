"""What a slug on the command line names, or the sentence that says what could be meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trueup.store.read.named import Named


def checks(slug: str) -> list[Named]:
    """Return the checks that a slug names: its own, or all of its component.

    Raises:
        StartError: Nothing has that slug.
    """
    from trueup.store.read import named

    found = named.find(slug)
    if not found:
        raise _unknown(slug)
    return found


def check(slug: str) -> Named:
    """Return the one check that a slug names.

    Raises:
        StartError: Nothing has that slug, or a component with several checks.
    """
    from trueup.server.faults import StartError
    from trueup.store.read import named

    found = named.find_check(slug)
    if found is not None:
        return found
    several = checks(slug)
    raise StartError(
        f"{slug} has several checks. Name one of them: {', '.join(each.slug for each in several)}."
    )


def _unknown(slug: str) -> Exception:
    from trueup.server.faults import StartError
    from trueup.store.read import named

    slugs = named.slugs()
    near = difflib.get_close_matches(slug, slugs, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(slugs) or 'none yet'}."
    return StartError(f"There is no check or component {slug!r}. {hint}")
