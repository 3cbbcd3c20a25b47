"""Which keys a configuration may use, and which of them hold secrets."""

from __future__ import annotations

from functools import lru_cache

from trueup.channels import base as channels
from trueup.config import page_shape, schema
from trueup.config.excerpt import Vocabulary
from trueup.probes import base as probes

# What people call a secret where they misplace one.
_SECRET = (
    "password", "passwd", "passphrase", "pass", "pwd", "secret", "token", "access_token", "api_key", "apikey",
    "x-api-key", "auth", "authorization", "proxy-authorization", "credentials", "cookie", "set-cookie",
    "private_key", "client_secret", "secret_key",
)  # fmt: skip
# Keys inside parts of a contract, and inside maps.
_INNER = (
    "from", "to", "days", "weekly", "holidays", "mode", "min_notice_seconds", "cap_seconds", "quorum",
    "weighted_mean", "k", "seconds", "basis", "counting", "bad_when", "digits", "min", "credit", "label",
    "type", "period", "calendar", "rolling", "fixed", "timezone", "weights", "notice", "cap", "length",
    "country", "region", "also", "except", "provider", "customer", "contact", "reference", "amount",
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon-fri", "mon-thu", "mon-sat", "mon-sun", "sat-sun",
)  # fmt: skip


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return every key that is known, those of all registered kinds included."""
    plain = {*_INNER, *probes.kinds()}
    models = (
        schema.Root, schema.Site, schema.Defaults, schema.Component, schema.Check, schema.Contract,
        schema.Channel, page_shape.Page, page_shape.PageGroup,
    )  # fmt: skip
    for model in models:
        plain.update(model.model_fields)
    secret = set(_SECRET)
    for kind in probes.kinds():
        for option in probes.option_fields(kind):
            for each in (option, *option.parts):
                (secret if each.secret else plain).add(each.name)
    for kind, channel in channels.registry().items():
        for option in channels.option_fields(kind):
            name = kind if option.name == channel.main else option.name
            (secret if option.secret else plain).add(name)
    return Vocabulary(plain=sorted(plain - secret), secret=sorted(secret))
