"""A template as written, before it is known to be right: read without assuming, reported on by place."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.checklists.problems import Problem, Severity
from app.checklists.yaml_tree import Json, Path, Tree


@dataclass
class Draft:
    """The values of a template that may hold anything anywhere, and the problems found in them so far."""

    tree: Tree
    problems: list[Problem] = field(default_factory=list)

    def report(
        self,
        path: Path,
        message: str,
        fix: str,
        *,
        at_key: bool = False,
        offset: int | None = None,
        severity: Severity = "error",
    ) -> None:
        """Note a problem at the value of `path`, at its key, or at a character (from 0) of its text."""
        if offset is not None:
            mark = self.tree.at_text(path, offset)
        else:
            mark = self.tree.at_key(path) if at_key else self.tree.at_value(path)
        said = f"{self.label(path)}{message}"
        self.problems.append(Problem(self.tree.file, mark.line, mark.column, said, fix, severity))

    def label(self, path: Path) -> str:
        """What a message begins with, so that it is understood without the file: the item, and a colon."""
        if len(path) < 2 or path[0] != "items":
            return ""
        found = self.text(*path[:2], "id")
        return f"{found or f'item {int(path[1]) + 1}'}: "

    def text(self, *path: str | int) -> str | None:
        """The text at `path`, or None where there is none or something else."""
        found = self.tree.value(path)
        return found if isinstance(found, str) else None

    def mapping(self, *path: str | int) -> dict[str, Json]:
        """The mapping at `path`; empty where there is none or something else."""
        found = self.tree.value(path)
        return found if isinstance(found, dict) else {}

    def entries(self, *path: str | int) -> Iterator[Path]:
        """The paths of the entries of the list at `path`."""
        found = self.tree.value(path)
        for index in range(len(found) if isinstance(found, list) else 0):
            yield (*path, index)

    def texts(self, *path: str | int) -> Iterator[tuple[Path, str]]:
        """The entries of the list at `path` that are texts, with their paths."""
        for entry in self.entries(*path):
            found = self.text(*entry)
            if found is not None:
                yield entry, found

    def items(self) -> Iterator[Path]:
        """The paths of all items."""
        return self.entries("items")

    def by_id(self) -> dict[str, Path]:
        """The first item of each id."""
        found: dict[str, Path] = {}
        for path in self.items():
            name = self.text(*path, "id")
            if name is not None:
                found.setdefault(name, path)
        return found
