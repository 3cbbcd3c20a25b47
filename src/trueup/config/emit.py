"""Write a document as YAML, a paragraph for each part, with a word beside what was made by hand."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter

from trueup.config.export import ByHand, Number

_BY_HAND = "made by hand: once this file is applied, it is managed by the file"
_WIDTH = 110


class _Representer(RoundTripRepresenter):
    def number(self, value: Number) -> Any:
        """Represent a number with a point as it is written."""
        return self.represent_scalar("tag:yaml.org,2002:float", str(value))


_Representer.add_representer(Number, _Representer.number)


def yaml(tree: Mapping[str, Any]) -> str:
    """Return a document of mappings, lists, texts and numbers as YAML 1.2."""
    writer = YAML()
    writer.Representer = _Representer
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = _WIDTH
    parts = []
    for key, value in tree.items():
        out = io.StringIO()
        writer.dump(CommentedMap({key: _commented(value, 2)}), out)
        parts.append(out.getvalue())
    return "\n".join(parts)


def _commented(value: Any, indent: int) -> Any:
    if isinstance(value, Mapping):
        return CommentedMap({key: _commented(inner, indent + 4) for key, inner in value.items()})
    if isinstance(value, list) and all(not isinstance(each, Mapping | list) for each in value):
        short = CommentedSeq(value)
        short.fa.set_flow_style()
        return short
    if isinstance(value, list):
        items = CommentedSeq(_commented(each, indent + 2) for each in value)
        for number, each in enumerate(value):
            if isinstance(each, ByHand):
                items.yaml_set_comment_before_after_key(number, before=_BY_HAND, indent=indent)
        return items
    return value
