"""Reads a mapping file, and says everything that is wrong with it at once, each with its line."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import Path as FilePath

from app.cases.intake.dates import EXAMPLE, BadPattern, DatePattern
from app.cases.intake.encoding import known_encoding
from app.cases.intake.mapping import (
    CaseMapping,
    ComponentField,
    DateField,
    Kind,
    Layout,
    Others,
    PatientField,
    StaffField,
    Translation,
    Words,
    folded,
)
from app.cases.intake.yaml_walk import YamlWalk
from app.cases.people import MAY_BE
from app.checklists.problems import Problem, one_of
from app.checklists.vocabulary import ComponentKind, ComponentPart, Supply
from app.checklists.yaml_tree import Json, Path
from app.kernel.keydates import KEY_DATES

FORMAT = 1
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}
_TOP = (
    "version", "source", "file", "missing", "key", "patient", "key_dates", "components", *MAY_BE, "required", "ignore",
)  # fmt: skip
_FILE = ("format", "encoding", "delimiter", "quote", "sheet", "header_row", "first_row")
_COMPONENT: Mapping[str, type[StrEnum] | None] = {
    "kind": ComponentKind,
    "part": ComponentPart,
    "custom": None,
    "supply": Supply,
}
_TRUTH = ("true", "false")


class MappingErrors(Exception):
    """A mapping file cannot be used. Holds every problem found, in the order of its lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_mapping(path: FilePath) -> CaseMapping:
    """The mapping in a YAML file. Raises MappingErrors with every problem of the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MappingErrors([Problem(str(path), 0, 0, "there is no such file", "check the name")]) from None
    except UnicodeDecodeError:
        raise MappingErrors([Problem(str(path), 0, 0, "not UTF-8 text", "save it as UTF-8")]) from None
    except OSError as error:
        raise MappingErrors(
            [Problem(str(path), 0, 0, f"cannot be read ({error.strerror})", "check the file and its permissions")]
        ) from None
    if not text.strip():
        raise MappingErrors([Problem(str(path), 1, 1, "the file is empty", "docs/import.md shows a mapping")])
    reader = _Reader(text, str(path))
    mapping = reader.mapping()
    if mapping is None or reader.problems:
        raise MappingErrors(set(reader.problems))
    return mapping


class _Reader(YamlWalk):
    """Walks the values of a mapping that may hold anything anywhere, and collects what is wrong."""

    def mapping(self) -> CaseMapping | None:
        if self.tree.data is None and self.problems:
            return None
        if not isinstance(self.tree.data, dict):
            self.report((), "a mapping is a list of `key: value` lines", "docs/import.md shows one")
            return None
        self.known_keys((), _TOP)
        if self.tree.value(("version",)) != FORMAT:
            self.report(("version",), "the version of the format is missing or unknown", f"write `version: {FORMAT}`")
        source = self.text(("source",), "a short name of the other system, such as `source: old_tracker`")
        if source is not None and _NAME.fullmatch(source) is None:
            self.report(("source",), f"`{source}` is no name", "use small letters, digits and _, such as old_tracker")
        missing = {folded(token) for _, token in self.texts(("missing",))}
        found = CaseMapping(
            source=source or "",
            layout=self._layout(),
            missing=frozenset(missing),
            key=tuple(name for _, name in self.columns(("key",))),
            patient=tuple(self._patient(missing)),
            key_dates=tuple(self._dates()),
            components=tuple(self._components(missing)),
            people=tuple(self._people(missing)),
            required=tuple(name for _, name in self.columns(("required",))),
            ignored=frozenset(name for _, name in self.columns(("ignore",))),
        )
        self._check_key(found)
        self._check_ignored(found)
        return found

    def _layout(self) -> Layout:
        here: Path = ("file",)
        if self.tree.value(here) is None and here not in self.tree.values:
            return Layout()
        self.known_keys(here, _FILE)
        kind = self.word((*here, "format"), list(Kind), "format")
        encoding = self.optional((*here, "encoding"))
        if encoding is not None and known_encoding(encoding) is None:
            self.report((*here, "encoding"), f"`{encoding}` is no known encoding", "write utf-8, cp1252 or latin-1")
        delimiter = self.optional((*here, "delimiter"))
        if delimiter is not None:
            delimiter = _DELIMITERS.get(delimiter, delimiter)
            if len(delimiter) != 1:
                fix = f"write one character, or {', '.join(_DELIMITERS)}"
                self.report((*here, "delimiter"), "a delimiter is one character", fix)
        elif kind == Kind.TSV:
            delimiter = "\t"
        quote = self.word((*here, "quote"), ["double", "none"], "way of quoting")
        header = self.row((*here, "header_row")) or 1
        first = self.row((*here, "first_row")) or header + 1
        if first <= header:
            self.report((*here, "first_row"), "the rows begin before their header ends", f"write {header + 1} or more")
        return Layout(
            kind=Kind(kind) if kind else None,
            encoding=known_encoding(encoding) if encoding else None,
            delimiter=delimiter,
            quote=quote != "none",
            sheet=self.optional((*here, "sheet")),
            header_row=header,
            first_row=first,
        )

    def _patient(self, missing: Collection[str]) -> Iterable[PatientField]:
        for name in self.mapping_at(("patient",)):
            path: Path = ("patient", name)
            if _NAME.fullmatch(name) is None:
                fix = "use small letters, digits and _, such as birth_date"
                self.report(path, f"`{name}` is no name of a field", fix, at_key=True)
            words = self._words(path, missing, _patient_word, ("split", "format"))
            if words is None:
                continue
            split = self.optional((*path, "split"))
            pattern = self._pattern((*path, "format")) if (*path, "format") in self.tree.values else None
            if pattern is not None and (split or words.translation):
                self.report((*path, "format"), "a date is neither split nor translated", "keep one of them")
            yield PatientField(name, words, split, pattern)

    def _dates(self) -> Iterable[DateField]:
        for name in self.mapping_at(("key_dates",)):
            path: Path = ("key_dates", name)
            if name not in KEY_DATES:
                self.report(path, f"unknown key date `{name}`", one_of(name, KEY_DATES, "key dates"), at_key=True)
                continue
            if not isinstance(self.tree.value(path), dict):
                fix = f"write `{name}: {{column: NAME, format: MM/DD/YYYY}}`"
                self.report(path, "a key date needs its column and its format", fix)
                continue
            self.known_keys(path, ("column", "format", "days_from"))
            column = self.column((*path, "column"))
            pattern = self._pattern((*path, "format"))
            from_column = self.column((*path, "days_from")) if (*path, "days_from") in self.tree.values else None
            if column is not None and pattern is not None:
                yield DateField(name, column, pattern, from_column)

    def _components(self, missing: Collection[str]) -> Iterable[ComponentField]:
        for entry in self.entries(("components",)):
            if not isinstance(self.tree.value(entry), dict):
                self.report(entry, "a component is `kind` and what else is known", "docs/import.md shows one")
                continue
            self.known_keys(entry, tuple(_COMPONENT))
            found: dict[str, Words | None] = {}
            for name, vocabulary in _COMPONENT.items():
                path = (*entry, name)
                if path not in self.tree.values:
                    continue
                words = self._words(path, missing, _component_word(name, vocabulary), ())
                found[name] = words
                if words is not None and (words.translation is None or words.translation.others is Others.KEEP):
                    known = ", ".join(vocabulary) if vocabulary else "true and false"
                    self.report(path, f"`{name}` has to be translated", f"write `values`, into {known}")
            kind = found.get("kind")
            if kind is None:
                if (*entry, "kind") not in self.tree.values:
                    self.report(entry, "a component without its `kind`", "write `kind: {column: NAME, values: {…}}`")
                continue
            yield ComponentField(kind, found.get("part"), found.get("custom"), found.get("supply"))

    def _people(self, missing: Collection[str]) -> Iterable[StaffField]:
        for part in MAY_BE:
            if (part,) not in self.tree.values:
                continue
            value = self.tree.value((part,))
            if isinstance(value, dict) and "always" in value:
                self.known_keys((part,), ("always",))
                name = self.text((part, "always"), "a name of the staff list")
                if name is not None:
                    yield StaffField(part, name)
                continue
            words = self._words((part,), missing, _name, ())
            if words is not None:
                yield StaffField(part, words)

    def _words(
        self,
        path: Path,
        missing: Collection[str],
        word: Callable[[Json], tuple[str | None, str | None]],
        more: tuple[str, ...],
    ) -> Words | None:
        """A column by its name alone, or `{column, values, others}`; `word` reads one translation."""
        value = self.tree.value(path)
        if not isinstance(value, dict):
            column = self.column(path)
            return None if column is None else Words(column)
        self.known_keys(path, ("column", "values", "others", *more))
        column = self.column((*path, "column"))
        others = self.word((*path, "others"), list(Others), "choice")
        here = (*path, "values")
        translation = None
        if here in self.tree.values:
            words: dict[str, str | None] = {}
            for cell, becomes in self.mapping_at(here).items():
                at = (*here, cell)
                if folded(cell) in missing:
                    fix = "delete one of the two lines"
                    self.report(at, f"`{cell}` is translated, and listed under `missing` too", fix, at_key=True)
                if folded(cell) in words:
                    fix = "keep one; case and spaces do not count"
                    self.report(at, f"`{cell}` is translated twice", fix, at_key=True)
                words[folded(cell)], wrong = word(becomes)
                if wrong is not None:
                    self.report(at, f"`{cell}` cannot become that", wrong)
            translation = Translation(words, Others(others or Others.REFUSE))
        elif others is not None:
            self.report((*path, "others"), "`others` does nothing without `values`", "delete the line", at_key=True)
        return None if column is None else Words(column, translation)

    def _check_key(self, found: CaseMapping) -> None:
        if not found.key and ("key",) not in self.tree.refused:
            fix = "write `key: NAME OF THE COLUMN`, the other system's own number of the patient or case"
            self.report(("key",), "no column says which row is which", fix, at_key=True)
        kept = {field.words.column for field in found.patient}
        for path, name in self.columns(("key",)):
            if name not in kept:
                fix = f"write it under `patient` too, such as `record_number: {name}`"
                self.report(path, f"the key column `{name}` is kept nowhere", fix)

    def _check_ignored(self, found: CaseMapping) -> None:
        used = set(found.columns())
        for path, name in self.columns(("ignore",)):
            if name in used:
                self.report(path, f"the column `{name}` is used, and ignored too", "delete one of the two lines")

    def _pattern(self, path: Path) -> DatePattern | None:
        text = self.text(path, f"how the column writes dates: {EXAMPLE}")
        if text is None:
            return None
        try:
            return DatePattern.parse(text)
        except BadPattern as error:
            self.report(path, f"`{text}` is no format of a date: {error}", f"write {EXAMPLE}")
            return None


def _patient_word(value: Json) -> tuple[str | None, str | None]:
    """What a cell of a patient field becomes, or what would be right."""
    if value is None:
        return None, None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None, "write a text in quotes, or null for “not known”"
    return (str(value), None) if str(value).strip() else (None, "write null for “not known”")


def _name(value: Json) -> tuple[str | None, str | None]:
    """Whom a cell means, or what would be right."""
    if value is None:
        return None, None
    if isinstance(value, str) and value.strip():
        return value, None
    return None, "write a name of the staff list, or null for “not known”"


def _component_word(name: str, known: type[StrEnum] | None) -> Callable[[Json], tuple[str | None, str | None]]:
    def word(value: Json) -> tuple[str | None, str | None]:
        if value is None:
            return None, None
        if known is None:
            said = str(value).casefold()
            return (said, None) if said in _TRUTH else (None, "write true, false, or null for “not known”")
        return (
            (value, None)
            if isinstance(value, str) and value in list(known)
            else (None, one_of(str(value), list(known), f"words for {name}"))
        )

    return word
