"""Evidence as files: a folder for each check and run, a document for each piece, its body beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from trueup.cli.records import Seen
from trueup.server.faults import StartError

_UNSAFE = re.compile(r"[^A-Za-z0-9T.-]")


def fill(folder: Path, pieces: Iterable[Seen]) -> int:
    """Write pieces of evidence into a new folder and return how many there were.

    Raises:
        StartError: The folder holds something already.
        OSError: It cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise StartError(f"--folder {folder} is not empty. Name a new one, so that nothing is mixed.")
    count = 0
    for row, body, picture in pieces:
        count += 1
        run = folder / row["check"] / _UNSAFE.sub("", row["run"])
        run.mkdir(parents=True, exist_ok=True)
        name = f"{_UNSAFE.sub('', row['asked'])}-{row['role']}-{row['number']}"
        files = {"body": (f"{name}.body", body), "picture": (f"{name}.jpg", picture)}
        for file, data in files.values():
            if data:
                (run / file).write_bytes(data)
        document = row | {f"{what}_file": file if data else None for what, (file, data) in files.items()}
        (run / f"{name}.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return count
