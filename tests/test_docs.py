"""The documentation says what the code does: parts are current, examples work, links lead somewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts import reference
from tests.system import SWITCHES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = reference.pages()
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"\bTRUEUP_[A-Z_]+\b")


def name_of(page: Path) -> str:
    """Return a page's path as people write it."""
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language, without their indentation."""
    found = FENCE.findall(page.read_text("utf-8"))
    return [
        re.sub(f"^{indent}", "", body, flags=re.MULTILINE) for indent, kind, body in found if kind == language
    ]


def prose(page: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a page that are running text: no code, no table, no heading, no comment."""
    text = FENCE.sub(lambda block: "\n" * block[0].count("\n"), page.read_text("utf-8"))
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith(("|", "#", "<!--", "![")):
            yield number, line


def headings(page: Path) -> list[str]:
    """Return the headings of a page, code aside."""
    text = FENCE.sub("", page.read_text("utf-8"))
    return [line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")]


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def rows_below(page: Path, heading: str) -> list[str]:
    """Return the names in the first column of the table below a heading."""
    sections = re.split(r"^#+ ", FENCE.sub("", page.read_text("utf-8")), flags=re.MULTILINE)
    body = next(section for section in sections if section.partition("\n")[0].strip() == heading)
    return re.findall(r"^\| `(\w+)`", body, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_generated_parts_are_current(page: Path) -> None:
    text = page.read_text("utf-8")

    assert reference.renewed(text) == text, "run: make fix"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_a_page_that_is_there(page: Path) -> None:
    broken = []
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        path, _, fragment = link.partition("#")
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target = (page.parent / path).resolve() if path else page
        anchors = [anchor(heading) for heading in headings(target)] if target.suffix == ".md" else []
        if not target.is_file() or (fragment and fragment not in anchors):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_one_sentence_stands_on_a_line(page: Path) -> None:
    several = [
        f"{number}: {line}"
        for number, line in prose(page)
        if not line.lstrip().startswith(("- ", "* ")) and re.search(r"[a-z)`][.!?] +[A-Z]", line)
    ]

    assert several == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_that_are_named_exist(page: Path) -> None:
    from trueup import conf

    known = {setting.name for setting in conf.fields()} | {"TRUEUP_", "TRUEUP_SECRET_", *SWITCHES}

    assert set(SETTING.findall(page.read_text("utf-8"))) - known == set()


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=name_of)
def test_yaml_examples_are_good_configurations(page: Path, tmp_path: Path) -> None:
    from trueup.config.load import load

    for name in ("ca.pem", "client.pem"):
        (tmp_path / name).touch()
    for number, example in enumerate(blocks(page, "yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(example, "utf-8")

        assert load(file, dict.fromkeys(re.findall(r"\$\{(\w+)\}", example), "set")).components


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_python_examples_run(page: Path, tmp_path: Path) -> None:
    for number, example in enumerate(blocks(page, "python")):
        file = tmp_path / f"example_{number}.py"
        file.write_text(example, "utf-8")
        done = subprocess.run(
            [sys.executable, file], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

        assert (done.returncode, done.stderr) == (0, "")


def test_kind_of_the_how_to_asks_a_real_server(tmp_path: Path) -> None:
    trial = """
import socket, threading
from trueup.probes import base
from trueup.probes.ask import ask_once

door = socket.create_server(("127.0.0.1", 0))


def greet():
    connection, _ = door.accept()
    connection.sendall(b"hello\\r\\n")
    connection.close()


threading.Thread(target=greet).start()
answer = ask_once(base.build("banner", f"127.0.0.1:{door.getsockname()[1]}", {}), 5)
print(answer.facts.values)
"""
    file = tmp_path / "example.py"
    file.write_text(blocks(DOCS / "how-to" / "add-a-kind.md", "python")[0] + trial, "utf-8")

    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout, done.stderr) == ("{'banner': 'hello'}\n", "")


def commands(page: Path) -> list[list[str]]:
    """Return the command lines of a page that start trueup, in blocks and in the text, without comments."""
    text = page.read_text("utf-8")
    lines = [
        line for block in FENCE.findall(text) if block[1] in ("sh", "ini") for line in block[2].splitlines()
    ]
    lines += re.findall(r"`(trueup [^`]+)`", text)
    start = r"^(?:ExecStart=)?(?:[A-Z_]+=\S+ )*(?:[\w./]*/)?trueup ((?:--)?[a-z].*)$"
    found = [re.search(start, line.split("  #")[0].strip()) for line in lines]
    # what follows a -- is another command's
    return [match[1].split(" -- ")[0].split() for match in found if match]


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name_of)
def test_commands_that_are_named_are_there_with_their_options(page: Path) -> None:
    import typer.main

    from trueup.cli.verbs import app

    verbs = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    unknown = []
    for verb, *arguments in commands(page):
        if arguments and hasattr(verbs.get(verb), "commands"):
            name = f"{verb} {arguments.pop(0)}"
            verbs[name] = verbs[verb].commands.get(name.split()[1])
            verb = name if verbs[name] else "unknown"
        options = (
            {option for parameter in verbs[verb].params for option in parameter.opts}
            if verb in verbs
            else set()
        )
        wanted = {argument.partition("=")[0] for argument in arguments if argument.startswith("--")} - {
            "--help"
        }
        if (verb not in verbs and not verb.startswith("--")) or not wanted <= options:
            unknown.append(" ".join([verb, *arguments]))

    assert unknown == []


def test_make_targets_that_are_named_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
    }

    assert named - targets == set()


def test_readme_names_what_ci_runs() -> None:
    ran = set(re.findall(r"make [a-z-]+", (ROOT / ".ci" / "run").read_text("utf-8")))
    readme = (ROOT / "README.md").read_text("utf-8")

    assert {command for command in ran if f"`{command}`" not in readme} == set()


@pytest.mark.parametrize(
    ("page", "part", "registry"),
    [("checks.md", "kind", "trueup.probes.base"), ("channels.md", "channel", "trueup.channels.base")],
)
def test_every_kind_has_its_heading(page: str, part: str, registry: str) -> None:
    import importlib

    kinds = list(importlib.import_module(registry).registry())
    text = (DOCS / "reference" / page).read_text("utf-8")

    missing = [
        kind for kind in kinds if f"## {kind}\n" not in text or f"generated: {part} {kind} " not in text
    ]
    assert missing == [], f"add '## <kind>' and its generated part to docs/reference/{page}, then: make fix"


def test_every_verb_has_its_heading() -> None:
    import typer.main

    from trueup.cli.verbs import app

    page = DOCS / "reference" / "cli.md"
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]

    assert [verb for verb in verbs if verb not in headings(page)] == []


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("The document", "Root"),
        ("site", "Site"),
        ("defaults", "Defaults"),
        ("A component", "Component"),
        ("A check", "Check"),
        ("A contract", "Contract"),
        ("A channel", "Channel"),
    ],
)
def test_every_key_of_the_configuration_is_described(heading: str, part: str) -> None:
    from trueup.config import schema

    described = rows_below(DOCS / "reference" / "configuration.md", heading)

    assert described == list(getattr(schema, part).model_fields)


