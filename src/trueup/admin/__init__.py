"""What Django's admin shows of trueup: everything there is to read, and nothing that could be changed.

What is configured stands in ``trueup.yaml``; the ledger and its evidence are written by the engine alone.
"""

from __future__ import annotations

from django.contrib import admin

from trueup.admin.config import CheckAdmin, ComponentAdmin
from trueup.admin.ledger import EvidenceAdmin, LedgerAdmin
from trueup.admin.outbox import EventAdmin
from trueup.store.models import Check, Component, Event, Evidence, LedgerEntry

_SHOWN = (
    (Component, ComponentAdmin, "component", "components"),
    (Check, CheckAdmin, "check", "checks"),
    (LedgerEntry, LedgerAdmin, "ledger entry", "ledger"),
    (Evidence, EvidenceAdmin, "piece of evidence", "evidence"),
    (Event, EventAdmin, "event", "events"),
)

for _model, _admin, _one, _many in _SHOWN:
    # Names for people are the admin's matter: in the models they would be migrations.
    _model._meta.verbose_name, _model._meta.verbose_name_plural = _one, _many
    admin.site.register(_model, _admin)
