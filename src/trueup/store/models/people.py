"""Who may do what, and the log of what they did."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Member(models.Model):
    """The role of a user; a user of the host project without one may do nothing here."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trueup_member"
    )
    role = models.CharField(max_length=12)  # viewer | operator | admin
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "trueup"


class AuditEntry(models.Model):
    """One change by somebody, chained to the one before by its hash; never changed, never deleted."""

    at_us = models.BigIntegerField()
    who = models.CharField(max_length=150)
    verb = models.CharField(max_length=40)
    noun = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True)  # its public id, or slug
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    source = models.CharField(max_length=200, blank=True)  # from where: a host, a file, an address
    previous_digest = models.CharField(max_length=64, blank=True, unique=True)  # so that no two follow one
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "trueup"
