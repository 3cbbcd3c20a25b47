"""What people say about outages: incidents and their updates, which are only ever added to."""

from __future__ import annotations

from django.db import models

from trueup.store.models.config import Component
from trueup.store.models.identity import Known
from trueup.store.models.ledger import LedgerEntry


class Incident(Known):
    """Something that people are told about; its status is that of its newest update."""

    name = models.CharField(max_length=255)
    severity = models.CharField(max_length=2)  # P1 | P2 | P3 | P4
    status = models.CharField(max_length=16)
    origin = models.CharField(max_length=8, default="hand")  # hand | machine
    started_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)  # null: a draft, seen inside only
    root_cause = models.TextField(blank=True)
    components = models.ManyToManyField(Component, through="IncidentComponent", related_name="incidents")
    outages = models.ManyToManyField(LedgerEntry, through="IncidentOutage", related_name="incidents")

    class Meta:
        app_label = "trueup"
        ordering = ("-started_at", "-id")


class IncidentComponent(models.Model):
    """What an incident does to a component."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE)
    component = models.ForeignKey(Component, on_delete=models.PROTECT)
    impact = models.CharField(max_length=12, default="down")  # degraded | partial | down | maintenance

    class Meta:
        app_label = "trueup"
        constraints = [
            models.UniqueConstraint(fields=["incident", "component"], name="trueup_incident_component")
        ]


class IncidentOutage(models.Model):
    """A ledger entry that belongs to an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE)
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT)

    class Meta:
        app_label = "trueup"
        constraints = [models.UniqueConstraint(fields=["incident", "entry"], name="trueup_incident_outage")]


class IncidentUpdate(Known):
    """One step of an incident's life, in people's words; never changed."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    status = models.CharField(max_length=16)
    body = models.TextField(blank=True)
    by = models.CharField(max_length=150, blank=True)
    display_at = models.DateTimeField()  # may lie before ``created_at``: with a reason
    reason = models.CharField(max_length=200, blank=True)  # why it is back-dated
    changes = models.JSONField(default=list)  # [{"component": public id, "from": impact, "to": impact}]

    class Meta:
        app_label = "trueup"
        ordering = ("-display_at", "-id")
