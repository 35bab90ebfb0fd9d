"""Reads YAML into plain values and remembers the line and column of every key and value.

The node graph is walked rather than constructed, because a constructed document has lost the second of two
equal keys, and a constructor stops at the first thing it dislikes.
"""

import math
from dataclasses import dataclass, field
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.checklists.problems import Problem

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Path: TypeAlias = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = {_TAG + "str", _TAG + "timestamp", _TAG + "value"}
_MAX_DEPTH = 20


@dataclass(frozen=True)
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass
class Tree:
    """The values of one document, with the place of each."""

    file: str
    data: Json = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    texts: dict[Path, Mark] = field(default_factory=dict)
    """Where the characters of a text begin: inside its quotes; for a `|` block, on the next line."""
    refused: set[Path] = field(default_factory=set)
    """Values that were refused here already, and stand as None."""
    problems: list[Problem] = field(default_factory=list)

    def at_value(self, path: Path) -> Mark:
        """Where the value at `path` stands, or the nearest thing around it that does."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Mark(1, 1) if self.values else Mark(0, 0))

    def at_key(self, path: Path) -> Mark:
        """Where the key of `path` stands; for a list entry, where the entry does."""
        return self.keys.get(path) or self.at_value(path)

    def at_text(self, path: Path, offset: int) -> Mark:
        """Where the character `offset` (from 0) of the text at `path` stands.

        For a text folded over several lines, which has lost its line ends, it is where the text begins.
        """
        start = self.texts.get(path)
        data = self.value(path)
        if start is None or not isinstance(data, str):
            return self.at_value(path)
        before = data[:offset]
        return Mark(start.line + before.count("\n"), start.column + offset - (before.rfind("\n") + 1))

    def value(self, path: Path) -> Json:
        """The value at `path`, or None where there is none."""
        found: Json = self.data
        for step in path:
            if isinstance(found, dict) and isinstance(step, str):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    def refuse(self, path: Path, mark: Mark, message: str, fix: str) -> None:
        """Note a problem of the YAML itself; the value at `path` reads as None."""
        self.refused.add(path)
        self.problems.append(Problem(self.file, mark.line, mark.column, message, fix))


def read_tree(text: str, file: str) -> Tree:
    """Read one YAML document. What is wrong with the YAML itself is in `Tree.problems`."""
    tree = Tree(file)
    _find_tabs(text, tree)
    yaml = YAML(typ="rt", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        if not tree.problems:
            tree.problems.append(_syntax_problem(error, file))
        return tree
    except YAMLError as error:
        tree.problems.append(
            Problem(
                file,
                1,
                1,
                f"not readable as YAML ({error})".replace("\n", " "),
                "remove what is not plain text",
            )
        )
        return tree
    if node is None:
        tree.problems.append(Problem(file, 1, 1, "the file is empty", "write a template, or delete the file"))
        return tree
    tree.data = _value(node, (), tree)
    return tree


def tree_of(data: Json, file: str) -> Tree:
    """A tree for values that came from no file; every place in it is 0."""
    return Tree(file, data)


def _find_tabs(text: str, tree: Tree) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent and line.strip():
            tree.problems.append(
                Problem(tree.file, number, indent.index("\t") + 1, "a tab in the indentation", "use spaces")
            )


def _syntax_problem(error: MarkedYAMLError, file: str) -> Problem:
    what = " ".join(str(part) for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    if _left_open(what) and error.context_mark is not None:
        # What is left open shows further down only; where it was opened is of more use.
        mark = error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(file, line, column, f"not YAML: {what or error}", _syntax_fix(what))


def _left_open(what: str) -> bool:
    return any(words in what for words in ("end of stream", "stream end", "parsing a flow"))


def _syntax_fix(what: str) -> str:
    if "mapping values are not allowed" in what:
        return "put text that holds a colon into quotes, or check the indentation"
    if "another document" in what or "single document" in what:
        return "keep one template to a file, without a second `---`"
    if "found character" in what:
        return "put text that begins with that character into quotes"
    if _left_open(what):
        return "close the bracket or quote that is open here"
    if "undefined alias" in what:
        return "put text that begins with * into quotes"
    return "check the indentation and the quotes on this line and the one above"


def _value(node: Node, path: Path, tree: Tree) -> Json:
    mark = Mark(node.start_mark.line + 1, node.start_mark.column + 1)
    tree.values[path] = mark
    if node.anchor is not None:
        tree.refuse(
            path,
            mark,
            f"an anchor (&{node.anchor}) is not part of the format",
            "write the value out where it is needed",
        )
        return None
    if len(path) > _MAX_DEPTH:
        tree.refuse(path, mark, "nested too deeply", "look at docs/templates.md for the shape of a template")
        return None
    if isinstance(node, MappingNode):
        return _mapping(node, path, tree)
    if isinstance(node, SequenceNode):
        return [_value(child, (*path, index), tree) for index, child in enumerate(node.value)]
    if isinstance(node, ScalarNode):
        return _scalar(node, path, tree, mark)
    raise AssertionError(f"YAML node of unknown kind {type(node).__name__}")


def _mapping(node: MappingNode, path: Path, tree: Tree) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key_node, value_node in node.value:
        mark = Mark(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, ScalarNode):
            tree.refuse(
                path,
                mark,
                "a key that is not a word",
                "write `key: value`, and put text with braces or brackets into quotes",
            )
            continue
        key = str(key_node.value)
        if key in found:
            first = tree.keys[(*path, key)]
            tree.refuse(
                path,
                mark,
                f"the key `{key}` stands twice (first on line {first.line})",
                "keep one of them",
            )
            continue
        tree.keys[(*path, key)] = mark
        found[key] = _value(value_node, (*path, key), tree)
    return found


def _scalar(node: ScalarNode, path: Path, tree: Tree, mark: Mark) -> Json:
    text = str(node.value)
    if node.style == "|":
        # The mark does not know how far the block is indented; the line is exact, the column is not.
        tree.texts[path] = Mark(mark.line + 1, 1)
    elif node.start_mark.line == node.end_mark.line:
        tree.texts[path] = Mark(mark.line, mark.column + (node.style in ("'", '"')))
    tag = str(node.tag)
    if tag in _TEXT_TAGS:
        return text
    if tag == _TAG + "null":
        return None
    if tag == _TAG + "bool":
        return text.casefold() == "true"
    number = _number(tag, text)
    if number is None:
        tree.refuse(
            path,
            mark,
            f"`{text}` is of a kind that templates do not use",
            "write plain text, a whole number, or true or false",
        )
    return number


def _number(tag: str, text: str) -> int | float | None:
    plain = text.replace("_", "")
    try:
        if tag == _TAG + "int":
            return int(plain, 0) if plain.lstrip("+-")[:2].lower() in {"0x", "0o"} else int(plain)
        if tag == _TAG + "float":
            value = float(plain)
            return value if math.isfinite(value) else None
    except ValueError:
        return None
    return None
