"""The configuration a newcomer starts with: three checks, named by environment variables."""

from __future__ import annotations

import os
from pathlib import Path

from trueup.config.load import shown

TEXT = """\
# What trueup watches. `trueup validate` checks this file, `trueup apply` makes it hold.
# ${NAME:-default} is the environment variable NAME, or the default where NAME is not set.

site:
  name: My services
  timezone: UTC

defaults:
  interval: 60s       # how often each check asks
  timeout: 10s        # how long it waits for a whole answer
  confirm: 2          # results in a row that make it worse ...
  recover: 1          # ... and better

components:           # what people see; a component is down when any of its checks is down
  - name: Frontend
    checks:
      - http: ${FRONTEND_URL:-http://localhost:8080}

  - name: Backend
    checks:
      # The path of the health document stands here: if the answer is 404, change /health.
      - http: ${BACKEND_URL:-http://localhost:8000}/health
        expect: status in 200..299
        # expect: ["status == 200", '$.status == "ok"']
        # degraded_when: latency > 800 ms

  - name: WebSocket
    checks:
      - websocket: ${WEBSOCKET_URL:-ws://localhost:8000/ws}
"""


class NotWrittenError(Exception):
    """A starter configuration that could not be written: which, why and what to do."""


# Editors with a YAML language server read the schema of this line.
_FOR_EDITORS = "# yaml-language-server: $schema={}\n"


def write(path: Path, *, force: bool = False, schema: str = "") -> None:
    """Write the starter configuration to a path; one that is there is replaced only by force.

    ``schema`` is where editors find its JSON Schema, seen from the file.

    Raises:
        NotWrittenError: It is there already, or cannot be written.
    """
    mode = os.O_TRUNC if force else os.O_EXCL
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | mode, 0o644), "w", encoding="utf-8") as file:
            file.write((_FOR_EDITORS.format(schema) if schema else "") + TEXT)
    except FileExistsError:
        message = "it exists already: change it, or let 'trueup init --force' replace it"
    except FileNotFoundError:
        message = f"it cannot be written: there is no directory {shown(path.parent)}"
    except OSError as error:
        message = f"it cannot be written: {error.strerror}"
    else:
        return
    raise NotWrittenError(f"{shown(path)}: {message}")
