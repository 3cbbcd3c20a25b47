"""The machine, its processes and what they have used, as the kernel tells it."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_SUBREAPER = 36  # linux/prctl.h


def describe() -> dict[str, object]:
    """Return what a figure depends on: processor, kernel, Python, the commit that was measured."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "commit": _git("rev-parse", "--short", "HEAD"),
        "clean": not _git("status", "--porcelain"),
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def family(root: int) -> list[int]:
    """Return a process and all its descendants."""
    children = _by_parent()
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _children(parent: int) -> list[int]:
    return _by_parent().get(parent, [])


def _by_parent() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for entry in (each.name for each in Path("/proc").iterdir()):
        if entry.isdigit():
            try:
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(entry))
    return children


def command(pid: int) -> str:
    """Return the command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def cpu_s(pids: list[int]) -> float:
    """Return the user and system seconds that processes have used since they started."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * _TICK_S


def spent_s() -> float:
    """Return the user and system seconds that this process has used, and those it started that are buried."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


@contextmanager
def burying() -> Iterator[None]:
    """Take in what our children leave behind and bury it at the end, so that what it used is known.

    Raises:
        TimeoutError: Some of it does not end.
    """
    kernel, before = ctypes.CDLL(None), set(_children(os.getpid()))
    kernel.prctl(_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
        until(
            lambda: not any(_runs(pid) for pid in _children(os.getpid()) if pid not in before), "an end", 10
        )
    finally:
        kernel.prctl(_SUBREAPER, 0, 0, 0, 0)


def _runs(pid: int) -> bool:
    """Return whether a child runs still; one that has ended is buried."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:  # somebody else buried it
        return False


def memory_mb(pids: list[int], kind: str = "Pss") -> float:
    """Return the memory of processes; ``Pss`` shares what they share, ``Rss`` counts it for each."""
    total_kb = 0
    for pid in pids:
        for line in _lines(f"/proc/{pid}/smaps_rollup"):
            if line.startswith(f"{kind}:"):
                total_kb += int(line.split()[1])
    return total_kb / 1024


def switches(pid: int) -> int:
    """Return how often the threads of a process went to sleep of their own will: its wake-ups."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in _lines(f"{task}/status"):
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def until(condition: Callable[[], bool], what: str, timeout_s: float = 120.0) -> None:
    """Wait for a condition.

    Raises:
        TimeoutError: It did not come in time.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:g} s in vain: {what}")
        time.sleep(0.2)


def anchor() -> Path:
    """Compile the C anchor and return its path.

    Raises:
        SystemExit: This machine has no C compiler.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise SystemExit("make bench needs a C compiler for its anchor: apt install gcc libc6-dev")
    binary = Path(tempfile.gettempdir()) / f"trueup-anchor-{os.getuid()}"
    subprocess.run([compiler, "-O2", "-o", str(binary), str(HERE / "anchor.c")], check=True)
    return binary


@contextmanager
def target(binary: Path, mode: str = "serve", *arguments: str) -> Iterator[int]:
    """Run the anchor's server and give its port."""
    port = free_port()
    process = subprocess.Popen([str(binary), mode, str(port), *arguments])
    try:
        until(lambda: is_open(port), f"port {port} to open", 5)
        yield port
    finally:
        process.terminate()
        process.wait()


def is_open(port: int) -> bool:
    """Return whether somebody listens on a port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
