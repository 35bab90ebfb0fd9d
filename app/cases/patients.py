"""The sealed patient record: kept, looked at, and where it came from."""

import json
from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert

from app.audit import service as audit
from app.cases.identity import known_words
from app.cases.locked import case_of, of_program
from app.cases.models import Case, CaseSource, PatientRecord
from app.checklists.vocabulary import Role
from app.programs.actor import Actor, NotAllowed
from app.store.sealing import Keyring, Place
from app.store.types import table
from app.store.uow import Store, UnitOfWork
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


LOOKS = frozenset(Role) - {Role.MANAGER, Role.ADMIN}
"""Who may look: whoever works on cases. Reports and settings need no patient (the minimum necessary)."""


def open_patient(store: Store, actor: Actor, case_id: int, keyring: Keyring, purpose: str) -> dict[str, str]:
    """Look at the patient record; empty where there is none.

    A look has a change of its own, so that it stays recorded when the record does not open, and also when it was
    refused for the role: then without its purpose, which nobody has read. Raises `UnknownCase`, `NotAllowed`,
    `CannotOpen`, and `PatientData` for a purpose that says too much: the record is for ever, so nothing is written
    then, and nothing shown.
    """
    allowed = actor.has(*LOOKS)
    with store.change() as uow:
        case = case_of(uow, actor, case_id)
        why = plain(purpose, "purpose", known_words=known_words(uow, case_id, keyring)) if allowed else None
        record = uow.session.get(PatientRecord, case.id)
        result = "done" if allowed else "refused"
        audit.record(uow, actor, "patient.look", "patient", case.id, case_id=case.id, result=result, reason=why)
    if not allowed:
        raise NotAllowed("Patient records are for those who work on cases. This look was refused, and is recorded.")
    if record is None:
        return {}
    found: dict[str, str] = json.loads(keyring.open(record.sealed, Place("patient_records", "sealed", case.id)))
    return found


def note_source(uow: UnitOfWork, case: Case, source: str, key_digest: bytes) -> None:
    """Remember which row of another system the case came from, by a keyed digest."""
    uow.session.add(CaseSource(case_id=case.id, program_id=case.program_id, source=source, key_digest=key_digest))
