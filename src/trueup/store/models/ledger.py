"""The ledger: in which state every series was at every instant, and how it is known.

An edge is known by two probes: the last of the old state (a, c) and the first of the new (b, d),
each with when it was asked and when it was answered.
"""

from __future__ import annotations

from django.db import models

from trueup.store.models.config import Check, Series


class LedgerEntry(models.Model):
    """A span of one state. Inserted, closed once, then only superseded: triggers refuse the rest."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=8)
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField(null=True)  # null: open, counts up to SeriesState.covered_until_us
    cause = models.CharField(max_length=16, blank=True)  # FailureClass of the first probe
    text = models.JSONField(null=True)  # {"id": ..., "params": {...}}
    before_asked_us = models.BigIntegerField(null=True)  # a
    before_answered_us = models.BigIntegerField(null=True)
    first_asked_us = models.BigIntegerField(null=True)  # b
    first_answered_us = models.BigIntegerField(null=True)
    last_asked_us = models.BigIntegerField(null=True)  # c
    last_answered_us = models.BigIntegerField(null=True)
    after_asked_us = models.BigIntegerField(null=True)  # d
    after_answered_us = models.BigIntegerField(null=True)
    recorded_us = models.BigIntegerField()
    closed_us = models.BigIntegerField(null=True)
    superseded_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "trueup"
        indexes = [models.Index(fields=["series", "start_us"], name="trueup_entry_start")]
        constraints = [
            models.UniqueConstraint(
                fields=["series"],
                condition=models.Q(end_us__isnull=True, superseded_us__isnull=True),
                name="trueup_entry_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(end_us__isnull=True) | models.Q(end_us__gt=models.F("start_us")),
                name="trueup_entry_forward",
            ),
        ]


class SeriesState(models.Model):
    """Where one series stands: one row, rewritten with each of its results.

    The first part is ``domain.state.Track``, the second what was seen last, the third the run of
    results that are not up, for its evidence.
    """

    series = models.OneToOneField(Series, on_delete=models.PROTECT, primary_key=True)
    state = models.CharField(max_length=8)
    since_us = models.BigIntegerField()
    covered_until_us = models.BigIntegerField()
    floor_us = models.BigIntegerField()  # creation, or the last pause or resume: older probes do not count
    last_asked_us = models.BigIntegerField(null=True)  # the last probe that counted
    last_answered_us = models.BigIntegerField(null=True)
    before_asked_us = models.BigIntegerField(null=True)  # the last probe of the state, before ``pending``
    before_answered_us = models.BigIntegerField(null=True)
    pending = models.JSONField(default=list)  # the run not yet confirmed
    silent = models.BooleanField(default=False)  # coverage has run out, and the ledger says so
    silent_at_us = models.BigIntegerField(null=True)  # from when on it has run out if nothing comes

    last_state = models.CharField(max_length=8, blank=True)  # as seen, before confirmation
    last_cause = models.CharField(max_length=16, blank=True)
    good_us = models.BigIntegerField(null=True)  # when the last good probe was answered
    good_latency_us = models.BigIntegerField(null=True)
    epoch = models.PositiveSmallIntegerField(default=0)  # with slot and number: the newest result taken in
    slot = models.BigIntegerField(default=0)
    number = models.PositiveSmallIntegerField(default=0)
    results = models.BigIntegerField(default=0)  # ever, withdrawn ones too
    buckets = models.BinaryField(default=bytes)  # latencies of the good ones, ever (``store.buckets``)
    certificate_not_after_us = models.BigIntegerField(null=True)
    rules_from_us = models.BigIntegerField(default=0)  # its results are judged by revisions up to this one

    run_us = models.BigIntegerField(null=True)  # when the first probe of the run was asked; null: up
    run_count = models.IntegerField(default=0)
    run_kept_us = models.BigIntegerField(default=0)  # the newest of the run that is kept for good

    class Meta:
        app_label = "trueup"


class Blip(models.Model):
    """A run that was never confirmed: up in the point value, down in the band."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=8)  # what the run would have become
    cause = models.CharField(max_length=16, blank=True)
    before_asked_us = models.BigIntegerField(null=True)
    before_answered_us = models.BigIntegerField(null=True)
    first_asked_us = models.BigIntegerField()
    first_answered_us = models.BigIntegerField()
    last_asked_us = models.BigIntegerField()
    last_answered_us = models.BigIntegerField()
    after_asked_us = models.BigIntegerField(null=True)
    after_answered_us = models.BigIntegerField(null=True)
    probes = models.IntegerField()
    recorded_us = models.BigIntegerField()
    superseded_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "trueup"
        indexes = [models.Index(fields=["series", "first_asked_us"], name="trueup_blip_first")]


class Evidence(models.Model):
    """What was seen at an edge of an outage, degraded span or blip; kept as long as the ledger."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, db_index=False)
    run_us = models.BigIntegerField()  # when the first probe of the run was asked
    # before | failing (kept for good) | recent (one of the last 20, until 20 newer ones are there) | after
    role = models.CharField(max_length=8)
    number = models.IntegerField()  # counts the failing ones of the run, from 0
    asked_us = models.BigIntegerField()
    duration_us = models.BigIntegerField()
    state = models.CharField(max_length=8)
    cause = models.CharField(max_length=16, blank=True)
    status = models.IntegerField(default=0)
    phases = models.JSONField(default=dict)  # {"dns_us": ..., ...}
    address = models.CharField(max_length=64, blank=True)
    text = models.JSONField(null=True)
    certificate = models.JSONField(null=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    body_head = models.BinaryField(default=bytes)
    picture = models.BinaryField(null=True)  # JPEG; of the first failing ones of a run

    class Meta:
        app_label = "trueup"
        constraints = [
            models.UniqueConstraint(
                fields=["series", "run_us", "role", "number"], name="trueup_evidence_once"
            )
        ]


class Interruption(models.Model):
    """People stopped a check, or let it run again: entered by them, taken by the one writer of the ledger."""

    owner = models.ForeignKey(Check, on_delete=models.PROTECT)
    at_us = models.BigIntegerField()
    state = models.CharField(max_length=8)  # paused: it stops; unknown: it runs again
    reason = models.CharField(max_length=12)  # paused | archived | resumed
    taken_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "trueup"
        indexes = [
            models.Index(
                fields=["id"], name="trueup_interruption_new", condition=models.Q(taken_us__isnull=True)
            )
        ]
