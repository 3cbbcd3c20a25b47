"""Read YAML 1.2 into a tree of mappings, lists and scalars that knows where everything stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.reader import ReaderError

from trueup.config.problem import Place
from trueup.config.scalar import Scalar
from trueup.config.syntax import explain
from trueup.domain.reference import BadReferenceError, MissingVariableError, expand

Path = tuple[str | int, ...]
Tree = dict[str, Any] | list[Any] | Scalar

MAX_DEPTH = 50
MAX_REPEATED = 20_000  # nodes that aliases may stand for: a file of ten lines could mean billions
_KINDS = ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value")
_CORE = {f"tag:yaml.org,2002:{kind}" for kind in _KINDS}  # what an untagged value can be
_TAGGED = "tags (a value that begins with !) are not used here: put the value in quotes"
_ESCAPES = {"x": 4, "u": 6, "U": 10}  # how long an escape in double quotes is
_MERGE = (
    "'<<' is not part of YAML 1.2: write the keys out, repeat a whole value with *name, or use 'defaults'"
)


@dataclass
class Document:
    """A file's content: its tree, the place of each value and key, and what was wrong with it."""

    tree: Tree | None = None
    lines: list[str] = field(default_factory=list)
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    problems: list[tuple[Place, str]] = field(default_factory=list)
    missing: dict[Path, MissingVariableError] = field(default_factory=dict)
    unexpanded: set[Path] = field(default_factory=set)  # their reference cannot be read

    def place(self, path: Path) -> Place:
        """Return where a value stands, or the nearest one around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def place_of_key(self, path: Path) -> Place:
        """Return where the key of a value stands, or the value where it has none."""
        return self.keys.get(path) or self.place(path)

    def place_inside(self, path: Path, index: int) -> Place:
        """Return where a character (from 0) of a text stands, or the text where that cannot be known."""
        start = self.place(path)
        value = self.at(path)
        if not isinstance(value, Scalar) or value.template != value or start.line > len(self.lines):
            return start
        return Place(
            start.line, start.column + _written(self.lines[start.line - 1][start.column - 1 :], index)
        )

    def at(self, path: Path) -> Tree | None:
        """Return the value at a path, None where there is none."""
        value: Any = self.tree
        for part in path:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value  # type: ignore[no-any-return]


def parse(text: str, environ: Mapping[str, str]) -> Document:
    """Return the document of a text; what is wrong with it stands in ``problems`` and ``missing``.

    A document without a tree could not be read any further.
    """
    document = Document(lines=text.splitlines())
    try:
        root = _compose(text)
        if root is not None:
            document.tree = _Reader(document, environ).read(root, ())
    except MarkedYAMLError as error:
        document.problems.append(explain(error, document.lines))
    except ReaderError as error:
        document.problems.append((_position(text, error.position), "a character that no YAML file may hold"))
    except RecursionError:
        document.problems.append((Place(1, 1), f"nested more than {MAX_DEPTH} levels deep: flatten it"))
    except _UnreadableError as error:
        document.problems.append((error.place, str(error)))
    return document


def _compose(text: str) -> Node | None:
    try:
        return YAML(typ="safe", pure=True).compose(text)  # type: ignore[no-any-return]
    except (MarkedYAMLError, ReaderError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001
        # its scanner has corners that end in faults of its own, and they may quote the text
        raise _UnreadableError(Place(1, 1), _gave_up(error)) from None


def _gave_up(error: Exception) -> str:
    if isinstance(error, OverflowError | ValueError):  # which of them it is depends on the Python
        return "not YAML: an escape or a number in it is out of range"
    return f"not YAML: the parser gave up ({type(error).__name__})"


class _UnreadableError(Exception):
    def __init__(self, place: Place, message: str) -> None:
        self.place = place
        super().__init__(message)


class _Reader:
    """Turn nodes into a tree, references expanded and aliases followed within bounds."""

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self._document = document
        self._environ = environ
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._repeated = 0

    def read(self, node: Node, path: Path) -> Tree:
        place = _place(node)
        self._document.values[path] = place
        self._bound(node, path, place)
        if not _is_core(node):
            self._problem(place, _TAGGED)
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self._open.add(id(node))
        tree = self._mapping(node, path) if isinstance(node, MappingNode) else self._list(node, path)
        self._open.discard(id(node))
        return tree

    def _bound(self, node: Node, path: Path, place: Place) -> None:
        if id(node) in self._open:
            raise _UnreadableError(place, "an alias inside the value it stands for: it would never end")
        if len(path) > MAX_DEPTH:
            raise _UnreadableError(place, f"nested more than {MAX_DEPTH} levels deep: flatten it")
        if id(node) in self._seen:
            self._repeated += 1
        if self._repeated > MAX_REPEATED:
            raise _UnreadableError(place, f"aliases stand for more than {MAX_REPEATED} values: use fewer")
        self._seen.add(id(node))

    def _list(self, node: Node, path: Path) -> list[Tree]:
        return [self.read(inner, (*path, index)) for index, inner in enumerate(node.value)]

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Tree]:
        tree: dict[str, Tree] = {}
        for key, inner in node.value:
            place = _place(key)
            if not isinstance(key, ScalarNode):
                self._problem(place, "a key must be a text")
            elif key.value == "<<" and key.style is None:
                self._problem(place, _MERGE)
            elif key.value in tree:
                first = self._document.keys[(*path, key.value)]
                self._problem(place, f"key '{key.value}' stands here twice: first on line {first.line}")
            else:
                self._document.keys[(*path, key.value)] = place
                tree[key.value] = self.read(inner, (*path, key.value))
        return tree

    def _scalar(self, node: ScalarNode, path: Path) -> Scalar:
        plain = node.style is None
        try:
            return Scalar(expand(node.value, self._environ), plain=plain, template=node.value)
        except MissingVariableError as error:
            self._document.missing[path] = error
        except BadReferenceError as error:
            self._document.unexpanded.add(path)
            self._problem(_place(node), str(error))
        return Scalar(node.value, plain=False)

    def _problem(self, place: Place, message: str) -> None:
        self._document.problems.append((place, message))


def _place(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _is_core(node: Node) -> bool:
    return str(node.tag) in _CORE


def _written(source: str, index: int) -> int:
    """Return how far a character of a text lies behind the start of its written form, on one line."""
    quote = source[:1]
    if quote not in ("'", '"'):
        return 0 if quote in ("|", ">") else index
    offset = 1
    for _ in range(index):
        if quote == "'":
            offset += 2 if source[offset : offset + 2] == "''" else 1
        elif source[offset : offset + 1] == "\\":
            offset += _ESCAPES.get(source[offset + 1 : offset + 2], 2)
        else:
            offset += 1
    return min(offset, len(source))


def _position(text: str, offset: int) -> Place:
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
