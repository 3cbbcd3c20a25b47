"""What an audience sees: a page, its groups and components, and who wants to hear of it."""

from __future__ import annotations

from django.db import models

from trueup.store.models.config import Component
from trueup.store.models.identity import Identified, Known


class Page(Identified):
    """A status page; without one in the configuration there is ``default``, with everything."""

    DEFAULT = "default"

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    hosts = models.JSONField(default=list)  # host names it answers to
    privacy = models.CharField(max_length=8, default="public")  # public | password | token
    secret = models.TextField(blank=True)  # of a password page: sealed, or a reference
    everything = models.BooleanField(default=False)  # shows every component, also those to come
    position = models.IntegerField(default=0)
    managed = models.CharField(max_length=8, default="file")  # file | hand

    class Meta:
        app_label = "trueup"
        ordering = ("position", "id")


class PageGroup(Known):
    """Components that stand together under a heading of one page."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        app_label = "trueup"
        ordering = ("position", "id")


class PageComponent(models.Model):
    """A component on a page, at its place."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="parts")
    group = models.ForeignKey(PageGroup, on_delete=models.CASCADE, null=True, related_name="parts")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="pages")
    position = models.IntegerField(default=0)

    class Meta:
        app_label = "trueup"
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["page", "component"], name="trueup_component_once_a_page")
        ]


class Subscriber(Known):
    """Somebody who wants to hear of a page; the address can be erased, the row stays."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="subscribers")
    kind = models.CharField(max_length=12)  # email | webhook | slack; the registry is open
    address = models.TextField(blank=True)  # sealed; empty once erased
    fingerprint = models.CharField(max_length=64)  # salted hash of the address: the audit log knows this
    salt = models.CharField(max_length=32)
    components = models.JSONField(default=list)  # public ids; empty: all of the page
    token_hash = models.CharField(max_length=64)  # confirms and ends the subscription
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "trueup"
