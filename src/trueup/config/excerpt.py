"""Show a line of a configuration with a caret below it, and none of its secrets.

The line is judged as text, since it may be the one that is no YAML. A value is shown only if its key and
all keys above it are known to hold no secret; a misspelt key counts as the one it resembles.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from trueup.config.problem import Place
from trueup.domain.spec import MASK

_WIDTH = 100
_KEY = re.compile(
    r"""(?:^|(?<=[\s{,\[?-]))(?P<quote>["']?)(?P<key>[\w$~][^\s"'{}\[\],:]*)(?P=quote)\s*:(?P<space>\s|$|)(?!//)"""
)
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]+)?")  # the floor of a tier
_USERINFO = re.compile(r"(?<=://)[^/\s\"']*@")
_PARAMETER = re.compile(r"([?&][^=&\s]*(?:token|key|secret|pass|auth|sig)[^=&\s]*=)[^&\s\"']+", re.IGNORECASE)


@dataclass(frozen=True)
class Vocabulary:
    """The keys a document may use: those whose values may be shown and those whose values may not."""

    plain: Collection[str]
    secret: Collection[str]

    def may_show(self, key: str) -> bool:
        """Return whether the value of a key, or of the key it was meant to be, is no secret."""
        return self._meant(key) in self.plain or _NUMBER.fullmatch(key) is not None

    def must_hide(self, key: str) -> bool:
        """Return whether a key, or the key it was meant to be, holds a secret."""
        return self._meant(key) in self.secret

    def _meant(self, key: str) -> str:
        if key in self.secret or key in self.plain:
            return key
        near = difflib.get_close_matches(key.lower(), [*self.plain, *self.secret], n=1)
        return near[0] if near else ""


def excerpt(lines: Sequence[str], place: Place, words: Vocabulary) -> str:
    """Return the line at a place and a caret; an empty string where there is no such line."""
    if not 1 <= place.line <= len(lines):
        return ""
    shown = masked(lines, place.line - 1, words)
    column = min(place.column - 1, len(shown))
    start = max(0, column - _WIDTH + 20)
    cut = "".join(_visible(character) for character in shown[start : start + _WIDTH])
    number = f"{place.line:5}"
    return f"{number} | {cut}\n{' ' * len(number)} | {' ' * (column - start)}^"


def masked(lines: Sequence[str], index: int, words: Vocabulary) -> str:
    """Return a line (from 0) with everything masked that may be a secret."""
    line = lines[index].rstrip("\r\n")
    keys, above = list(_KEY.finditer(line)), _keys_above(lines, index)
    # an address of a channel without its kind is a slip that must not show it
    if not all(words.may_show(key) for key in above) or (above[:1] == ["channels"] and not keys):
        return _indent(line) * " " + MASK
    for found in keys:
        # "db:5432" is no key, but "password:x" was meant as one
        is_key = found["space"] or found["quote"] or found.end() == len(line)
        if words.must_hide(found["key"]) or (is_key and not words.may_show(found["key"])):
            rest = line[found.end() :]
            return line[: found.end("key")] + found["quote"] + (f": {MASK}" if rest.strip() else ":" + rest)
    return masked_address(line)


def masked_address(text: str) -> str:
    """Return a text with the passwords of addresses in it, and parameters that look like keys, masked."""
    return _PARAMETER.sub(rf"\1{MASK}", _USERINFO.sub(f"{MASK}@", text))


def secret_parameter(address: str) -> str:
    """Return the name of an address's first parameter that looks like a key, empty if there is none."""
    found = _PARAMETER.search(address)
    return found[1][1:-1] if found else ""


def _keys_above(lines: Sequence[str], index: int) -> list[str]:
    """Return the keys whose value the line is a part of, judged by indentation alone."""
    keys: list[str] = []
    limit, in_list = _indent(lines[index]), lines[index].lstrip().startswith("-")
    for line in reversed(lines[:index]):
        body = line.lstrip(" -")
        if not body.strip() or body.startswith("#"):
            continue
        column, dash = len(line) - len(body), _indent(line)
        found = list(_KEY.finditer(line))
        if found and (column < limit or (column == limit and in_list)):
            keys += [each["key"] for each in found]
            limit, in_list = column, False
        if dash < min(column, limit):
            limit, in_list = dash, True
    return keys


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _visible(character: str) -> str:
    if character == "\t":
        return "→"
    return character if character.isprintable() else "�"
