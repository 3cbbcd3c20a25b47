"""Say in plain words what a YAML parser found, without quoting what may be a secret."""

from __future__ import annotations

from collections.abc import Sequence

from ruamel.yaml.error import MarkedYAMLError

from trueup.config.problem import Place

# (part of the parser's problem, part of its context, what to say)
_SENTENCES = (
    ("'\\t'", "", "a tab cannot be used for indentation in YAML: use spaces"),
    ("cannot start any token", "", "a value cannot begin with this character: put it in quotes"),
    ("mapping values are not", "", "a colon cannot stand here: check the indentation, or use quotes"),
    ("undefined alias", "", "a value that begins with * repeats an anchor, and there is none: use quotes"),
    ("expected ',' or ']'", "", "a list that begins with [ is not closed with ]"),
    ("expected ',' or '}'", "", "a mapping that begins with { is not closed with }"),
    ("expected the node content", "", "a value is missing before this character, or needs quotes"),
    ("unexpected end of stream", "quoted", "a text in quotes is not closed"),
    ("unexpected document separator", "quoted", "a text in quotes is not closed"),
    ("escape", "double-quoted", "an unknown escape: write \\\\ for a backslash, or use single quotes"),
    ("expected <block end>", "collection", "this does not fit the list above: check the indentation"),
    ("expected <block end>", "", "this does not fit what stands above: check the indentation"),
    ("could not find expected ':'", "", "a key without a colon and a space after it"),
    ("another document", "", "a second document begins here: a configuration is one document"),
    ("duplicate anchor", "", "an anchor (&name) stands here twice"),
)
_SHOWN_WHERE_IT_BEGAN = ("expected ',' or", "unexpected end of stream", "could not find expected ':'")


def explain(error: MarkedYAMLError, lines: Sequence[str]) -> tuple[Place, str]:
    """Return where a text stops being YAML and a sentence about it."""
    problem, context = str(error.problem or ""), str(error.context or "")
    at_start = any(part in problem for part in _SHOWN_WHERE_IT_BEGAN)
    for part, around, sentence in _SENTENCES:
        if part in problem and around in context:
            return _place(error, lines, at_start=at_start), sentence
    # the parser's context names what it was reading and never quotes the text; its problem may
    doing = f" {context}" if context.startswith("while ") else ""
    return _place(error, lines, at_start=at_start), f"not YAML: something went wrong{doing}"


def _place(error: MarkedYAMLError, lines: Sequence[str], *, at_start: bool) -> Place:
    marks = (error.context_mark, error.problem_mark) if at_start else (error.problem_mark, error.context_mark)
    mark = next((each for each in marks if each is not None), None)
    if mark is None:
        return Place(1, 1)
    # the end of the file is shown on its last line
    if mark.line >= len(lines) and lines:
        return Place(len(lines), len(lines[-1]) + 1)
    return Place(mark.line + 1, mark.column + 1)
