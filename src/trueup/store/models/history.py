"""Every result: a journal of what just came, packed into one block a series and day."""

from __future__ import annotations

from django.db import models

from trueup.store.models.config import Region, Series


class Batch(models.Model):
    """A batch that has been taken in: the guard against taking it in twice."""

    msg_id = models.CharField(max_length=80, primary_key=True)
    recorded_us = models.BigIntegerField()

    class Meta:
        app_label = "trueup"


class Journal(models.Model):
    """The results of one batch, packed (``domain.record``), until they are in their blocks."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, db_index=False)
    recorded_us = models.BigIntegerField()
    payload = models.BinaryField()

    class Meta:
        app_label = "trueup"


class Block(models.Model):
    """One UTC day of one series: a summary for years, its samples for 90 days."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, db_index=False)
    day = models.IntegerField()  # days since 1970-01-01
    n = models.IntegerField()
    up = models.IntegerField()
    degraded = models.IntegerField()
    down = models.IntegerField()
    unknown = models.IntegerField()
    latency_n = models.IntegerField()  # results that have a latency: the good ones
    latency_sum_us = models.BigIntegerField()
    latency_min_us = models.BigIntegerField(null=True)
    latency_max_us = models.BigIntegerField(null=True)
    histogram = models.BinaryField()  # log buckets, sparse
    samples = models.BinaryField(null=True)  # dropped after the retention of samples

    class Meta:
        app_label = "trueup"
        constraints = [models.UniqueConstraint(fields=["series", "day"], name="trueup_block_day")]
        indexes = [models.Index(fields=["day"], name="trueup_block_by_day")]
