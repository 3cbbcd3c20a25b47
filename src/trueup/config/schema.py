"""The shape of a configuration: its fixed keys; kinds, channels and options come from the registries."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from trueup.config.document import Path
from trueup.config.fields import (
    DownWhen,
    Duration,
    Expectations,
    Flag,
    Interval,
    Line,
    Prose,
    Run,
    Slug,
    Tags,
    Timeout,
    Url,
    Witness,
    Zone,
)
from trueup.config.findings import Findings
from trueup.config.scalar import described, is_null


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(_Part):
    """What the whole installation is called and where it is found."""

    name: Line = "trueup"
    url: Url = ""
    timezone: Zone = "UTC"
    contact: Line = ""
    witnesses: tuple[Witness, ...] = ()


class Defaults(_Part):
    """What a check inherits where it says nothing itself."""

    interval: Interval = 60_000_000
    timeout: Timeout = 10_000_000
    confirm: Run = 2
    recover: Run = 1


class Check(_Part):
    """The keys of a check that do not depend on its kind."""

    name: Line | None = None
    slug: Slug | None = None
    was: Slug | None = None
    interval: Interval | None = None
    timeout: Timeout | None = None
    confirm: Run | None = None
    recover: Run | None = None
    expect: Expectations | None = None
    degraded_when: Expectations | None = None
    counts: Flag | None = None
    tags: Tags = ()


class Component(_Part):
    """A component; its checks are read one by one against their kinds."""

    name: Line
    slug: Slug | None = None
    was: Slug | None = None
    description: Prose = ""
    down_when: DownWhen = "any"
    checks: list[Any] = Field(min_length=1)


class Contract(_Part):
    """A promise; what its keys mean is read one by one, so that every error is found at once."""

    name: Line
    slug: Slug | None = None
    was: Slug | None = None
    preset: Line | None = None
    direction: Any = None
    parties: Any = None
    components: Any
    aggregation: Any = None
    objective: Any = None
    window: Any = None
    schedule: Any = None
    maintenance: Any = None
    exclusions: Any = None
    unknown: Any = None
    paused: Any = None
    degraded_weight: Any = None
    min_outage: Any = None
    slices: Any = None
    edge: Any = None
    rounding: Any = None
    min_coverage: Any = None
    tiers: Any = None
    fee: Any = None
    currency: Any = None
    settle: Duration | None = None
    budget_basis: Any = None
    contract_from: Any = None
    contract_to: Any = None
    effective: Any = None
    split: Flag = False
    default: Flag = False
    published: Flag = True  # public documents may speak of it


class Channel(_Part):
    """The keys of a channel that do not depend on its kind."""

    slug: Slug | None = None
    was: Slug | None = None


def _absent_if_empty(value: object) -> object:
    return None if is_null(value) else value


_L = Annotated[list[Any] | None, BeforeValidator(_absent_if_empty)]


class Root(_Part):
    """The whole document; its parts are read one by one so that every error is found at once."""

    site: Any = None
    defaults: Any = None
    components: list[Any] = Field(min_length=1)
    contracts: _L = None
    channels: _L = None
    pages: _L = None


M = TypeVar("M", bound=BaseModel)


def read(model: type[M], tree: object, path: Path, what: str, findings: Findings) -> M | None:
    """Return a part of the document; its errors are added to the findings.

    ``what`` names the part in sentences, with its article: "a check". A key with an error counts as not
    written, so that the rest can be read and every error is found; None where nothing can be made of it.
    """
    if not isinstance(tree, dict):
        findings.error(path, f"{what} must be a mapping of keys and values, but is {described(tree)}")
        return None
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
    for details in wrong:
        _add(details, path, what, model, findings)
    left = {details["loc"][0] for details in wrong}
    try:
        return model.model_validate({key: value for key, value in tree.items() if key not in left})
    except ValidationError:
        return None


def _add(details: ErrorDetails, path: Path, what: str, model: type[BaseModel], findings: Findings) -> None:
    location = tuple(part for part in details["loc"] if part != "[key]")
    name = ".".join(str(part) if isinstance(part, str) else str(part + 1) for part in location)
    kind, value = details["type"], details["input"]
    if kind == "extra_forbidden":
        findings.unknown_key((*path, *location), what, model.model_fields)
    elif kind == "missing":
        findings.error(path, f"{what} needs the key '{name}'")
    elif kind == "value_error":
        findings.error((*path, *location), f"{name} {details['ctx']['error']}")
    elif kind == "too_short":
        findings.error((*path, *location), f"{name} is empty: write at least one")
    else:
        wanted = {
            "list_type": "a list",
            "tuple_type": "a list",
            "dict_type": "a mapping",
            "model_type": "a mapping",
        }
        findings.error(
            (*path, *location), f"{name} must be {wanted.get(kind, kind)}, but is {described(value)}"
        )
