"""The rules of the house that no other tool keeps: sizes, words, who may read what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "trueup"

FILE_LINES = 400
FUNCTION_LINES = 50
LONGEST_SLEEP_S = 0.05

# Who else may read the environment, and why.
READS_ENVIRONMENT = {"src/trueup/conf.py": "it is where every setting is read"}
DJANGO_IS_TOLD = (
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', "  # which settings to load, before it starts
)
NOT_PURE = {
    "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
    "select", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time",
    "urllib",
}  # fmt: skip
OPENS_CONNECTIONS = {"asyncio", "http", "requests", "select", "socket", "ssl", "urllib.request", "urllib3"}
NAMELESS = {"common", "helper", "helpers", "manager", "misc", "shared", "util", "utils"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
INDEX_ADDRESS = re.compile(r"--(extra-)?index-url|/simple/|pythonhosted")


@cache
def tracked() -> tuple[Path, ...]:
    """Return the text files of the repository, as git or, in an unpacked archive, the folder has them."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = [name for name in listing.stdout.split("\0") if name]
    found = [ROOT / name for name in names] if listing.returncode == 0 else list(ROOT.rglob("*"))
    return tuple(
        path
        for path in found
        if path.is_file() and ".venv" not in path.parts and path != Path(__file__)  # it names what it forbids
    )


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below some folders of the repository, migrations left out."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in folders
        and "migrations" not in path.parts
    ]


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def where(path: Path, node: ast.AST) -> str:
    """Return ``file:line`` of a node."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Yield every module that a file imports, with the statement."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node


def reads_of_environment(module: ast.Module) -> Iterator[ast.AST]:
    """Yield where a module touches the environment, but for naming Django's settings."""
    told = {
        id(node.func.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node).startswith(DJANGO_IS_TOLD)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and id(node) not in told:
            if ast.unparse(node) in {"os.environ", "os.environb", "os.getenv"}:
                yield node
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (node for alias in node.names if alias.name in {"environ", "environb", "getenv"})


def is_one_of(module: str, names: set[str]) -> bool:
    """Tell whether a module is one of some, or lies inside one."""
    return any(module == name or module.startswith(name + ".") for name in names)


def test_no_file_is_longer_than_400_lines() -> None:
    sizes = {
        path: len(path.read_text("utf-8").splitlines())
        for path in python_files("src", "tests", "scripts", "bench")
    }

    assert {str(path): lines for path, lines in sizes.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        f"{where(path, node)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in python_files("src")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]

    assert long == []


def test_no_module_is_named_after_nothing() -> None:
    assert [str(path) for path in python_files("src") if path.stem in NAMELESS] == []


def test_no_model_field_has_choices() -> None:
    found = [
        where(path, node)
        for path in python_files("src")
        if path.is_relative_to(SOURCE / "store")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and any(keyword.arg == "choices" for keyword in node.keywords)
    ]

    assert found == [], "sets that others may extend are checked against their registry, not by a migration"


def test_only_conf_reads_the_environment() -> None:
    found = [
        where(path, node)
        for path in python_files("src")
        if str(path.relative_to(ROOT)) not in READS_ENVIRONMENT
        for node in reads_of_environment(tree(path))
    ]

    assert found == [], "every setting stands in conf.py, where its meaning and default are documented"


def test_domain_is_standard_library_without_clock_or_input() -> None:
    found = [
        f"{where(path, node)} imports {module}"
        for path in python_files("src")
        if path.is_relative_to(SOURCE / "domain")
        for module, node in imports(path)
        if is_one_of(module, NOT_PURE)
        or not (module.split(".")[0] in sys.stdlib_module_names or is_one_of(module, {"trueup.domain"}))
    ]

    assert found == []


def test_domain_never_asks_what_time_it_is() -> None:
    found = [
        where(path, node)
        for path in python_files("src")
        if path.is_relative_to(SOURCE / "domain")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "today", "utcnow"}
    ]

    assert found == [], "time is passed in"


@pytest.mark.parametrize("room", ["probes/kinds", "channels"])
def test_kinds_and_channels_open_no_connection_themselves(room: str) -> None:
    found = [
        f"{where(path, node)} imports {module}"
        for path in python_files("src")
        if path.is_relative_to(SOURCE / room)
        for module, node in imports(path)
        if is_one_of(module, OPENS_CONNECTIONS)
    ]

    assert found == [], "connections come from trueup.net, which judges the address"


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".sh", ".html", ".js", ".css", ".toml", ".yaml", ".c"}
        and "vendor" not in path.parts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]

    assert found == []


def test_no_lock_file_and_no_index_address_is_committed() -> None:
    locks = [str(path) for path in tracked() if path.name == "uv.lock" or path.name.startswith("pylock.")]
    addresses = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in {"", ".cfg", ".in", ".ini", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml"}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if INDEX_ADDRESS.search(line)
    ]

    assert (locks, addresses) == ([], []), "which index is used is the machine's own setting"


def test_no_test_sleeps_longer_than_50_ms() -> None:
    found = [
        where(path, node)
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "sleep"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, int | float)
        and node.args[0].value > LONGEST_SLEEP_S
    ]

    assert found == []


def test_models_need_no_new_migration(sqlite_database: object) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
