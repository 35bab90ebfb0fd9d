"""What a mapping file says: which column of an export becomes what. Made by `mapping_reader` only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.cases.intake.dates import DatePattern
from app.cases.people import Part


class Others(StrEnum):
    """What becomes of a value that `values` does not translate."""

    REFUSE = "refuse"
    KEEP = "keep"
    MISSING = "missing"


class Kind(StrEnum):
    """Kinds of tables that can be read."""

    CSV = "csv"
    TSV = "tsv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Layout:
    """How the file is laid out; None is found out from the file. Rows count from 1."""

    kind: Kind | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: bool = True
    sheet: str | None = None
    header_row: int = 1
    first_row: int = 2


@dataclass(frozen=True)
class Translation:
    """Words of the other system (folded to small letters) and what they become; None is "not known"."""

    words: Mapping[str, str | None]
    others: Others


@dataclass(frozen=True)
class Words:
    """A column whose cells are taken as they are, or translated."""

    column: str
    translation: Translation | None = None


@dataclass(frozen=True)
class PatientField:
    """A field of the sealed record. `split` is what separates several values within one cell."""

    name: str
    words: Words
    split: str | None = None
    pattern: DatePattern | None = None


@dataclass(frozen=True)
class DateField:
    """A key date. With `days_from`, the column holds days counted from the date in that other column."""

    name: str
    column: str
    pattern: DatePattern
    days_from: str | None = None


@dataclass(frozen=True)
class ComponentField:
    """A component of the planned reconstruction, if its `kind` is known in the row.

    Translations give words of the vocabulary; `custom` gives `true` or `false`.
    """

    kind: Words
    part: Words | None = None
    custom: Words | None = None
    supply: Words | None = None

    def columns(self) -> Iterator[str]:
        for words in (self.kind, self.part, self.custom, self.supply):
            if words is not None:
                yield words.column


@dataclass(frozen=True)
class StaffField:
    """The case's surgeon, or its lead, by a name of the staff list: `always` the same, or as a column says."""

    part: Part
    source: str | Words

    @property
    def place(self) -> str:
        """Where the name stands, for people."""
        return f"column {self.source.column}" if isinstance(self.source, Words) else f"`{self.part}` of the mapping"


@dataclass(frozen=True)
class CaseMapping:
    """A whole mapping file, free of problems. `missing` holds folded tokens."""

    source: str
    layout: Layout
    missing: frozenset[str]
    key: tuple[str, ...]
    patient: tuple[PatientField, ...]
    key_dates: tuple[DateField, ...]
    components: tuple[ComponentField, ...]
    people: tuple[StaffField, ...]
    required: tuple[str, ...]
    ignored: frozenset[str]

    def columns(self) -> list[str]:
        """Every column that the mapping takes from, each once, in the order of the mapping."""
        found = list(self.key) + [field.words.column for field in self.patient]
        for field in self.key_dates:
            found += [field.column] + ([field.days_from] if field.days_from else [])
        for component in self.components:
            found += component.columns()
        found += [field.source.column for field in self.people if isinstance(field.source, Words)]
        return list(dict.fromkeys([*found, *self.required]))


def folded(text: str) -> str:
    """A word as it is compared: outer and doubled spaces and the case of letters do not count."""
    return " ".join(text.split()).casefold()
