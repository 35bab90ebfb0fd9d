"""The sealed patient record: kept, looked at, and where it came from."""

import json
from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert

from app.audit import service as audit
from app.cases.locked import of_program
from app.cases.models import Case, CaseSource, PatientRecord
from app.programs.actor import Actor
from app.store.sealing import Keyring, Place
from app.store.types import table
from app.store.uow import UnitOfWork
from app.text import plain


def seal_patient(uow: UnitOfWork, actor: Actor, case: Case, patient: Mapping[str, str], keyring: Keyring) -> None:
    """Keep what is known of the patient, sealed and bound to this case's row. Only what is known: no empty fields."""
    of_program(actor, case)
    known = {name: value for name, value in patient.items() if value}
    sealed = keyring.seal(json.dumps(known).encode(), Place("patient_records", "sealed", case.id))
    statement = insert(table(PatientRecord)).values(
        case_id=case.id, program_id=case.program_id, sealed=sealed, updated_at=uow.now
    )
    uow.session.execute(
        statement.on_conflict_do_update(index_elements=["case_id"], set_={"sealed": sealed, "updated_at": uow.now})
    )
    audit.record(uow, actor, "patient.seal", "patient", case.id, case_id=case.id, fields=sorted(known))


def open_patient(uow: UnitOfWork, actor: Actor, case: Case, keyring: Keyring, purpose: str) -> dict[str, str]:
    """Look at the patient record; the look itself is recorded. Raises `CannotOpen`."""
    of_program(actor, case)
    record = uow.session.get(PatientRecord, case.id, populate_existing=True)
    audit.record(uow, actor, "patient.look", "patient", case.id, case_id=case.id, reason=plain(purpose, "purpose"))
    if record is None:
        return {}
    found: dict[str, str] = json.loads(keyring.open(record.sealed, Place("patient_records", "sealed", case.id)))
    return found


def note_source(uow: UnitOfWork, case: Case, source: str, key_digest: bytes) -> None:
    """Remember which row of another system the case came from, by a keyed digest."""
    uow.session.add(CaseSource(case_id=case.id, program_id=case.program_id, source=source, key_digest=key_digest))
