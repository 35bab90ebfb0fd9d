"""Text that is typed about a case, held against what its own sealed record says of who the patient is."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Final

from app.cases.models import PatientRecord
from app.kernel.known_values import SHORTEST_NUMBER
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
    "full", "preferred", "legal", "birth", "former", "next", "of", "emergency", "member", "subscriber", "policyholder",
    "insurance",
}  # fmt: skip
"""What a field's name may hold so that it is a person's of the patient's side, and not a payer's or a drug's."""
_A_PERSON: Final = {
    "contact": _NAMES | {"emergency", "kin"},
    "insurance": frozenset({"member", "subscriber", "insured", "first", "last"}),
}
"""What has to stand beside these, or it is a day, a way or a payer: `last_contact`, `insurance_name`."""
_OWN: Final = frozenset({
    "mrn", "record", "chart", "birth", "birthdate", "birthday", "dob", "born", "member", "subscriber", "policy", "ssn",
    "passport",
})  # fmt: skip
"""Numbers of the patient's, whoever gave them: the payer's member id, the hospital's record number."""
_ANYBODY_S: Final = frozenset({
    "phone", "telephone", "mobile", "fax", "email", "mail", "address", "street", "id", "number", "nr",
})  # fmt: skip
_OF_OTHERS: Final = frozenset({
    "payer", "insurer", "plan", "group", "surgeon", "doctor", "physician", "provider", "hospital", "clinic", "facility",
    "vendor", "npi", "implant", "device", "procedure", "lesion", "auth", "authorization", "referral", "claim",
})  # fmt: skip
_NO_NAME: Final = frozenset({
    "de", "la", "las", "los", "del", "der", "den", "di", "da", "du", "van", "von", "zu", "el", "al", "bin", "ibn",
    "und", "and", "mr", "mrs", "ms", "mx", "miss", "dr", "prof", "jr", "sr", "ii", "iii", "iv",
})  # fmt: skip
_NO_PERSON: Final = _ANYBODY_S | {
    "cell", "text", "message", "sms", "letter", "portal", "wife", "husband", "partner", "mother", "father", "spouse",
    "son", "daughter", "sister", "brother", "parent", "friend", "guardian", "none", "declined", "unknown",
}  # fmt: skip
"""What stands in a field of contacts besides a name."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TELLING_SIGN = re.compile(r"[0-9@]")


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
        said = frozenset(re.sub(r"[0-9]", "", field).split("_")) - {""}
        if _is_name(said):
            words = {part for word in _WORD.findall(value) for part in (word, *word.split("-"))}
            none = _NO_NAME | _NO_PERSON if "contact" in said else _NO_NAME
            found.update(word for word in words if word.casefold() not in none)
        # Words alone are many people's: the state of an address, the kind of a number.
        if _is_number(said) and len(value) >= SHORTEST_NUMBER and _TELLING_SIGN.search(value):
            found.add(value)
    return frozenset(found)


def _is_name(said: frozenset[str]) -> bool:
    alone = len(said) == 1
    beside = all(alone or said & _A_PERSON[word] for word in said & _A_PERSON.keys())
    return bool(said & _TELLING) and said <= _OF_A_NAME and beside


def _is_number(said: frozenset[str]) -> bool:
    return bool(said & _OWN) or (bool(said & _ANYBODY_S) and not said & _OF_OTHERS)
