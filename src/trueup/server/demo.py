"""The demo: a sample platform as one more child, and a configuration that watches it closely."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from trueup.conf import Settings
from trueup.server import boot, up
from trueup.server.faults import StartError
from trueup.server.processes import Child
from trueup.server.voice import PRINT, Say

_MARK = "# Written by `trueup demo` at each start: the sample platform's ports change.\n"
_CONFIG = """\
site: {{name: Sample shop}}
defaults: {{interval: {interval}s, timeout: {interval}s, confirm: 2, recover: 1}}
components:
  - name: Frontend
    checks:
      - http: http://127.0.0.1:{ports[0]}/
  - name: Backend
    checks:
      - http: http://127.0.0.1:{ports[1]}/health
        expect: ["status == 200", '$.status == "ok"']
        degraded_when: ["latency > {slow_ms} ms"]
  - name: WebSocket
    checks:
      - websocket: ws://127.0.0.1:{ports[2]}/ws
"""
_BOUND = (
    "from trueup.server.processes import die_with_parent; die_with_parent({parent}); "
    "from trueup.testing.platform import main; main()"
)
_INTERVAL_S = 5
_SLOW_S = 1.2
_LEAST_SLOW_S = 0.4


def run(settings: Settings, *, speed: float, say: Say = PRINT) -> int:
    """Run the demo until SIGINT or SIGTERM and return the exit code; ``speed`` compresses its 120 s.

    Raises:
        StartError: People must mend something first; nothing was started.
    """
    boot.refuse_hosted("demo", "It would fill its database with a sample. Unset DJANGO_SETTINGS_MODULE.")
    slow_s = max(_LEAST_SLOW_S, _SLOW_S / speed)
    with ExitStack() as held:
        ports = [_hold(held) for _ in range(3)]

        truth = settings.data / "truth.jsonl"

        def first() -> None:
            _refuse_others(settings)
            interval_s = max(1, round(_INTERVAL_S / speed))
            text = _MARK + _CONFIG.format(ports=ports, interval=interval_s, slow_ms=round(slow_s * 600))
            settings.config.write_text(text, encoding="utf-8")
            say(
                f"the sample platform is slow after {25 / speed:.0f} s, down after {50 / speed:.0f} s and "
                f"well again after {80 / speed:.0f} s; the truth is written to {truth}"
            )

        platform = _platform(settings, ports, speed, slow_s)
        return up.run(settings, migrate=True, say=say, beside=[platform], first=first)


def _refuse_others(settings: Settings) -> None:
    """Refuse a directory that a demo did not make: its configuration would be replaced by the demo's."""
    if settings.config.exists():
        ours = settings.config.read_bytes().startswith(_MARK.encode())
    else:
        ours = not (settings.data / "trueup.db").exists()
    if not ours:
        raise StartError(
            f"{settings.data} holds what is no demo, and the demo would take its place. "
            "Name a directory of its own with --data."
        )


def _hold(held: ExitStack) -> int:
    """Keep a free port for the platform: bound here, never listening, as long as the demo runs."""
    sock = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind(("127.0.0.1", 0))
    return int(sock.getsockname()[1])


def _platform(settings: Settings, ports: Sequence[int], speed: float, slow_s: float) -> Child:
    # The platform is a server room of its own and knows nothing of ours: it is bound to us from outside.
    code = _BOUND.format(parent=os.getpid())
    argv = [
        sys.executable,
        "-c",
        code,
        "--ports",
        ",".join(map(str, ports)),
        "--truth",
        str(settings.data / "truth.jsonl"),
    ]
    return Child("platform", [*argv, "--speed", str(speed), "--slow", str(slow_s)], once=True, quiet=True)
