"""The tables, by what they are for.

Instants that people enter are aware datetimes (``..._at``); instants that machines count with are
integer microseconds UTC (``..._us``), in the ledger and in everything written each tick.
"""

from trueup.store.models.config import (
    Channel,
    Check,
    CheckRevision,
    Component,
    ConfigRevision,
    Contract,
    Region,
    Series,
    Site,
)
from trueup.store.models.history import Batch, Block, Journal
from trueup.store.models.ledger import Blip, Evidence, Interruption, LedgerEntry, SeriesState
from trueup.store.models.outbox import Beat, Delivery, Event, Vital

__all__ = [
    "Batch",
    "Beat",
    "Blip",
    "Block",
    "Channel",
    "Check",
    "CheckRevision",
    "Component",
    "ConfigRevision",
    "Contract",
    "Delivery",
    "Event",
    "Evidence",
    "Interruption",
    "Journal",
    "LedgerEntry",
    "Region",
    "Series",
    "SeriesState",
    "Site",
    "Vital",
]
