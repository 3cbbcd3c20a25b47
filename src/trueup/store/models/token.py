"""What lets programs in, and people in a second time: digests and sealed secrets, never the words."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from trueup.store.models.config import Check
from trueup.store.models.identity import Known
from trueup.store.models.page import Page


class Token(Known):
    """What a program shows to be let in; only its digest is kept."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the whole token
    prefix = models.CharField(max_length=8, db_index=True)  # a part of it that is no secret, to know it by
    scopes = models.JSONField(default=list)  # of read, push, write, admin
    page = models.ForeignKey(Page, on_delete=models.PROTECT, null=True, related_name="tokens")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="trueup_tokens"
    )
    created_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)  # to the minute
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "trueup"
        constraints = [
            # A name is free again once its token is revoked.
            models.UniqueConstraint(
                fields=["name"], condition=Q(revoked_at__isnull=True), name="trueup_token_name_once"
            )
        ]


class SecondFactor(models.Model):
    """The secret of a user's one-time codes; it counts from its confirmation on."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trueup_second_factor"
    )
    secret = models.TextField()  # sealed
    confirmed_at = models.DateTimeField(null=True)
    recovery = models.JSONField(default=list)  # digests of the codes that are left

    class Meta:
        app_label = "trueup"


class Repeated(models.Model):
    """What was answered to a request that may come again under the same key (``Idempotency-Key``)."""

    actor = models.CharField(max_length=150)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)  # of method, path and body: another request is refused
    status = models.PositiveSmallIntegerField(null=True)  # null: the first one is at work
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    at_us = models.BigIntegerField()

    class Meta:
        app_label = "trueup"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="trueup_repeated_once")]


class PushDoor(models.Model):
    """The address at which one heartbeat is called."""

    # ``owner`` because the name ``check`` is taken on Django's model class.
    owner = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="push_door")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of its token
    sealed = models.TextField()  # the token, to be shown again
    created_at = models.DateTimeField()

    class Meta:
        app_label = "trueup"
