"""The example project, copied to where a test may change it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_LEFT_BY_A_RUN = ("__pycache__", "data", "db.sqlite3*", "trueup.yaml", "trueup.schema.json")
EXAMPLE = Path(__file__).parents[2] / "example"


class Project:
    """A copy of the example, and the Python that runs it."""

    def __init__(self, folder: Path, python: Path) -> None:
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(*_LEFT_BY_A_RUN))
        self.folder = folder
        self.python = python
        self.environ = {"PATH": os.environ["PATH"], "TRUEUP_WITNESSES": "none"}

    def run(self, *arguments: str | Path, fails: int = 0, **environ: str) -> str:
        """Run Python with arguments in the project and return what it printed, errors too."""
        done = subprocess.run(
            [self.python, "-W", "error::ResourceWarning", *arguments],
            cwd=self.folder, env={**self.environ, **environ},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == fails, done.stdout
        return done.stdout.strip()

    def manage(self, *arguments: str, fails: int = 0, **environ: str) -> str:
        """Run one command of ``manage.py``."""
        return self.run("manage.py", *arguments, fails=fails, **environ)
