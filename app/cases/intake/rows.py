"""What a row of a table says about a case, by a mapping. Unknown stays unknown."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.cases.dates import PLAUSIBLE, said_to_come, years_away
from app.cases.intake.dates import NotADate
from app.cases.intake.mapping import (
    CaseMapping,
    ComponentField,
    DateField,
    Others,
    PatientField,
    Words,
    folded,
)
from app.cases.intake.table import MOST_IN_A_CELL, Row
from app.cases.people import Part
from app.kernel.business import local_moment
from app.kernel.due import Moment

KEY_SEPARATOR: Final = "\x1f"  # the control character made for it; no key holds one
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TOKEN = re.compile(r"\[[^\[\]]*\]")
_DAYS = re.compile(r"[+-]?\d{1,6}(\.0+)?")
_BIRTH: Final = frozenset({"birth", "birthdate", "birthday", "dob", "born"})
_UNSURE: Final = frozenset(
    {"unknown", "n/a", "#n/a", "na", "nan", "null", "not available", "not known", "not applicable", "?", "-", "--"}
)


class RowRefused(Exception):
    """A row that cannot become a case. `reasons` name columns and kinds of problems, and never hold a cell."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(reasons))


@dataclass(frozen=True)
class PlannedComponent:
    """A component as `add_component` takes it; None is "not known"."""

    kind: str
    part: str | None
    custom: bool | None
    supply: str | None


@dataclass(frozen=True)
class Intake:
    """A case to open. `patient` has only fields that are known, `people` names that nobody has looked up yet."""

    patient: dict[str, str] = field(repr=False)
    key_dates: dict[str, Moment] = field(repr=False)
    components: tuple[PlannedComponent, ...] = field(repr=False)
    people: dict[Part, str] = field(repr=False)


