"""The fixed keys of a page and of its groups."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from trueup.config.fields import Line, Prose, Slug
from trueup.config.scalar import as_text, described

PRIVACIES = ("public", "password", "token")
ALL = "all"  # every component, also those to come
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_SLUGS = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}


def _host(value: object) -> str:
    text = as_text(value).strip().lower().rstrip(".")
    if not _HOST.fullmatch(text):
        raise ValueError(
            f"{text[:60]!r} is no host name: write one such as status.example.org, "
            "without https://, a port or a path"
        )
    return text


def _privacy(value: object) -> str:
    text = as_text(value).strip()
    if text not in PRIVACIES:
        raise ValueError(f"{text[:20]!r} is none of {', '.join(PRIVACIES)}")
    return text


def _shown(value: object) -> object:
    if isinstance(value, list):
        if not value:
            raise ValueError("is empty: name components, or leave the key out")
        return value
    if isinstance(value, str) and as_text(value).strip() == ALL:
        return ALL
    raise ValueError(f"must be a list of components' slugs, or the word all, but is {described(value)}")


Host = Annotated[
    str, BeforeValidator(_host), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 254})
]
Privacy = Annotated[str, BeforeValidator(_privacy), WithJsonSchema({"enum": list(PRIVACIES)})]
Shown = Annotated[Any, BeforeValidator(_shown), WithJsonSchema({"anyOf": [{"enum": [ALL]}, _SLUGS]})]


class PageGroup(BaseModel):
    """Components that stand together under a heading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    description: Prose = ""
    components: list[Slug] = Field(min_length=1)


class Page(BaseModel):
    """A status page: who sees it and what it shows; its groups are read one by one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    slug: Slug | None = None
    was: Slug | None = None
    description: Prose = ""
    hosts: tuple[Host, ...] = ()
    privacy: Privacy = "public"
    password: Line | None = None
    groups: list[Any] | None = None
    components: Shown | None = None
