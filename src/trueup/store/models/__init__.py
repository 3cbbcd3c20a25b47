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
from trueup.store.models.contract import ContractVersion, SigningKey, Statement
from trueup.store.models.history import Batch, Block, Journal
from trueup.store.models.incident import Incident, IncidentComponent, IncidentOutage, IncidentUpdate
from trueup.store.models.ledger import Blip, Evidence, Interruption, LedgerEntry, SeriesState
from trueup.store.models.outbox import Beat, Delivery, Event, Vital
from trueup.store.models.overlay import (
    CorrectedEntry,
    Correction,
    Exclusion,
    Maintenance,
    MaintenanceRevision,
    MaintenanceRule,
)
from trueup.store.models.page import Page, PageComponent, PageGroup, Subscriber
from trueup.store.models.people import AuditEntry, Member
from trueup.store.models.token import PushDoor, Repeated, SecondFactor, Token

__all__ = [
    "AuditEntry",
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
    "ContractVersion",
    "CorrectedEntry",
    "Correction",
    "Delivery",
    "Event",
    "Evidence",
    "Exclusion",
    "Incident",
    "IncidentComponent",
    "IncidentOutage",
    "IncidentUpdate",
    "Interruption",
    "Journal",
    "LedgerEntry",
    "Maintenance",
    "MaintenanceRevision",
    "MaintenanceRule",
    "Member",
    "Page",
    "PageComponent",
    "PageGroup",
    "PushDoor",
    "Region",
    "Repeated",
    "SecondFactor",
    "Series",
    "SeriesState",
    "SigningKey",
    "Site",
    "Statement",
    "Subscriber",
    "Token",
    "Vital",
]