class _Unfit(Exception):
    """A cell that cannot be used: its column, and the kind of problem."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(f"column {column}: {what}")


class RowReader:
    """Reads the rows of one table.

    Args:
        mapping: free of problems, and all its columns are in the header.
        header: the names of the table's columns.
        zone: where the local dates and times of the file are.
        now: the moment by which a date is years away, or is to come.
    """

    def __init__(self, mapping: CaseMapping, header: tuple[str, ...], zone: ZoneInfo, now: datetime) -> None:
        self._mapping = mapping
        self._place = {name: header.index(name) for name in mapping.columns()}
        self._needed = tuple(dict.fromkeys([*mapping.key, *mapping.required]))
        self._tokens = tuple(token for token in mapping.missing if _TOKEN.fullmatch(token))
        self._zone = zone
        self._now = now
        self.unsure: dict[str, int] = {}
        """Columns whose cells were kept though they look like "not known", and how many of them."""

    def key(self, row: Row) -> str | None:
        """What tells this row from others in the other system, or None where that is not known."""
        parts = []
        for column in self._mapping.key:
            try:
                known = self._known(row, column)
            except _Unfit:
                return None
            if known is None:
                return None
            parts.append(unicodedata.normalize("NFC", known))
        return KEY_SEPARATOR.join(parts)

    def read(self, row: Row) -> Intake:
        """The case that the row describes. Raises RowRefused with every reason."""
        reasons: dict[str, None] = {}  # in their order, each once
        for column in self._needed:
            with _noted(reasons):
                if self._known(row, column) is None:
                    raise _Unfit(column, "not known, and the mapping requires it")
        patient: dict[str, str] = {}
        for wanted in self._mapping.patient:
            with _noted(reasons):
                value = self._patient(row, wanted)
                if value is not None:
                    patient[wanted.name] = value
        key_dates: dict[str, Moment] = {}
        for dated in self._mapping.key_dates:
            with _noted(reasons):
                moment = self._date(row, dated)
                if moment is not None:
                    key_dates[dated.name] = moment
        components: list[PlannedComponent] = []
        for planned in self._mapping.components:
            with _noted(reasons):
                component = self._component(row, planned)
                if component is not None:
                    components.append(component)
        people: dict[Part, str] = {}
        for serving in self._mapping.people:
            with _noted(reasons):
                source = serving.source
                name = source if isinstance(source, str) else self._translated(row, source)
                if name is not None:
                    people[serving.part] = name
        if reasons:
            raise RowRefused(list(reasons))
        return Intake(patient, key_dates, tuple(components), people)

    def _known(self, row: Row, column: str, *, parts: bool = False) -> str | None:
        """The cell's text, or None where it says that it is not known. `parts`: the caller splits it."""
        place = self._place[column]
        if place in row.errors:
            raise _Unfit(column, "an error of the spreadsheet")
        cell = row.cells[place].strip()
        if len(cell) > MOST_IN_A_CELL:
            raise _Unfit(column, f"{len(cell):,} characters, {MOST_IN_A_CELL:,} fit")
        if _CONTROL.search(cell):
            raise _Unfit(column, "a NUL byte or another control character")
        if self._is_missing(cell):
            return None
        if not parts:
            self._no_token_within(cell, column, "“not known” among other words; say `split` in the mapping")
        return cell

    def _no_token_within(self, cell: str, column: str, what: str) -> None:
        if any(token in folded(cell) for token in self._tokens):
            raise _Unfit(column, what)

    def _is_missing(self, cell: str) -> bool:
        """Whether a cell says "not known": empty, wholly in square brackets, or a token of the mapping."""
        return not cell or _TOKEN.fullmatch(cell) is not None or folded(cell) in self._mapping.missing

    def _translated(self, row: Row, words: Words) -> str | None:
        known = self._known(row, words.column)
        if known is None or words.translation is None:
            return known
        translation = words.translation
        if folded(known) in translation.words:
            return translation.words[folded(known)]
        if translation.others is Others.REFUSE:
            raise _Unfit(words.column, "a value that the mapping does not translate")
        return known if translation.others is Others.KEEP else None

    def _patient(self, row: Row, wanted: PatientField) -> str | None:
        column = wanted.words.column
        if wanted.split is not None:
            return self._several(row, wanted, wanted.split)
        value = self._translated(row, wanted.words)
        if value is None:
            return None
        if wanted.pattern is not None:
            try:
                day, at = wanted.pattern.read(value)
            except NotADate as error:
                raise _Unfit(column, str(error)) from None
            if day > self._now.astimezone(self._zone).date() and not _BIRTH.isdisjoint(wanted.name.split("_")):
                raise _Unfit(column, "a birth date that is to come")
            return day.isoformat() if at is None else f"{day.isoformat()} {at:%H:%M}"
        if folded(value) in _UNSURE:
            self.unsure[column] = self.unsure.get(column, 0) + 1
        return value

    def _several(self, row: Row, wanted: PatientField, sign: str) -> str | None:
        """The values of a cell, those that are not known left empty so that the others keep their places."""
        cell = self._known(row, wanted.words.column, parts=True)
        if cell is None:
            return None
        parts = [part.strip() for part in cell.split(sign)]
        known = ["" if self._is_missing(part) else part for part in parts]
        for part in known:
            self._no_token_within(part, wanted.words.column, "“not known” among the words of one part")
        return sign.join(known) if any(known) else None

    def _date(self, row: Row, dated: DateField) -> Moment | None:
        cell = self._known(row, dated.column)
        if cell is None:
            return None
        at: time | None = None
        try:
            if dated.days_from is None:
                day, at = dated.pattern.read(cell)
            else:
                anchor = self._known(row, dated.days_from)
                if anchor is None:
                    return None
                day = dated.pattern.read(anchor)[0] + _days(cell, dated.column)
        except NotADate as error:
            raise _Unfit(dated.days_from or dated.column, str(error)) from None
        except OverflowError:
            raise _Unfit(dated.column, "a date out of all calendars") from None
        if years_away(day, self._now):
            raise _Unfit(dated.column, f"a date more than {PLAUSIBLE.days // 365} years away")
        to_come = said_to_come(dated.name, day, self._now, self._zone)
        if to_come:
            raise _Unfit(dated.column, f"a date that {to_come}")
        return Moment(day, None if at is None else local_moment(day, at, self._zone))

    def _component(self, row: Row, planned: ComponentField) -> PlannedComponent | None:
        kind = self._translated(row, planned.kind)
        part, custom, supply = (
            None if words is None else self._translated(row, words)
            for words in (planned.part, planned.custom, planned.supply)
        )
        if kind is None:
            if part or custom or supply:
                raise _Unfit(planned.kind.column, "not known, though other columns say more of the component")
            return None
        return PlannedComponent(kind, part, None if custom is None else custom == "true", supply)


@contextmanager
def _noted(reasons: dict[str, None]) -> Iterator[None]:
    try:
        yield
    except _Unfit as unfit:
        reasons[str(unfit)] = None


def _days(cell: str, column: str) -> timedelta:
    if _DAYS.fullmatch(cell) is None:
        raise _Unfit(column, "not a whole number of days")
    return timedelta(days=int(float(cell)))