def test_every_key_of_a_page_is_described() -> None:
    from trueup.config.page_shape import Page, PageGroup

    described = rows_below(DOCS / "reference" / "configuration.md", "A page")

    assert described == [*Page.model_fields, *PageGroup.model_fields]


def shape(document: object) -> object:
    """Return the keys of a JSON document, with those of all components as one."""
    if not isinstance(document, dict):
        return None
    found = {key: shape(value) for key, value in document.items()}
    if "components" in found:
        found["components"] = next(shape(value) for value in document["components"].values())
    return found


def test_example_of_the_api_has_the_keys_of_the_answer(sqlite_database: object, tmp_path: Path) -> None:
    from django.test import Client

    from trueup.config.apply import apply
    from trueup.config.load import load

    file = tmp_path / "trueup.yaml"
    file.write_text(blocks(DOCS / "reference" / "configuration.md", "yaml")[0], "utf-8")
    apply(load(file, {}), now_us=1_700_000_000_000_000, source="the documentation")

    answer = Client().get("/api/system/uptime/").json()

    example = json.loads(blocks(DOCS / "reference" / "api.md", "json")[0])
    assert shape(example) == shape(answer)


def test_retention_names_every_table_and_says_how_long_it_is_kept() -> None:
    from trueup.store import models
    from trueup.store.write import retention

    page = DOCS / "reference" / "retention.md"
    kept = dict(re.findall(r"^\| (`\w+`.*?) \| .*? \| (.*?) \|", page.read_text("utf-8"), re.MULTILINE))

    assert kept["`Block`, its samples"].startswith(f"{retention.SAMPLES_DAYS} days")
    assert kept["`Event`"].startswith(f"{retention.EVENTS_DAYS} days")
    assert kept["`Delivery`"].startswith(f"{retention.EVENTS_DAYS} days")
    assert kept["`Batch`"] == f"{retention.BATCHES_DAYS} day"
    assert kept["`Beat`"].startswith(f"{retention.BEATS_DAYS} days")
    assert set(rows_below(page, "What is kept how long")) == set(models.__all__)


def test_every_page_is_in_the_navigation() -> None:
    with (ROOT / "zensical.toml").open("rb") as file:
        navigation = str(tomllib.load(file)["project"]["nav"])

    pages = [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")]
    assert [page for page in pages if f"'{page}'" not in navigation] == []


def test_every_decision_is_in_the_index() -> None:
    index = (DOCS / "decisions" / "index.md").read_text("utf-8")

    missing = [page.name for page in (DOCS / "decisions").glob("0*.md") if f"({page.name})" not in index]
    assert missing == []


def test_every_fragment_of_the_changelog_says_what_it_is() -> None:
    kinds = "added|changed|fixed|removed|security"
    names = [path.name for path in (ROOT / "changes").iterdir()]

    assert [name for name in names if not re.fullmatch(rf"\d+(-[a-z-]+)?\.({kinds})\.md", name)] == []
