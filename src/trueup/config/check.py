"""One check: which kind it is, what it asks, when, and what it expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from trueup.config import options, schema
from trueup.config.document import Path
from trueup.config.findings import Findings
from trueup.config.kind import find
from trueup.domain import duration, expect
from trueup.domain.option import OptionError
from trueup.domain.spec import CheckSpec
from trueup.probes import base
from trueup.probes.awaited import Awaited

# What a key of a check that asks is for one that waits to be called.
_INSTEAD = {
    "interval": "has no meaning: write 'period' or 'cron'",
    "timeout": "has no meaning: write 'limit' for how long a run may take",
    "confirm": "has no meaning: a failure counts at once, and 'grace' is the patience there is",
    "recover": "has no meaning: the first good call counts",
}
ASKING = tuple(_INSTEAD)  # the keys of a check that asks, and is not called
COMMON = tuple(schema.Check.model_fields)
_SELDOM_US = 3_600_000_000


@dataclass(frozen=True)
class Context:
    """What a check is read against."""

    defaults: schema.Defaults
    folder: FilePath  # paths of files are relative to it
    findings: Findings


def read(tree: object, path: Path, context: Context) -> CheckSpec | None:
    """Return a check without its final slug and name, None after its errors were added to the findings."""
    findings = context.findings
    if not isinstance(tree, dict) or not tree:
        findings.error(path, "a check must be a mapping that begins with its kind, such as 'http: ADDRESS'")
        return None
    kind = find(tree, base.kinds(), COMMON, "check", path, findings)
    common = schema.read(
        schema.Check, {key: tree[key] for key in tree if key in COMMON}, path, "a check", findings
    )
    if kind is None:
        return None
    probe, written = _probe(kind, tree, path, context)
    if common is None:
        return None
    common = _called(common, kind, path, findings)
    interval_us, timeout_us = (
        (probe.interval_us, probe.interval_us)
        if isinstance(probe, Awaited)
        else _timing(common, kind, path, context)
    )
    expected = _expectations(common.expect or (), kind, (*path, "expect"), findings)
    degraded = _expectations(common.degraded_when or (), kind, (*path, "degraded_when"), findings)
    if probe is None:
        return None
    return CheckSpec(
        slug=common.slug or "",
        name=common.name or "",
        kind=kind,
        target=probe.target,
        interval_us=interval_us,
        timeout_us=timeout_us,
        confirm=context.defaults.confirm if common.confirm is None else common.confirm,
        recover=context.defaults.recover if common.recover is None else common.recover,
        expect=expected or probe.default_expect,
        degraded_when=probe.default_degraded_when if common.degraded_when is None else degraded,
        options={name: options.jsonable(getattr(probe, name)) for name in written},
        counts=probe.counts if common.counts is None else common.counts,
        tags=common.tags,
        was=common.was or "",
    )


def _called(common: schema.Check, kind: str, path: Path, findings: Findings) -> schema.Check:
    """Refuse what only makes sense of a check that asks, where this one waits to be called."""
    if not issubclass(base.registry()[kind], Awaited):
        return common
    for key in ASKING:
        if getattr(common, key) is not None:
            findings.error((*path, key), f"a {kind} is not asked, it calls: {key} {_INSTEAD[key]}")
    return common.model_copy(update={"confirm": 1, "recover": 1})


def _probe(
    kind: str, tree: Mapping[str, Any], path: Path, context: Context
) -> tuple[base.Probe | None, dict[str, Any]]:
    findings, fields = context.findings, base.option_fields(kind)
    names = [each.name for each in fields]
    for key in tree:
        if key != kind and key not in COMMON and key not in names:
            findings.unknown_key((*path, key), "a check", [*COMMON, *names])
    target = options.target(tree[kind], kind, (*path, kind), findings)
    written = options.read(tree, fields, path, context.folder, findings)
    if not target:
        return None, written
    try:
        return base.build(kind, target, written), written
    except OptionError as error:
        field = kind if error.field in ("target", "kind") else error.field
        place = [int(part) if part.isdecimal() else part for part in field.split(".")]
        findings.error((*path, *place), str(error))
    return None, written


def _timing(common: schema.Check, kind: str, path: Path, context: Context) -> tuple[int, int]:
    probe = base.registry()[kind]
    own_us = duration.parse(probe.default_interval) if probe.default_interval else 0
    interval_us = common.interval or own_us or context.defaults.interval
    if probe.patient and interval_us < _SELDOM_US:
        context.findings.notice(
            (*path, "interval"),
            f"{kind} asks a service that limits how often it is asked: {probe.default_interval} is enough",
        )
    timeout_us = common.timeout or context.defaults.timeout
    if timeout_us <= interval_us:
        return interval_us, timeout_us
    longer = f"timeout {duration.text(timeout_us)} is longer than the interval {duration.text(interval_us)}"
    if common.timeout:
        context.findings.error(
            (*path, "timeout"), f"{longer} of this check: lower the timeout or raise the interval"
        )
    else:
        context.findings.notice(
            path, f"the inherited {longer} of this {kind} check: it is cut to the interval"
        )
    return interval_us, interval_us


def _expectations(sources: tuple[str, ...], kind: str, path: Path, findings: Findings) -> tuple[str, ...]:
    provides = base.registry()[kind].provides
    options.shown_openly(findings.document.at(path), str(path[-1]), path, findings)
    for number, source in enumerate(sources):
        place = (*path, number) if isinstance(findings.document.at(path), list) else path
        try:
            expect.parse(source, provides)
        except expect.ExpectationError as error:
            written = str(findings.document.at(place) or "")
            spaces = len(written) - len(written.lstrip())
            findings.error(place, error.message, index=error.column - 1 + spaces)
    return sources
