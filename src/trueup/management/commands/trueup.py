"""``manage.py trueup VERB``: the command line of trueup on a project's settings and database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trueup import cli, conf


class Command(BaseCommand):
    """Hands its arguments to trueup's own command line."""

    help = "Watch services and keep an exact ledger of every second that was lost: trueup's own command line."
    requires_system_checks = ()  # `manage.py check` looks; a verb says what it misses itself

    def run_from_argv(self, argv: list[str]) -> None:
        """Run one command line and exit with its code; Django's own options are Django's."""
        parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        for option in ("--settings", "--pythonpath"):
            parser.add_argument(option)
        sys.exit(_run(parser.parse_known_args(argv[2:])[1]))

    def add_arguments(self, parser: CommandParser) -> None:
        """Take everything from the verb on, as ``call_command("trueup", "status", "--json")`` has it."""
        parser.add_argument("arguments", nargs=argparse.REMAINDER, help="A verb and its options.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run one command line.

        Raises:
            CommandError: Its exit code is not 0.
        """
        if code := _run(options["arguments"]):
            raise CommandError("trueup has said why.", returncode=code)


def _run(arguments: Sequence[str]) -> int:
    if refusals := conf.refusals(getattr(settings, "TRUEUP", {})):
        print(f"trueup: the setting TRUEUP cannot be used: {refusals[0]}", file=sys.stderr)  # noqa: T201
        return 2
    conf.hand_on_path()
    return cli.run(arguments, "manage.py trueup")
