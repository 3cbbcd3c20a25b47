"""From what is stored to a case: everything that enters a figure of a contract, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trueup.domain import calendar
from trueup.domain.interval import Span
from trueup.domain.sla import Case, Maintenance, Part, Timeline
from trueup.domain.sla.case import LINE
from trueup.figures.sla import overlay
from trueup.figures.sla.deal import Contract, Deal
from trueup.figures.sla.ledger import MARGIN_US, Ledger
from trueup.figures.sla.overlay import Overlays
from trueup.figures.sla.window import Looked
from trueup.store.read.component import ComponentRow
from trueup.store.read.exclusion import Excluded
from trueup.store.read.maintenance import Announced
from trueup.store.read.revisions import Revision


@dataclass(frozen=True, slots=True)
class Gathered:
    """A case, and what it was gathered from.

    ``rows`` are its components by their names in the terms; ``revisions`` is what each check asked in the
    window, by its slug; ``planned`` and ``decided`` are the records behind maintenance and exclusions. How
    many checks make a component down is not versioned: what is configured when it is gathered holds.
    """

    contract: Contract
    deal: Deal
    looked: Looked
    case: Case
    rows: Mapping[str, ComponentRow]
    revisions: Mapping[str, Sequence[Revision]]
    planned: Sequence[Announced]
    decided: Sequence[Excluded]


def reach(deal: Deal, looked: Looked) -> Span:
    """Return the time that can matter for a window: outages are measured whole, also outside of it."""
    margin_us = MARGIN_US + deal.terms.min_outage.length_us
    span = looked.span
    # Where unknown time repeats what was known last, that may be as old as the ledger.
    start_us = LINE.start_us if deal.terms.unknown == "carry" else span.start_us - margin_us
    return Span(start_us, span.end_us + margin_us)


def gathered(
    contract: Contract, looked: Looked, ledger: Ledger, overlays: Overlays, as_of_us: int
) -> Gathered:
    """Return the case of a contract over a window, as far as it has passed at an instant."""
    deal = contract.deal(looked.number)
    terms, hours = deal.terms, deal.terms.schedule
    within = reach(deal, looked)
    rows = {name: row for name, each in deal.components.items() if (row := ledger.row(each)) is not None}
    planned = overlays.touching([row.id for row in rows.values()], looked.span)
    decided = overlays.about(contract.id, looked.span)
    # Maintenance of single components takes these out. Where it has a cap, or does not exclude, naming
    # components must not lead round that: whatever touches one of them is planned for the whole service.
    single = terms.maintenance.mode == "exclude" and terms.maintenance.cap_us is None
    parts = []
    for name in deal.components:
        row = rows.get(name)
        own = [overlay.planned(each) for each in planned if single and row and row.id in each.components]
        checks = ledger.timelines(row, within, leaves=contract.built_in) if row else ()
        parts.append(_part(name, row, checks, own))
    made = Case(
        terms=terms,
        window=looked.spans,
        components=tuple(parts),
        maintenance=() if single else tuple(map(overlay.planned, planned)),
        exclusions=tuple(map(overlay.excluded, decided)),
        schedule=None if hours is None else calendar.schedule(hours, looked.span),
        as_of_us=as_of_us,
        contract_from_us=contract.deals[0].version.valid_from_us,
        contract_to_us=contract.until_us,
        fee=deal.fee if looked.own else None,
        period=None if looked.period == "rolling" else looked.period,
    )
    asked: dict[str, tuple[Revision, ...]] = {}
    for row in rows.values():
        asked |= ledger.revisions(row, looked.span)
    return Gathered(contract, deal, looked, made, rows, asked, planned, decided)


def _part(
    name: str, row: ComponentRow | None, checks: tuple[Timeline, ...], own: Sequence[Maintenance]
) -> Part:
    if row is None:  # it is not there: nothing is known of it
        return Part(name, ())
    ids = tuple(voice.check for voice in row.voices)
    return Part(name, checks, row.down_when, maintenance=tuple(own), check_ids=ids)
