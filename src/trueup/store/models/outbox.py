"""What happened and who is told; calls from heartbeats; how the product itself is."""

from __future__ import annotations

from django.db import models

from trueup.store.models.config import Channel, Check


class Event(models.Model):
    """Something happened: written in the transaction of its cause, knowing no route."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    at_us = models.BigIntegerField()  # of the cause
    recorded_us = models.BigIntegerField()
    subject = models.CharField(max_length=120)  # "check:<public id>", "site" ...
    payload = models.JSONField(default=dict)
    routed_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "trueup"
        indexes = [
            models.Index(
                fields=["id"], name="trueup_event_unrouted", condition=models.Q(routed_us__isnull=True)
            )
        ]


class Delivery(models.Model):
    """One message to one channel; made by routing."""

    group = models.CharField(max_length=120)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    step = models.IntegerField(default=0)
    state = models.CharField(max_length=12, default="pending")  # pending | sending | sent | failed
    attempts = models.IntegerField(default=0)
    due_us = models.BigIntegerField()
    sent_us = models.BigIntegerField(null=True)
    receipt = models.JSONField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        app_label = "trueup"
        constraints = [
            models.UniqueConstraint(fields=["group", "channel", "step"], name="trueup_delivery_once")
        ]


class Beat(models.Model):
    """A call of a heartbeat, taken by the engine within a tick."""

    owner = models.ForeignKey(Check, on_delete=models.PROTECT)
    at_us = models.BigIntegerField()
    kind = models.CharField(max_length=8)  # start | success | fail | log
    run_id = models.CharField(max_length=36, blank=True)
    exit_status = models.IntegerField(null=True)
    body = models.BinaryField(default=bytes)
    taken_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "trueup"
        indexes = [
            models.Index(fields=["id"], name="trueup_beat_new", condition=models.Q(taken_us__isnull=True))
        ]


class Vital(models.Model):
    """How one process of ours is; one row a process name, rewritten by it."""

    process = models.CharField(max_length=80, primary_key=True)  # "engine", "web", "jobs"
    pid = models.IntegerField()
    host = models.CharField(max_length=200)
    started_us = models.BigIntegerField()
    tick_us = models.BigIntegerField()  # its last sign of life
    lag_us = models.BigIntegerField(default=0)
    queue = models.IntegerField(default=0)
    missed = models.BigIntegerField(default=0)
    details = models.JSONField(default=dict)

    class Meta:
        app_label = "trueup"
