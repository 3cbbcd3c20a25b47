"""Programs that tests need from the distribution's packages: found, or installed where that is wished.

They are installed where ``CI`` or ``TRUEUP_TEST_SYSTEM`` is set, on Debian and its kin; elsewhere a test
that needs one is skipped and says how to get it. Installing starts no service: a test starts the program
itself, with its own data and port, and ends it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

PATIENT = pytest.mark.timeout(900)  # for tests that may be the first to install something, or wait for it

_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin"))
_LOCK = Path(tempfile.gettempdir()) / f"trueup-packages-{os.geteuid()}"
_POLICY = Path("/usr/sbin/policy-rc.d")  # asked before a package starts its service; 101 means no
_WISHED = ("1", "true", "yes")
SWITCHES = ("CI", "TRUEUP_TEST_SYSTEM")


@cache
def need(package: str, binary: str) -> Path:
    """Return where a program is, installed from its package where it is missing and that is wished.

    Raises:
        pytest.skip.Exception: It is missing, and nothing may be installed here.
        RuntimeError: It could not be installed.
    """
    found = _find(binary)
    if found is None:
        if not _may_install():
            pytest.skip(
                f"needs {binary}: TRUEUP_TEST_SYSTEM=1 installs it, or by hand: "
                f"apt-get install --no-install-recommends {package}"
            )
        found = _install(package, binary)
    return found


def _find(binary: str) -> Path | None:
    found = shutil.which(binary, path=_PLACES)
    return Path(found) if found else None


def _may_install() -> bool:
    return any(os.environ.get(name, "").lower() in _WISHED for name in SWITCHES)


def _install(package: str, binary: str) -> Path:
    with _alone():
        found = _find(binary)  # another worker may have been faster
        if found is None:
            fresh = _LOCK.with_suffix(".fresh")
            if not fresh.exists():
                _apt("update")
                fresh.touch()
            with _no_service_started():
                _apt("install", "--yes", "--no-install-recommends", package)
            found = _find(binary)
    if found is None:
        raise RuntimeError(f"the package {package} is installed, but brought no program {binary}.")
    return found


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other workers, which are other processes, waiting."""
    with _LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _no_service_started() -> Iterator[None]:
    """Forbid packages to start what they install; a machine with a policy of its own keeps it."""
    if os.geteuid() != 0 or _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n", "ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _apt(*arguments: str) -> None:
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *arguments]
    if os.geteuid() != 0:
        command = ["sudo", "-n", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", *command]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
    except FileNotFoundError as error:
        raise RuntimeError(f"{command[0]} is missing here, so that nothing can be installed.") from error
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()}")
