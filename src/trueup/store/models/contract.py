"""What contracts said from when on, and the statements made of them."""

from __future__ import annotations

from django.db import models

from trueup.store.models.config import Contract
from trueup.store.models.identity import Known


class ContractVersion(models.Model):
    """The terms of a contract from an instant on; never changed once a window was closed under it."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    valid_from_us = models.BigIntegerField()
    document = models.JSONField()  # expanded, every default written out
    digest = models.CharField(max_length=64)  # SHA-256 of its canonical JSON
    split = models.BooleanField(default=False)  # it may begin inside a window, and makes two of it
    created_at = models.DateTimeField()
    by = models.CharField(max_length=150, blank=True)
    superseded_at = models.DateTimeField(null=True)  # before it ever held

    class Meta:
        app_label = "trueup"
        constraints = [models.UniqueConstraint(fields=["contract", "number"], name="trueup_contract_version")]


class SigningKey(models.Model):
    """The public half of a key that signed statements; the private half is a file."""

    key_id = models.CharField(max_length=32, primary_key=True)
    public = models.CharField(max_length=64)  # base64 of the 32 bytes
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "trueup"


class Statement(Known):
    """What a contract came to in a closed window, with everything it was computed from; never changed."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="statements")
    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="statements")
    seq = models.IntegerField()  # counts the statements of the contract, from 1
    period = models.CharField(max_length=60)
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    revision = models.IntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    reason = models.TextField(blank=True)  # why there is another revision
    kernel = models.IntegerField()
    inputs = models.TextField()  # canonical JSON
    document = models.TextField()  # canonical JSON, signed
    digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=32)
    signature = models.CharField(max_length=128)

    class Meta:
        app_label = "trueup"
        constraints = [
            models.UniqueConstraint(fields=["contract", "seq"], name="trueup_statement_seq"),
            models.UniqueConstraint(
                fields=["contract", "start_us", "end_us", "revision"], name="trueup_statement_revision"
            ),
        ]
