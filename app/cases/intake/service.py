"""Opens cases from another system's export: good rows in, bad rows named, and nothing twice."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from app.cases.components import add_component
from app.cases.intake.mapping import CaseMapping
from app.cases.intake.reading import open_table
from app.cases.intake.rows import Intake, RowReader, RowRefused
from app.cases.intake.table import BadRow, FileBroken, Row, Table
from app.cases.models import Case, CaseSource
from app.cases.patients import note_source
from app.cases.people import Part, serving
from app.cases.service import open_case
from app.programs.actor import Actor, NotAllowed
from app.programs.models import Program
from app.programs.queries import UnknownPerson, find_staff
from app.refusals import Refusal
from app.store.sealing import Keyring
from app.store.types import table
from app.store.uow import Store, UnitOfWork

_SOURCES = table(CaseSource)
_KNOWN = select(_SOURCES.c.case_id).where(
    _SOURCES.c.program_id == bindparam("program"),
    _SOURCES.c.source == bindparam("source"),
    _SOURCES.c.key_digest == bindparam("digest"),
)
_ONE_OF_A_KEY = "case_sources_key"


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not imported. `reasons` name columns and kinds of problems, never a cell."""

    line: int
    reasons: tuple[str, ...]


@dataclass
class Report:
    """What an import did, or on a dry run would do. Free of what the cells hold."""

    source: str
    dry_run: bool
    notes: list[str] = field(default_factory=list)
    rows: int = 0
    blank: int = 0
    imported: int = 0
    already_there: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    cases: list[tuple[int, str]] = field(default_factory=list)
    """Line and case code of each imported row; empty on a dry run, where codes are of no use."""
    stopped: str | None = None
    """Why the import stopped before the end of the file, if it did."""

    @property
    def complete(self) -> bool:
        """Whether every row is in."""
        return not self.refused and self.stopped is None


def import_cases(
    store: Store,
    actor: Actor,
    path: Path,
    mapping: CaseMapping,
    keyring: Keyring,
    *,
    dry_run: bool = False,
    ignore_rest: bool = False,
) -> Report:
    """Open a case for each good row of a file.

    1. the file is opened and its header held against the mapping;
    2. it is read once to the end, which finds rows of one key and a file that breaks off;
    3. it is read again, and each good row becomes a case in a transaction of its own.

    A row whose key was imported before is counted as already there and left alone, also when it has changed
    since. A dry run does the same and takes each transaction back. Raises FileBroken when the file as a whole
    cannot be used; then nothing was imported.
    """
    found = checked_table(path, mapping, ignore_rest=ignore_rest)
    zone, now = _place_and_time(store, actor)
    reader = RowReader(mapping, found.header, zone, now)
    importing = _Import(store, actor, mapping, keyring, reader, Report(mapping.source, dry_run, list(found.notes)))
    importing.look_for_people()
    importing.look_for_equal_keys(found)
    try:
        importing.take_rows(found)
    except OperationalError as error:
        importing.report.stopped = (
            f"the database failed ({type(error.orig).__name__}). What is imported stays; run it again, nothing is "
            "added twice"
        )
    except FileBroken as error:
        importing.report.stopped = f"{error} The file was whole a moment ago: somebody wrote to it. Run it again"
    return importing.finished()


def checked_table(path: Path, mapping: CaseMapping, *, ignore_rest: bool = False) -> Table:
    """The table in a file, its header held against the mapping. Needs no database. Raises FileBroken."""
    found = open_table(path, mapping.layout, mapping.columns())
    _check_header(found, path.name, mapping, ignore_rest=ignore_rest)
    return found


def _check_header(found: Table, name: str, mapping: CaseMapping, *, ignore_rest: bool) -> None:
    header = found.header
    absent = [column for column in mapping.columns() if column not in header]
    twice = [column for column in mapping.columns() if header.count(column) > 1]
    if absent or twice:
        said = [f"has no column {_listed(absent)}"] if absent else []
        said += [f"has more than one column {_listed(twice)}"] if twice else []
        raise FileBroken(f"{name} {' and '.join(said)}. Correct the mapping, or the export.")
    # Only now is this row known to be a header, so that its cells may be shown.
    rest = [column for column in dict.fromkeys(header) if column not in {*mapping.columns(), *mapping.ignored}]
    if rest and not ignore_rest:
        raise FileBroken(
            f"{name} has columns that the mapping does not speak of: {_listed(rest)}. Map them, list them under "
            "`ignore`, or say --ignore-rest."
        )


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _place_and_time(store: Store, actor: Actor) -> tuple[ZoneInfo, datetime]:
    with store.read() as uow:
        return ZoneInfo(uow.session.get_one(Program, actor.program_id).zone), uow.now


