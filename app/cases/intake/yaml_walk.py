"""Walks the values of a YAML file that may hold anything anywhere, and collects what is wrong, with its line."""

from collections.abc import Collection, Iterable

from app.checklists.problems import Problem, one_of
from app.checklists.yaml_tree import Json, Path, read_tree


class YamlWalk:
    """The values of one document. Every method that finds something wrong reports it and goes on."""

    def __init__(self, text: str, file: str) -> None:
        self.tree = read_tree(text, file)
        self.problems: list[Problem] = list(self.tree.problems)

    def report(self, path: Path, message: str, fix: str, *, at_key: bool = False) -> None:
        """Note a problem at the value of `path`, or at its key; once refused, a value is left alone."""
        if path in self.tree.refused:
            return
        mark = self.tree.at_key(path) if at_key else self.tree.at_value(path)
        self.problems.append(Problem(self.tree.file, mark.line, mark.column, message, fix))

    def known_keys(self, path: Path, known: Collection[str]) -> None:
        for key in self.mapping_at(path):
            if key not in known:
                self.report((*path, key), f"unknown key `{key}`", one_of(key, known, "keys"), at_key=True)

    def mapping_at(self, path: Path) -> dict[str, Json]:
        value = self.tree.value(path)
        if isinstance(value, dict):
            return value
        if path in self.tree.values:
            name = path[-1] if path else "file"
            self.report(path, f"`{name}` is a list of `key: value` lines", "indent them below it")
        return {}

    def entries(self, path: Path) -> Iterable[Path]:
        value = self.tree.value(path)
        if isinstance(value, list):
            return [(*path, index) for index in range(len(value))]
        if path in self.tree.values:
            self.report(path, f"`{path[-1]}` is a list", "begin each of its lines with `- `")
        return []

    def texts(self, path: Path) -> Iterable[tuple[Path, str]]:
        for entry in self.entries(path):
            value = self.tree.value(entry)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                yield entry, str(value)
            else:
                self.report(entry, "a word is wanted here", "put it into quotes")

    def columns(self, path: Path) -> Iterable[tuple[Path, str]]:
        """Names of columns: a list, or one name alone."""
        value = self.tree.value(path)
        if value is None or isinstance(value, list):
            found = self.texts(path)
        else:
            name = self.column(path)
            found = [] if name is None else [(path, name)]
        return [(where, one_line(name)) for where, name in found]

    def column(self, path: Path) -> str | None:
        found = self.text(path, "the name of a column, as it stands in the header")
        return None if found is None else one_line(found)

    def text(self, path: Path, wanted: str) -> str | None:
        value = self.tree.value(path)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value)
        # The place of an empty value is where the next thing begins.
        self.report(path, f"`{path[-1]}` is missing or no text", f"write {wanted}", at_key=value is None)
        return None

    def optional(self, path: Path) -> str | None:
        return self.text(path, "a text") if path in self.tree.values else None

    def word(self, path: Path, known: Collection[str], what: str) -> str | None:
        value = self.optional(path)
        if value is not None and value not in known:
            self.report(path, f"`{value}` is no {what}", one_of(value, [str(word) for word in known], f"{what}s"))
            return None
        return value

    def row(self, path: Path) -> int | None:
        if path not in self.tree.values:
            return None
        value = self.tree.value(path)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        self.report(path, f"`{path[-1]}` is no number of a row", "count rows from 1")
        return None


def one_line(text: str) -> str:
    return " ".join(text.split())
