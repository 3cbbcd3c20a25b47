"""Components, checks and results for tests, without a configuration file."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import transaction

from trueup.domain.spec import CheckSpec, ComponentSpec
from trueup.figures.cache import shared
from trueup.public import HealthCheckResult
from trueup.store.models import Check, Component
from trueup.store.seal import Seal
from trueup.store.write import config, vital

_MINUTE_US = 60_000_000
_NO_KEY = Path("/nonexistent")  # nothing made here holds a secret


def component(slug: str = "frontend", *, name: str = "", down_when: str = "any", at_us: int = 0) -> Component:
    """Return the component with a slug; make it if there is none.

    Args:
        slug: Of the component.
        name: By default its slug, in words.
        down_when: ``any``, ``all`` or a number of its checks.
        at_us: When it was made, microseconds UTC; by default now.
    """
    there = Component.objects.filter(slug=slug).first()
    if there is not None:
        return there
    spec = ComponentSpec(slug, name or slug.replace("-", " ").capitalize(), (), down_when=down_when)
    with transaction.atomic():
        made = config.create_components([spec], at_us or _now_us())
        _applied()
    return Component.objects.get(id=made[slug])


def check(slug: str = "", *, component: str = "frontend", at_us: int = 0, **values: Any) -> Check:
    """Return the check with a slug; make it, with its component, if there is none.

    Args:
        slug: Of the check; by default its component's.
        component: The slug of its component.
        at_us: Since when it is watched, microseconds UTC; by default now.
        values: Other fields of ``trueup.domain.spec.CheckSpec``, such as ``target`` or ``interval_us``.
    """
    slug = slug or component
    there = Check.objects.filter(slug=slug).first()
    if there is not None:
        return there
    at_us = at_us or _now_us()
    home = _component(component, at_us=at_us)
    spec = CheckSpec(slug, slug, "http", "http://127.0.0.1:9/", _MINUTE_US, 10_000_000)
    with transaction.atomic():
        config.create_checks([(home.id, replace(spec, **values))], at_us, Seal(_NO_KEY))
        _applied()
    return Check.objects.get(slug=slug)


def result(component: str = "frontend", status: str = "up", **values: Any) -> HealthCheckResult:
    """Return a result as `check_all` returns it, with what its status needs; ``values`` replace the rest."""
    usual: dict[str, Any] = {"response_time_ms": 12.5, "status_code": 200}
    if status == "down":
        usual = {"error_message": "127.0.0.1 port 9 refused the connection.", "cause": "refused"}
    elif status == "unknown":
        usual = {"error_message": "It was not asked."}
    return HealthCheckResult(component, status, **{**usual, **values})


def engine_runs() -> None:
    """Let it look as if an engine had just given a sign of life, for the page's notice and ``/readyz``."""
    now_us = _now_us()
    host = socket.gethostname()
    vital.note(vital.Life(process="engine", pid=os.getpid(), host=host, started_us=now_us, tick_us=now_us))
    shared.cache_clear()


_component = component  # the name is an argument's, too


def _applied() -> None:
    """Note a change of the configuration, so that what shows figures reads it anew."""
    config.add_revision("a test", "0" * 64, _now_us())
    shared.cache_clear()


def _now_us() -> int:
    return time.time_ns() // 1000
