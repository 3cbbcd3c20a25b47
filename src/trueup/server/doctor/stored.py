"""Whether what is stored can be used, and is what the configuration file says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from trueup import conf
from trueup.conf import Settings
from trueup.server import boot
from trueup.server.doctor.finding import Finding

_UP = "Run `trueup up` or `trueup apply`: the database is copied, then brought up to date."


@dataclass
class Asked:
    """What is asked, as far as it could be read; ``usable`` is whether the database can be used at all."""

    usable: bool = False
    kinds: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    times: list[Times] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Times:
    """How often a check is asked and how long it waits, microseconds."""

    interval_us: int
    timeout_us: int


def database(asked: Asked) -> Iterator[Finding]:
    """Open the database; ``asked`` is told whether it can be used."""
    from trueup.server.faults import explain

    try:
        found = list(_form(asked))
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        what, _, remedy = sentence.rpartition(". ") if sentence.count(". ") else (sentence, "", "")
        yield Finding("database-unusable", f"{what.rstrip('.')}.", remedy or "Correct DATABASE_URL.")
        return
    yield from found


def _form(asked: Asked) -> Iterator[Finding]:
    boot.django()
    from trueup.store.migrate import FormError, database_file, pending

    path = database_file()
    try:
        if (path is not None and not path.exists()) or (found := pending()).fresh:
            where = path or "the database of DATABASE_URL"
            sentence = f"Nothing is stored yet: {where} is not there, or empty."
            yield Finding("database-missing", sentence, "Run `trueup up`, or name its directory with --data.")
            return
    except FormError as error:
        sentence, _, remedy = str(error).partition(". ")
        yield Finding("database-newer", f"{sentence}.", remedy)
        return
    if found.names:
        sentence = f"The database is of an older form: {', '.join(found.names)} is missing."
        yield Finding("database-old", sentence, _UP)
        return
    asked.usable = True


def checks(asked: Asked) -> Iterator[Finding]:
    """Read what is asked, and say which secrets are missing here."""
    from trueup.store.keyfile import SealError
    from trueup.store.read import config

    unusable = []
    try:
        for row in config.assignments():
            asked.kinds.append(row.kind)
            asked.targets.append(row.target)
            asked.times.append(Times(row.interval_us, row.timeout_us))
            if row.unusable:
                unusable.append((row.slug, row.unusable))
    except SealError as error:
        sentence, _, remedy = str(error).rpartition(". ")
        yield Finding("key-unusable", f"{sentence[:1].upper()}{sentence[1:]}.", remedy)
    for slug, why in unusable[:5]:
        sentence, _, remedy = why.partition(". ")
        more = f" ({len(unusable)} checks lack one)" if len(unusable) > 5 else ""
        yield Finding(
            "secret-missing", f"Check {slug} cannot be asked: {sentence}{more}.", f"{remedy.rstrip('.')}."
        )


def configuration(settings: Settings, asked: Asked) -> Iterator[Finding]:
    """Say if the file cannot be used, or is not what holds."""
    from trueup.config.load import load, shown
    from trueup.config.problem import ConfigErrors

    source = shown(settings.config)
    if not settings.config.exists():
        remedy = "Let `trueup init` write one, or name yours with --config."
        yield Finding("config-missing", f"There is no {source}.", remedy)
        return
    try:
        spec = load(settings.config, conf.environment())
    except ConfigErrors as errors:
        first = errors.problems[0].sentence(source)
        more = f" ({len(errors.problems)} in all)" if len(errors.problems) > 1 else ""
        yield Finding("config-unusable", f"{first}{more}.", "Run `trueup validate` and mend what it says.")
        return
    asked.zones.append(spec.site.timezone)
    windows = [each.document.get("window") for each in spec.contracts]
    asked.zones += [
        str(each["timezone"]) for each in windows if isinstance(each, dict) and "timezone" in each
    ]
    if not asked.usable:
        return
    from trueup.config.apply import plan
    from trueup.config.plan import PlanError
    from trueup.store.keyfile import SealError

    try:
        changes = plan(spec, time.time_ns() // 1000)
    except PlanError as error:
        yield Finding("config-unusable", f"{source}: {error}", "Run `trueup plan` and mend what it says.")
        return
    except SealError:
        return  # it was said where the checks were read
    if changes:
        many = f"{len(changes)} changes" if len(changes) > 1 else "1 change"
        yield Finding(
            "config-not-applied",
            f"{source} is not what holds: applying it would make {many}.",
            "Look at them with `trueup plan`, then run `trueup apply`.",
        )
