"""Verbs, one file each: parse, call one function, print.

Exit codes: 0 it is well, 1 it is not (a target is down, a fault of ours), 2 people must mend something.
Verbs import what they need when they are called, so that ``--help`` stays quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main() -> None:
    """Run the command line of this process and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], name: str = "trueup") -> int:
    """Run one command line and return its exit code; what goes wrong is one sentence on stderr.

    ``name`` is what people typed before the arguments.
    """
    from trueup.cli.verbs import app

    given = list(arguments)
    end = given.index("--") if "--" in given else len(given)  # what follows is another command's
    debug = "--debug" in given[:end]
    try:
        app([*(each for each in given[:end] if each != "--debug"), *given[end:]], prog_name=name)
    except SystemExit as end:
        return _code(end)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away; Python must not complain again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if debug:
            raise
        return _report(error)
    return 0


def _code(end: SystemExit) -> int:
    if isinstance(end.code, str):
        print(end.code, file=sys.stderr)
        return 1
    return int(end.code or 0)


def _report(error: Exception) -> int:
    from trueup.server.faults import explain

    if sentence := explain(error):
        print(f"trueup: {sentence}", file=sys.stderr)
        return 2
    print(
        f"trueup: a fault of its own stopped it ({type(error).__name__}: {error}). "
        "Run the same command with --debug and report what it prints to the project.",
        file=sys.stderr,
    )
    return 1
