"""What is configured: components, checks and their revisions, regions, series, the site."""

from __future__ import annotations

from django.db import models

from trueup.store.models.identity import Identified


class Site(models.Model):
    """What the installation is called: one row, id 1."""

    name = models.CharField(max_length=200, default="trueup")
    url = models.CharField(max_length=500, blank=True)
    timezone = models.CharField(max_length=100, default="UTC")
    contact = models.CharField(max_length=200, blank=True)
    witnesses = models.JSONField(default=list)
    ping_key_digest = models.CharField(
        max_length=64, blank=True, default=""
    )  # of the key in addresses of calls
    ping_key = models.TextField(blank=True, default="")  # sealed, to be shown again

    class Meta:
        app_label = "trueup"


class ConfigRevision(models.Model):
    """One applied configuration: the newest id is what holds."""

    applied_at = models.DateTimeField()
    source = models.CharField(max_length=500)  # the file's name, or who did it
    digest = models.CharField(max_length=64)  # of the expanded document, without secrets

    class Meta:
        app_label = "trueup"


class Component(Identified):
    """A part of the product that the public sees."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    position = models.IntegerField(default=0)
    down_when = models.CharField(max_length=8, default="any")  # any | all | a number
    managed = models.CharField(max_length=8, default="file")  # file | hand

    class Meta:
        app_label = "trueup"
        ordering = ("position", "id")


class Check(Identified):
    """A configured question; what it asks stands in its revisions."""

    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="checks")
    name = models.CharField(max_length=200)
    position = models.IntegerField(default=0)
    counts = models.BooleanField(default=True)  # enters availability
    tags = models.JSONField(default=list)  # texts, sorted
    managed = models.CharField(max_length=8, default="file")
    paused_us = models.BigIntegerField(null=True)  # since when people stopped it
    paused_until_us = models.BigIntegerField(null=True)  # null: until they let it run again
    paused_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        app_label = "trueup"
        ordering = ("position", "id")


class CheckRevision(models.Model):
    """What a check asks, from an instant on."""

    # ``owner`` because the name ``check`` is taken on Django's model class.
    owner = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="revisions")
    number = models.IntegerField()
    valid_from_us = models.BigIntegerField()
    kind = models.CharField(max_length=40)  # no choices: the registry is open
    target = models.TextField()
    options = models.JSONField(default=dict)  # secrets as references or encrypted
    interval_us = models.BigIntegerField()
    timeout_us = models.BigIntegerField()
    confirm = models.PositiveSmallIntegerField(default=2)
    recover = models.PositiveSmallIntegerField(default=1)
    expect = models.JSONField(default=list)
    degraded_when = models.JSONField(default=list)

    class Meta:
        app_label = "trueup"
        constraints = [models.UniqueConstraint(fields=["owner", "number"], name="trueup_revision_number")]


class Region(Identified):
    """Where a probe stands. The region ``verdict`` is nowhere: it is what all regions together say."""

    LOCAL = "local"
    VERDICT = "verdict"

    class Meta:
        app_label = "trueup"


class Series(models.Model):
    """One check in one region, or its verdict over all regions."""

    owner = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="series")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="series")
    created_us = models.BigIntegerField()  # its ledger is total from here on

    class Meta:
        app_label = "trueup"
        constraints = [models.UniqueConstraint(fields=["owner", "region"], name="trueup_series_once")]


class Contract(Identified):
    """A promise, as it is written; what it meant when stands in its versions."""

    name = models.CharField(max_length=200)
    document = models.JSONField()
    managed = models.CharField(max_length=8, default="file")

    class Meta:
        app_label = "trueup"


class Channel(Identified):
    """Where alerts go; kept from now on, used once alerts are sent."""

    kind = models.CharField(max_length=40)
    options = models.JSONField(default=dict)  # secrets as references or encrypted
    managed = models.CharField(max_length=8, default="file")

    class Meta:
        app_label = "trueup"
