"""A process with a database of its own, for rows that look inside: ``python -m bench.inside ROW``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def inside(row: str, *, short: bool) -> dict[str, object]:
    """Run a row of this module in a process of its own and return its figures."""
    argv = [sys.executable, "-m", "bench.inside", row, *(["--short"] if short else [])]
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as folder:
        environ = {"PATH": "/usr/bin:/bin", "TRUEUP_DATA": folder, "TRUEUP_LOG_LEVEL": "warning"}
        done = subprocess.run(argv, cwd=ROOT, env=environ, stdout=subprocess.PIPE, check=True, text=True)
    figures: dict[str, object] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Make an empty database in the data directory, run the row on it and print its figures."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "trueup.server.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from bench.rows import changes, documents, storage

    rows = {
        "changes": changes.measure_changes,
        "documents": documents.measure,
        "disk": storage.measure_disk,
        "reads": storage.measure_reads,
    }
    row = rows[sys.argv[1]]
    json.dump(row(short="--short" in sys.argv), sys.stdout)


if __name__ == "__main__":
    main()
