"""Whether this machine gives what the configuration needs: files, a port, programs that are new enough."""

from __future__ import annotations

import platform
import resource
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from trueup.conf import Listen
from trueup.engine.run import limits
from trueup.server.doctor.finding import Finding

# What is built upon: pycurl speaks WebSocket with this libcurl, and Django keeps its tables in this SQLite.
_LEAST = {"libcurl": (8, 11), "sqlite": (3, 37)}
_SHARE = "Raise the limit: LimitNOFILE= in the service, or ulimit -Hn."


def versions() -> dict[str, str]:
    """Return the versions of what trueup stands on."""
    import django
    import pycurl

    libcurl = pycurl.version_info()[1]
    return {
        "python": platform.python_version(),
        "django": django.get_version(),
        "libcurl": libcurl,
        "sqlite": sqlite3.sqlite_version,
    }


def old(found: Mapping[str, str]) -> Iterator[Finding]:
    """Say which of some versions is older than what trueup is built upon."""
    for name, least in _LEAST.items():
        numbers = tuple(int(part) for part in found[name].split(".")[:2] if part.isdecimal())
        if numbers < least:
            wanted = ".".join(map(str, least))
            yield Finding(
                "version-old",
                f"{name} {found[name]} is older than {wanted}, which trueup needs.",
                "Make the environment anew: make setup, or pip install --upgrade trueup.",
            )


def open_files(checks: Iterable[limits.Timed]) -> Iterator[Finding]:
    """Say if the limit of open files leaves no room for all probes that may be in flight at once."""
    asked = list(checks)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    need = min(limits.needed(asked), len(asked)) + limits.RESERVE
    if asked and hard != resource.RLIM_INFINITY and need > hard:
        yield Finding(
            "open-files",
            f"When all targets hang, {need} files are open, and the hard limit is {hard}: checks would be "
            "asked late.",
            _SHARE,
        )


def port(listen: Listen, *, ours: bool) -> Iterator[Finding]:
    """Say if somebody else listens where the page is to be served; ``ours`` is whether trueup runs here."""
    from trueup.server.web import is_open

    if not ours and is_open(listen):
        yield Finding(
            "port-taken",
            f"Something accepts connections on {listen}, and no trueup of this data directory runs: "
            "`trueup up` would refuse to start.",
            "Stop that program, or serve the page elsewhere: --listen HOST:PORT.",
        )
