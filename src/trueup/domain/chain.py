"""Find what was done to a chain of entries behind its back: edited, removed, inserted, put elsewhere.

What cannot be found from the chain alone: its newest entries taken away together, and a chain made anew
from some entry on. Who keeps a digest somewhere else finds those too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it is stored; ``intact`` tells that its digest is the one of what it says."""

    id: int
    previous: str
    digest: str
    intact: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, at which entry by id, in a sentence."""

    id: int
    what: str  # edited | removed | inserted | moved
    sentence: str


def faults(links: Sequence[Link]) -> list[Fault]:
    """Return all that does not hold in a chain, given in the order in which it is stored."""
    if _whole(links):
        return []
    found = [
        Fault(each.id, "edited", f"entry {each.id} does not say any more what was sealed: it was edited.")
        for each in links
        if not each.intact
    ]
    place = {each.id: number for number, each in enumerate(links)}
    chains, inserted = _chains(links)
    found += [
        Fault(each.id, "inserted", f"entry {each.id} follows another one's place: it was inserted.")
        for each in inserted
    ]
    begins = next((chain[0] for chain in chains if not chain[0].previous), None)
    for chain in chains:
        if chain[0] is not begins:
            found += _start(chain[0], links, place)
    found += _moved(chains, place)
    return sorted(found, key=lambda each: (each.id, each.what))


def _whole(links: Sequence[Link]) -> bool:
    previous = ""
    for each in links:
        if not each.intact or each.previous != previous:
            return False
        previous = each.digest
    return True


def _chains(links: Sequence[Link]) -> tuple[list[list[Link]], list[Link]]:
    """Return the pieces of the chain, each from its start, and the entries that stand beside it."""
    by_digest = {each.digest: each for each in links}
    followed = {each.previous for each in links}
    ends = [each for each in links if each.digest not in followed]
    walks = sorted((_walk(end, by_digest) for end in ends), key=lambda walk: (-len(walk), -walk[-1].id))
    chains: list[list[Link]] = []
    inserted: list[Link] = []
    seen: set[int] = set()
    for walk in walks:
        new = [each for each in walk if each.id not in seen]
        seen.update(each.id for each in new)
        if len(new) < len(walk) or _within(new, chains):
            inserted += new
        else:
            chains.append(new)
    return sorted(chains, key=lambda chain: chain[0].id), inserted


def _walk(end: Link, by_digest: dict[str, Link]) -> list[Link]:
    """Return what leads to an entry, from the start that can be reached."""
    walk, seen = [end], {end.id}
    while (before := by_digest.get(walk[-1].previous)) is not None and before.id not in seen:
        walk.append(before)
        seen.add(before.id)
    return walk[::-1]


def _within(piece: list[Link], chains: list[list[Link]]) -> bool:
    """Tell whether a piece stands between two entries that follow each other."""
    first, last = min(each.id for each in piece), max(each.id for each in piece)
    for chain in chains:
        ids = sorted(each.id for each in chain)
        if ids[0] < first and last < ids[-1] and not any(first < each < last for each in ids):
            return True
    return False


def _start(first: Link, links: Sequence[Link], place: dict[int, int]) -> list[Fault]:
    """Return what is wrong before the start of a piece."""
    before = links[place[first.id] - 1] if place[first.id] else None
    if not first.intact or (before is not None and not before.intact):
        return []  # the edited entry is named already
    if before is None:
        where = f"before entry {first.id}, which is not the first one"
    else:
        where = (
            f"between entries {before.id} and {first.id}, "
            f"or entry {before.id} was changed together with its digest"
        )
    return [Fault(first.id, "removed", f"something was removed {where}.")]


def _moved(chains: list[list[Link]], place: dict[int, int]) -> list[Fault]:
    found = []
    for chain in chains:
        for there, here in zip(chain, sorted(chain, key=lambda each: place[each.id]), strict=True):
            if there.id != here.id:
                words = f"entry {there.id} stands in the place of another one: it was moved."
                found.append(Fault(there.id, "moved", words))
    return found