class _Import:
    """One run, with what it has found so far."""

    def __init__(
        self,
        store: Store,
        actor: Actor,
        mapping: CaseMapping,
        keyring: Keyring,
        reader: RowReader,
        report: Report,
    ) -> None:
        self.report = report
        self._store = store
        self._actor = actor
        self._mapping = mapping
        self._keyring = keyring
        self._reader = reader
        self._equal: Mapping[bytes, list[int]] = {}

    def look_for_people(self) -> None:
        """Raise FileBroken where the mapping names somebody for all rows who cannot be that."""
        names = {field_.part: field_.source for field_ in self._mapping.people if isinstance(field_.source, str)}
        try:
            with self._store.read() as uow:
                self._people(uow, names)
        except RowRefused as refused:
            raise FileBroken(
                f"{'; '.join(refused.reasons)}. Nothing was imported. Correct the mapping, or the staff list; "
                "caseboard staff list shows it."
            ) from None

    def look_for_equal_keys(self, found: Table) -> None:
        """Read the file to its end, and remember the lines of keys that stand in it more than once."""
        lines: dict[bytes, int] = {}
        equal: dict[bytes, list[int]] = {}
        for row in found.rows():
            digest = None if isinstance(row, BadRow) else self._digest(row)
            if digest is None:
                continue
            if digest in lines:
                equal.setdefault(digest, [lines[digest]]).append(row.line)
            lines.setdefault(digest, row.line)
        self._equal = equal

    def take_rows(self, found: Table) -> None:
        """Read the file again, and open a case for each good row."""
        for row in found.rows():
            if isinstance(row, Row) and not any(cell.strip() for cell in row.cells):
                self.report.blank += 1
                continue
            self.report.rows += 1
            try:
                self._take(row)
            except RowRefused as refused:
                self.report.refused.append(RefusedRow(row.line, refused.reasons))

    def finished(self) -> Report:
        """The report, with what people should look at."""
        for column, count in self._reader.unsure.items():
            cells = "cell looks" if count == 1 else "cells look"
            self.report.notes.append(
                f"column {column}: {count} {cells} like “not known” but stayed a value; list the word under `missing`"
            )
        return self.report

    def _digest(self, row: Row) -> bytes | None:
        key = self._reader.key(row)
        return None if key is None else self._keyring.digest(f"case source {self._mapping.source}", key)

    def _take(self, row: Row | BadRow) -> None:
        if isinstance(row, BadRow):
            raise RowRefused([row.reason])
        digest = self._digest(row)
        others = [line for line in self._equal.get(digest or b"", []) if line != row.line]
        if others:
            lines = ", ".join(str(line) for line in others[:5]) + (" and more" if len(others) > 5 else "")
            columns = ", ".join(self._mapping.key)
            raise RowRefused([f"column {columns}: the same key stands on line {lines}; only one of them can be right"])
        if digest is not None and self._is_there(digest):
            self.report.already_there += 1
            return
        intake = self._reader.read(row)
        assert digest is not None  # a row without a key has been refused by now
        self._open(row.line, intake, digest)

    def _is_there(self, digest: bytes) -> bool:
        with self._store.read() as uow:
            return self._case_of(uow.session, digest) is not None

    def _case_of(self, session: Session, digest: bytes) -> int | None:
        values = {"program": self._actor.program_id, "source": self._mapping.source, "digest": digest}
        return session.execute(_KNOWN, values).scalar_one_or_none()

    def _open(self, line: int, intake: Intake, digest: bytes) -> None:
        try:
            with self._transaction() as uow:
                case = self._make(uow, intake, digest)
        except Refusal as refusal:
            # Its own words may repeat what the row holds.
            raise RowRefused([f"the case cannot be opened ({type(refusal).__name__})"]) from None
        except IntegrityError as error:
            if _ONE_OF_A_KEY not in str(error.orig):
                raise
            self.report.already_there += 1  # another import was quicker
            return
        self.report.imported += 1
        if not self.report.dry_run:
            self.report.cases.append((line, case.code))

    def _make(self, uow: UnitOfWork, intake: Intake, digest: bytes) -> Case:
        people = self._people(uow, intake.people)
        case = open_case(
            uow,
            self._actor,
            lead_id=people.get("lead"),
            surgeon_id=people.get("surgeon"),
            patient=intake.patient,
            keyring=self._keyring,
            key_dates=intake.key_dates,
        )
        note_source(uow, case, self._mapping.source, digest)
        uow.session.flush()
        for planned in intake.components:
            add_component(
                uow, self._actor, case.id, planned.kind, part=planned.part, custom=planned.custom, supply=planned.supply
            )
        if self.report.dry_run:
            uow.finish()  # what is left for last can fail too
        return case

    def _people(self, uow: UnitOfWork, names: Mapping[Part, str]) -> dict[Part, int]:
        """The people whom a row names, by id. Raises RowRefused."""
        found: dict[Part, int] = {}
        reasons = []
        for field_ in self._mapping.people:
            if field_.part not in names:
                continue
            try:
                person = find_staff(uow.session, self._actor.program_id, names[field_.part])
                serving(uow, self._actor, person.id, field_.part)
                found[field_.part] = person.id
            except UnknownPerson:
                reasons.append(f"{field_.place}: not the name of one active person of the staff list")
            except NotAllowed:
                reasons.append(f"{field_.place}: who goes by that name is no {field_.part}")
        if reasons:
            raise RowRefused(reasons)
        return found

    def _transaction(self) -> AbstractContextManager[UnitOfWork]:
        return self._store.read() if self.report.dry_run else self._store.change()
