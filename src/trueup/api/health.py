"""Is the process alive, and is the installation fit to serve: for supervisors and load balancers."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import msgspec
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse

from trueup.api.problem import wrong_method
from trueup.figures import engine

_READ = ("GET", "HEAD")


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was looked at; ``remedy`` only where it is not as it should be."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def healthz_view(request: HttpRequest) -> HttpResponse:
    """Answer that this process serves requests; asks nothing else."""
    if request.method not in _READ:
        return wrong_method(str(request.method), _READ)
    return _answer(200, {"status": "ok"})


def readyz_view(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, migrations and engine are as they should be, else 503, with findings."""
    if request.method not in _READ:
        return wrong_method(str(request.method), _READ)
    findings = _findings(time.time_ns() // 1000)
    ready = all(finding.ok for finding in findings)
    return _answer(200 if ready else 503, {"status": "ready" if ready else "not ready", "findings": findings})


def _findings(now_us: int) -> list[Finding]:
    findings: list[Finding] = []
    looks: dict[str, Callable[[], Finding]] = {
        "database": _database,
        "migrations": _migrations,
        "engine": partial(_engine, now_us),
    }
    for name, look in looks.items():
        finding = _look(name, look)
        findings.append(finding)
        if not finding.ok and name != "engine":
            break  # what follows could only fail for the same reason
    return findings


def _look(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except DatabaseError as error:
        return Finding(
            name,
            ok=False,
            # The class alone: a driver's message may hold a host, a user or a path.
            found=f"the database did not answer ({type(error).__name__})",
            remedy="Look whether the database runs and can be written by trueup; its log says more.",
        )


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Finding("database", ok=True, found="it answers")


def _migrations() -> Finding:
    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations)
    own = {key for key in loader.disk_migrations if key[0] == "trueup"}
    missing = sorted(name for _, name in own - applied)
    if missing:
        return Finding(
            "migrations",
            ok=False,
            found=f"{len(missing)} not applied, the first is {missing[0]}",
            remedy="Stop trueup and run `trueup up`: it copies the database, then applies them.",
        )
    newer = sorted(name for app, name in applied if app == "trueup" and (app, name) not in own)
    if newer:
        return Finding(
            "migrations",
            ok=False,
            found=f"the database is newer than this program: it has {newer[-1]}",
            remedy="Install the version of trueup that wrote it, or restore a copy from the backups.",
        )
    return Finding("migrations", ok=True, found=f"all {len(own)} applied")


def _engine(now_us: int) -> Finding:
    health = engine.health(now_us)
    if health.alive:
        return Finding("engine", ok=True, found="it runs")
    if health.seen_us is None:
        found = "it has never run on this database"
    elif health.age_us < 0:
        found = f"its last sign of life is {-health.age_us // 1_000_000} s ahead of this machine's clock"
    else:
        found = f"its last sign of life is {health.age_us // 1_000_000} s old"
    return Finding("engine", ok=False, found=found, remedy="Start it with `trueup up` or `trueup engine`.")


def _answer(status: int, document: object) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(document), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
