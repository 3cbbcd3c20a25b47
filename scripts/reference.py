"""Write the generated parts of the documentation anew, from the code that they describe.

``python scripts/reference.py`` rewrites them in place. A generated part stands between
``<!-- generated: NAME ARGUMENT -->`` and ``<!-- end -->``; all around it is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # scripts and bench are no parts of the package

from scripts import definitions  # noqa: E402

SCHEMA = ROOT / "docs" / "reference" / "trueup.schema.json"
_PART = re.compile(r"(<!-- generated: (\w+) ?(\S*) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Return every page that may hold generated parts."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def schemas() -> dict[Path, dict[str, Any]]:
    """Return the JSON Schemas of contracts, cases and statements, by where they are published."""
    from trueup.config import contract_shape
    from trueup.reports import schema

    folder = SCHEMA.parent
    return {
        folder / "contract.schema.json": contract_shape.contract(),
        folder / "case.schema.json": contract_shape.case(),
        folder / "statement.schema.json": schema.statement(),
    }


def renewed(text: str) -> str:
    """Return a page's text with its generated parts made anew.

    Raises:
        KeyError: A part has a name that nothing here makes.
    """
    return _PART.sub(lambda part: f"{part[1]}{PARTS[part[2]](part[3])}\n{part[4]}", text)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(head)]
    lines += [["---"] * len(lines[0]), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def settings(_: str) -> str:
    """Return the table of all settings."""
    from trueup import conf

    rows = [
        (f"`{each.name}`", f"`{each.default}`" if each.default else "", each.help) for each in conf.fields()
    ]
    return table(("Setting", "Default", "Meaning"), rows)


def kind(name: str) -> str:
    """Return what a kind of check is by its class: options, expectations, values."""
    from trueup.probes import base

    probe = base.registry()[name]
    rows = [
        (f"`{each.name}`", each.type, _default(each), _meaning(each)) for each in base.option_fields(name)
    ]
    head = ("Option", "Type", "Default", "Meaning")
    options = table(head, rows) if rows else "This kind has no options."
    for each in base.option_fields(name):
        if each.parts:
            inner = [(f"`{one.name}`", one.type, _default(one), _meaning(one)) for one in each.parts]
            options += f"\n\nEach of `{each.name}`:\n\n{table(head, inner)}"
    expected = ", ".join(f"`{each}`" for each in probe.default_expect) or "a whole answer"
    provided = ", ".join(f"`{each}`" for each in probe.provides)
    said = [options, f"Expected unless `expect` says otherwise: {expected}."]
    if degraded := ", ".join(f"`{each}`" for each in probe.default_degraded_when):
        said.append(f"Degraded unless `degraded_when` says otherwise: {degraded}.")
    if not probe.counts:
        said.append("It does not enter availability unless the check says `counts: true`.")
    if probe.default_interval:
        said.append(f"Asked every `{probe.default_interval}` unless the check has an `interval` of its own.")
    return "\n\n".join((*said, f"Expectations may name: {provided}."))


def channel(name: str) -> str:
    """Return the settings of a kind of channel."""
    from trueup.channels import base

    rows = [
        (f"`{each.name}`", each.type, _default(each), _meaning(each)) for each in base.option_fields(name)
    ]
    main = f"What is written behind `{name}:` is `{base.registry()[name].main}`."
    return f"{table(('Setting', 'Type', 'Default', 'Meaning'), rows)}\n\n{main}"


def _default(each: object) -> str:
    value = getattr(each, "default", None)
    if getattr(each, "secret", False) or value in (None, "", (), {}):
        return ""
    return f"`{json.dumps(value)}`" if not isinstance(value, str) else f"`{value}`"


def _meaning(each: object) -> str:
    choices = ", ".join(f"`{word}`" for word in getattr(each, "choices", ()))
    return getattr(each, "help", "") + (f" One of {choices}." if choices else "")


def verb(name: str) -> str:
    """Return a verb's own help text (GROUP/VERB where it is in a group); without a name, that of all."""
    import typer.main

    from trueup.cli.verbs import app

    group = typer.main.get_command(app)
    context = group.make_context(
        "trueup", [], resilient_parsing=True, terminal_width=96, max_content_width=96
    )
    command: Any = group
    for part in filter(None, name.split("/")):  # of a group of verbs: export/samples
        command = command.commands[part]
        context = command.make_context(part, [], parent=context, resilient_parsing=True)
    return f"```text\n{command.get_help(context).strip()}\n```"


def rows(_: str) -> str:
    """Return who may import whom, as the import contract says."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["type"] == "layers")["layers"]
    there = {path.stem for path in (ROOT / "src" / "trueup").iterdir() if path.stem != "__init__"}
    names = [[name.strip("() ") for name in layer.split("|")] for layer in layers]
    kept = [[name for name in row if name in there] for row in names]
    return "```text\n" + "\n".join(" | ".join(row) for row in kept if row) + "\n```"


def performance(_: str) -> str:
    """Return the figures of the last whole run of ``make bench``, whose JSON lies beside the page."""
    sys.path.insert(0, str(ROOT))  # bench is no part of the package
    from bench.__main__ import ROWS

    run = json.loads((ROOT / "docs" / "reference" / "performance.json").read_text("utf-8"))
    about = ", ".join(f"{name} {value}" for name, value in run["machine"].items())
    cells = [
        (
            f"`{name}`",
            (ROWS[name].__doc__ or "").strip().partition("\n")[0],
            "<br>".join(f"{key} {value}" for key, value in found.items()),
        )
        for name, found in run["rows"].items()
    ]
    return f"Measured on: {about}.\n\n{table(('Row', 'What is measured', 'Figures'), cells)}"


def python(name: str) -> str:
    """Return a public class as its docstrings describe it."""
    import trueup

    sys.path.insert(0, str(ROOT))
    from scripts.signatures import class_page

    return class_page(getattr(trueup, name))


def system_checks(_: str) -> str:
    """Return the table of what Django's checks may say."""
    from trueup.checks.finding import FINDINGS

    found = [(f"`{name}`", _as_text(each.wrong), _as_text(each.hint)) for name, each in FINDINGS.items()]
    return table(("Id", "What is wrong", "What to do"), found)


def _as_text(sentence: str) -> str:
    """Return a sentence without places for values."""
    return sentence.replace("{found!r}", "...").replace("{found}", "...")


def _tabled(part: Callable[[definitions.Table], str]) -> Callable[[str], str]:
    return lambda _: part(table)


PARTS: dict[str, Callable[[str], str]] = {
    "channel": channel,
    "kind": kind,
    "performance": performance,
    "python": python,
    "rows": rows,
    "settings": settings,
    "system_checks": system_checks,
    "verb": verb,
    **{name: _tabled(part) for name, part in definitions.PARTS.items()},
}


def main() -> int:
    """Rewrite every page whose generated parts are out of date, and the schema of the configuration."""
    from trueup.config import contract_shape, shape

    for page in pages():
        before = page.read_text("utf-8")
        after = renewed(before)
        if after != before:
            page.write_text(after, "utf-8")
            print(f"renewed {page.relative_to(ROOT)}")
    SCHEMA.write_text(shape.text(), "utf-8")
    for path, document in schemas().items():
        path.write_text(contract_shape.text(document), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
