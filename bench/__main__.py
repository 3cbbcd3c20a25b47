"""Run the rows and print one JSON; ``python -m bench [--short] [row ...]``."""

from __future__ import annotations

import argparse
import json
import sys
import time

from bench import machine
from bench.rows import checks, documents, kinds, sla, storage, trouble

ROWS = {
    "whole_check": checks.whole_check,
    "paced": checks.paced,
    "secure": checks.secure,
    "three": checks.three,
    "kinds": kinds.kinds,
    "each_kind": kinds.each_kind,
    "mass_outage": trouble.mass_outage,
    "hanging": trouble.hanging,
    "dead_names": trouble.dead_names,
    "edges": trouble.edges,
    "disk": storage.disk,
    "reads": storage.reads,
    "documents": documents.documents,
    "sla": sla.sla,
}


def main() -> int:
    """Measure the rows that were asked for and print them."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="smaller and shorter runs: minutes, not an hour")
    parser.add_argument("rows", nargs="*", metavar="row", help=f"of {', '.join(ROWS)}; none: all")
    asked = parser.parse_args()
    unknown = [row for row in asked.rows if row not in ROWS]
    if unknown:
        parser.error(f"no row {unknown[0]!r}: choose of {', '.join(ROWS)}")
    anchor = machine.anchor()
    figures: dict[str, object] = {}
    for name in asked.rows or ROWS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        started = time.monotonic()
        figures[name] = ROWS[name](anchor, short=asked.short)
        print(f"{name}: {json.dumps(figures[name])} ({time.monotonic() - started:.0f} s)", file=sys.stderr)
    print(json.dumps({"machine": machine.describe(), "short": asked.short, "rows": figures}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
