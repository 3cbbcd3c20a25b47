"""What lies over the ledger and never in it: maintenance, exclusions; and corrections of the ledger.

Each is a record of who wanted it, when, and why; it is superseded or cancelled, never deleted.
"""

from __future__ import annotations

from django.db import models

from trueup.store.models.config import Check, Component, Contract
from trueup.store.models.identity import Known
from trueup.store.models.ledger import LedgerEntry


class MaintenanceRule(Known):
    """A maintenance that comes again: a rule of RFC 5545 in a time zone."""

    name = models.CharField(max_length=255)
    body = models.TextField(blank=True)
    rule = models.TextField()  # RRULE, without its name
    timezone = models.CharField(max_length=100)
    first = models.CharField(max_length=19)  # local wall time, YYYY-MM-DDTHH:MM:SS
    duration_s = models.BigIntegerField()
    components = models.ManyToManyField(Component, related_name="+")
    expanded_until_us = models.BigIntegerField(default=0)  # rows exist for every start before this
    ended_at = models.DateTimeField(null=True)  # people ended it: nothing new comes from it
    by = models.CharField(max_length=150, blank=True)

    class Meta:
        app_label = "trueup"


class Maintenance(Known):
    """A planned interruption; when it is stands in its revisions."""

    name = models.CharField(max_length=255)
    body = models.TextField(blank=True)
    rule = models.ForeignKey(MaintenanceRule, on_delete=models.PROTECT, null=True, related_name="occurrences")
    due_us = models.BigIntegerField(null=True)  # of a rule: the start that it gave, which names it

    class Meta:
        app_label = "trueup"
        constraints = [models.UniqueConstraint(fields=["rule", "due_us"], name="trueup_occurrence_once")]


class MaintenanceRevision(models.Model):
    """When a maintenance is, as announced at an instant; never changed."""

    maintenance = models.ForeignKey(Maintenance, on_delete=models.PROTECT, related_name="revisions")
    number = models.IntegerField()
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)
    components = models.ManyToManyField(Component, related_name="+")
    announced_at = models.DateTimeField()  # of the server, when it was entered
    by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "trueup"
        constraints = [
            models.UniqueConstraint(fields=["maintenance", "number"], name="trueup_maintenance_revision"),
            models.CheckConstraint(
                condition=models.Q(end_at__gt=models.F("start_at")), name="trueup_maintenance_forward"
            ),
        ]


class Reviewed(Known):
    """What one asks for and another decides."""

    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    reason = models.TextField()
    evidence = models.TextField(blank=True)  # what shows it: words, links, ticket numbers
    asked_by = models.CharField(max_length=150)
    decision = models.CharField(max_length=8, blank=True)  # approved | refused; empty: open
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_why = models.TextField(blank=True)

    class Meta:
        abstract = True


class Exclusion(Reviewed):
    """Time that one contract does not count, for a reason that the contract knows."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="exclusions")
    kind = models.CharField(max_length=20, default="other")  # force_majeure | customer | other
    supersedes = models.ForeignKey(  # only an approved one supersedes: another may be asked after a refusal
        "self", on_delete=models.PROTECT, null=True, related_name="successors"
    )
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "trueup"


class Correction(Reviewed):
    """The ledger was wrong: what a check is to have been from an instant to another."""

    owner = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="corrections")
    state = models.CharField(max_length=8)  # what it is to have been
    applied_us = models.BigIntegerField(null=True)  # by the one writer of the ledger

    class Meta:
        app_label = "trueup"
        indexes = [
            models.Index(
                fields=["id"],
                name="trueup_correction_new",
                condition=models.Q(decision="approved", applied_us__isnull=True),
            )
        ]


class CorrectedEntry(models.Model):
    """A ledger entry that a correction superseded, or made."""

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="entries")
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="corrections")
    made = models.BooleanField()  # else superseded

    class Meta:
        app_label = "trueup"
