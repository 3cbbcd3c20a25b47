"""Who a row is: a uuid and a 12-character public id, made once and never used again."""

from __future__ import annotations

import secrets
import string
import uuid

from django.db import models

_ALPHABET = string.ascii_lowercase + string.digits


def new_public_id() -> str:
    """Return 12 random characters of ``[a-z0-9]``."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


class Known(models.Model):
    """A thing that others may refer to for ever."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class Identified(Known):
    """A thing with a name that outlives its slug."""

    slug = models.SlugField(max_length=100, unique=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
