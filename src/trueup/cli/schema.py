"""``trueup schema``: the JSON Schema of the configuration."""

from __future__ import annotations

from trueup.cli import rows


def schema(output: rows.Output = None) -> None:
    """Print the JSON Schema of the configuration, with the kinds and channels that are installed here.

    Editors complete and check a file whose first line is
    ``# yaml-language-server: $schema=trueup.schema.json``.
    """
    from trueup.config import shape

    if output is None:
        print(shape.text(), end="")
    else:
        rows.save(output, shape.text())
