"""Text that is typed about a case, held against what its own sealed record says of who the patient is."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Final

from app.cases.models import PatientRecord
from app.log import log_failure
from app.store.sealing import CannotOpen, Keyring, Place
from app.store.uow import UnitOfWork
from app.text import plain

log = logging.getLogger("caseboard.cases")
_NAMES: Final = frozenset(
    {"name", "names", "surname", "forename", "firstname", "lastname", "fullname", "alias", "fname", "lname", "nickname"}
)
_TELLING: Final = _NAMES | {
    "patient", "pt", "first", "last", "given", "family", "middle", "maiden", "insured", "contact", "kin", "mother",
    "father", "spouse", "guardian",
}  # fmt: skip
"""The words of a field's name that make it a name, where all of them are of `_OF_A_NAME`."""
_OF_A_NAME: Final = _TELLING | {
    "full", "preferred", "legal", "birth", "former", "next", "of", "emergency", "member", "insurance",
}  # fmt: skip
"""What a field's name may hold so that it is a person's of the patient's side, and not a payer's or a drug's."""
_OF_NOBODY: Final = {
    frozenset({"last", "contact"}),
    frozenset({"preferred", "contact"}),
    frozenset({"insurance", "name"}),
}
"""Names of fields that read like a person's and are a day, a way, and a payer."""
_NUMBERS: Final = frozenset({
    "mrn", "record", "chart", "birth", "birthdate", "birthday", "dob", "born", "phone", "telephone", "mobile", "fax",
    "email", "mail", "address", "street", "member", "subscriber", "policy", "ssn", "passport", "id", "number", "nr",
})  # fmt: skip
_OF_OTHERS: Final = frozenset({
    "payer", "insurer", "plan", "group", "surgeon", "doctor", "physician", "provider", "hospital", "clinic", "facility",
    "vendor", "npi", "implant", "device", "procedure", "lesion", "auth", "authorization", "referral", "claim",
})  # fmt: skip
_OF_MANY: Final = frozenset({"type", "state", "country", "preference", "status"})
"""A field's last word says what its value is: the state of an address is many people's; a state's id is one's."""
_NO_NAME: Final = frozenset({
    "de", "la", "las", "los", "del", "der", "den", "di", "da", "du", "van", "von", "zu", "el", "al", "bin", "ibn",
    "und", "and", "mr", "mrs", "ms", "mx", "miss", "dr", "prof", "jr", "sr", "ii", "iii", "iv",
})  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SHORTEST_NUMBER: Final = 4
"""Characters. A shorter record number is the number of any task, too."""


def case_text(uow: UnitOfWork, case_id: int, text: str | None, what: str, *, reference: bool = False) -> str:
    """`plain`, for a text about one case: what identifies its patient is refused too. Raises what `plain` raises."""
    return plain(text, what, reference=reference, known_words=known_words(uow, case_id, uow.keys()))


def known_words(uow: UnitOfWork, case_id: int, keyring: Keyring | None) -> frozenset[str]:
    """The words by which the case's patient is known. They stay in memory, for a comparison, and go nowhere else.

    Not recorded as a look: no person sees anything. Where the record cannot be opened nothing is known, work goes
    on, and the log says so; `caseboard doctor` names the missing key.
    """
    record = uow.session.get(PatientRecord, case_id, populate_existing=True)
    if record is None:
        return frozenset()
    if keyring is None:
        log.warning("a text was not held against the patient record: this process has no keys (CASEBOARD_KEYS)")
        return frozenset()
    try:
        sealed = keyring.open(record.sealed, Place("patient_records", "sealed", case_id))
    except CannotOpen as error:
        log_failure("holding a text against the patient record", error)
        return frozenset()
    return identifying(json.loads(sealed))


def identifying(patient: Mapping[str, str]) -> frozenset[str]:
    """What in a record tells who the patient is, by the names of its fields (docs/import.md). Pure."""
    found: set[str] = set()
    for field, value in patient.items():
        words = field.split("_")
        said = frozenset(words)
        if said & _TELLING and said <= _OF_A_NAME and said not in _OF_NOBODY:
            for word in _WORD.findall(value):
                found.update({word, *word.split("-")})
        own = not said & _OF_OTHERS and words[-1] not in _OF_MANY
        if said & _NUMBERS and own and len(value) >= SHORTEST_NUMBER:
            found.update({value, re.sub(r"[\s./-]", "", value)})
    # How to reach somebody is a way and no name: "phone", in a field of contacts.
    return frozenset(word for word in found if word.casefold() not in _NO_NAME | _NUMBERS)
