"""Our own templates, whatever the host project's settings say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine


def rendered(name: str, context: Mapping[str, Any]) -> bytes:
    """Return a template of ours, filled in; what is not marked as safe is escaped."""
    return _engine().get_template(f"trueup/{name}").render(Context(dict(context))).encode()


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(dirs=[str(Path(__file__).parent / "templates")], autoescape=True)
