"""Write a class as reference: its signature, its docstring, its public methods with theirs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

_SECTION = re.compile(r"^(Args|Raises):$")
_ITEM = re.compile(r"^(\w+): (.*)$")
_SENTENCE = re.compile(r"(?<=[a-z)`][.!?]) +(?=[A-Z])")
_TITLES = {"Args": "Arguments:", "Raises": "Errors:"}


def class_page(kind: type) -> str:
    """Return a class as Markdown; its methods have headings of the third level."""
    parts = [_entry(kind.__name__, kind, kind.__doc__)]
    for name, member in vars(kind).items():
        function = member.__func__ if isinstance(member, classmethod) else member
        if not name.startswith("_") and inspect.isfunction(function) and function.__doc__:
            parts += [f"### {name}", _entry(name, function, function.__doc__)]
    return "\n\n".join(parts)


def _entry(name: str, thing: object, doc: str | None) -> str:
    awaited = "async " if inspect.iscoroutinefunction(thing) else ""
    signature = "" if isinstance(thing, type) and issubclass(thing, Exception) else _signature(thing)
    return f"```text\n{awaited}{name}{signature}\n```\n\n" + "\n\n".join(_blocks(inspect.cleandoc(doc or "")))


def _signature(thing: object) -> str:
    signature = inspect.signature(thing)  # type: ignore[arg-type]
    shown: list[str] = []
    star = False
    for name, each in signature.parameters.items():
        if name in ("self", "cls"):
            continue
        if each.kind is each.KEYWORD_ONLY and not star:
            shown, star = [*shown, "*"], True
        default = "" if each.default is each.empty else f" = {_default(each.default)}"
        shown.append(f"{name}: {each.annotation}{default}")
    returned = signature.return_annotation
    ends = "" if inspect.isclass(thing) or returned is signature.empty else f" -> {returned}"
    line = f"({', '.join(shown)}){ends}"
    return line if len(line) < 80 else "(\n    " + ",\n    ".join(shown) + f"\n){ends}"


def _default(value: object) -> str:
    return "..." if repr(value).startswith("<") else repr(value)


def _blocks(doc: str) -> Iterator[str]:
    """Yield the paragraphs of a docstring, one sentence a line, and its sections as lists."""
    for block in doc.split("\n\n"):
        head, _, body = block.partition("\n")
        if _SECTION.match(head):
            yield _TITLES[head.rstrip(":")] + "\n\n" + "\n".join(_items(inspect.cleandoc(body)))
        else:
            yield _SENTENCE.sub("\n", " ".join(block.split()))


def _items(body: str) -> Iterator[str]:
    lines: list[str] = []
    for line in body.splitlines():
        found = _ITEM.match(line)
        if found:
            lines.append(f"- `{found[1]}`: {found[2]}")
        else:
            lines[-1] += " " + line.strip()
    yield from lines
