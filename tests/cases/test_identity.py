"""What is typed about a case does not name its patient: every free text is held against the case's own record."""

import logging
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from sqlalchemy import text

from app.cases.components import withdraw_component
from app.cases.dates import set_date
from app.cases.identity import identifying
from app.cases.service import close_case, open_case
from app.checklists.vocabulary import Awaited
from app.kernel.due import Moment
from app.store.sealing import Keyring
from app.store.uow import UnitOfWork
from app.tasks import handoffs, service
from app.tasks.brief import Brief
from app.text import PatientData
from tests.tasks.desk import BOARD, Desk, OpenCase

PATIENT = {
    "name": "Zbigniew Smith-O'Hara",
    "mrn": "QX-4471-9",
    "birth_date": "1961-07-04",
    "sex": "male",
    "site": "hip",
}
KEYRING = Keyring.parse(Keyring.new_key("t1"))


@pytest.fixture
def case(desk: Desk) -> Iterator[OpenCase]:
    """A case with a sealed record, at a desk that has the key."""
    desk.store.keys = lambda: KEYRING
    with desk.change() as uow:
        dates = {"board": Moment(BOARD)}
        made = open_case(uow, desk.world.actor("ana"), patient=PATIENT, keyring=KEYRING, key_dates=dates)
    yield OpenCase(made.id, made.code)
    desk.store.keys = lambda: None


@pytest.mark.parametrize(
    ("patient", "words", "why"),
    [
        ({"name": "Ana María Núñez"}, {"Ana", "María", "Núñez"}, "each part of a name"),
        ({"last_name": "Smith-Jones"}, {"Smith-Jones", "Smith", "Jones"}, "a double name, whole and in parts"),
        ({"full_name": "Dr. Juan de la Cruz Jr"}, {"Juan", "Cruz"}, "no title, no particle"),
        ({"record_number": "00-12 345"}, {"00-12 345"}, "a number as it stands"),
        ({"mrn": "12"}, set(), "a number that any task has too"),
        ({"birth_date": "1961-07-04"}, {"1961-07-04"}, "a birth date"),
        ({"payer_name": "Blue Cross", "payer_id": "60054", "drug_name": "Cefazolin"}, set(), "what is of others"),
        ({"patient": "Mia Berg", "first": "Mia", "fname": "Mia"}, {"Mia", "Berg"}, "without the word name"),
        ({"next_of_kin_name": "Ole Berg", "contact": "Ole"}, {"Ole", "Berg"}, "who belongs to the patient"),
        ({"auth_number": "AUTH-88213", "referral_number": "R-5521"}, set(), "what tasks ask for as evidence"),
        ({"address_state": "Florida", "birth_country": "Norway", "record_type": "inpatient"}, set(), "words of all"),
        ({"patient_birth": "1961-07-04"}, {"1961-07-04"}, "a number in a field that reads like a name"),
        ({"state_id": "F442-118"}, {"F442-118"}, "a number that a state gave"),
        ({"home_address_city_state_zip": "Ada NC 27599"}, {"Ada NC 27599"}, "an address as a whole"),
        ({"member_id_type": "group", "phone_type": "mobile"}, set(), "the last word says what it is"),
        ({"given": "Mia", "family": "Berg", "insured_maiden_name": "Dahl"}, {"Mia", "Berg", "Dahl"}, "as FHIR has it"),
        ({"emergency_contact": "Ole Berg"}, {"Ole", "Berg"}, "who is called"),
        ({"patient_contact": "phone", "preferred_contact": "text message"}, set(), "a way to reach somebody"),
        ({"last_contact": "left a message", "insurance_name": "Blue Cross"}, set(), "a day's and a payer's"),
        (
            {"payer_member_id": "W22-1944", "hospital_mrn": "QX447", "clinic_record_number": "88-1"},
            {"W22-1944", "QX447", "88-1"},
            "a number of the patient's, whoever gave it",
        ),
        ({"name_2": "Mia", "emergency_contact_1": "Ole", "phone2": "5550142"}, {"Mia", "Ole", "5550142"}, "counted"),
        ({"subscriber_name": "Ole Berg", "policyholder_name": "Ida Dahl"}, {"Ole", "Berg", "Ida", "Dahl"}, "insured"),
        ({"last_name": "Street", "name": "Max Born"}, {"Street", "Max", "Born"}, "a name that is a word, too"),
        ({"country_of_birth": "Norway", "address_state_name": "Florida", "address_city": "Boston"}, set(), "places"),
        ({"specimen_type_id": "CONSULT", "member_status_number": "active"}, set(), "words that are nobody's number"),
        ({"emergency_contact": "wife", "contact": "none, declined"}, set(), "no name in a field of contacts"),
        ({"next_contact": "Monday", "patient_last_contact": "left a note"}, set(), "a day"),
        ({"insurance_contact": "claims desk", "patient_preferred_contact": "any"}, set(), "a desk, a way"),
        ({"sex": "male", "margin": "positive", "payer": "Aetna"}, set(), "what tells nobody who it is"),
    ],
)
def test_what_identifies_is_known_by_its_field(patient: dict[str, str], words: set[str], why: str) -> None:
    assert identifying(patient) == words, why


def _skip(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    return lambda uow: service.skip(uow, desk.world.actor("lea"), desk.task(case, "P2"), said)


def _wait(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    desk.do(service.claim, "ana", desk.task(case, "P2"))
    return lambda uow: service.wait(uow, desk.world.actor("ana"), desk.task(case, "P2"), Awaited.CLINIC, said)


def _hand_off(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    desk.do(service.claim, "ana", desk.task(case, "P2"))
    to = desk.world.staff["cy"].id
    return lambda uow: handoffs.offer(uow, desk.world.actor("ana"), desk.task(case, "P2"), to, Brief(said))


def _hand_off_all(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    desk.do(service.claim, "ana", desk.task(case, "P2"))
    to = desk.world.staff["cy"].id
    return lambda uow: handoffs.offer_all(uow, desk.world.actor("ana"), to, Brief(said))


def _decline(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    desk.do(service.claim, "ana", desk.task(case, "P2"))
    desk.do(handoffs.offer, "ana", desk.task(case, "P2"), desk.world.staff["cy"].id, Brief("please"))
    return lambda uow: handoffs.decline(uow, desk.world.actor("cy"), desk.task(case, "P2"), said)


def _waive(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    return lambda uow: service.waive(uow, desk.world.actor("lea"), desk.task(case, "P4"), said)


def _reopen(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    desk.do(service.skip, "lea", desk.task(case, "P2"), "not needed")
    return lambda uow: service.reopen(uow, desk.world.actor("lea"), desk.task(case, "P2"), said)


def _evidence(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    return lambda uow: service.done(uow, desk.world.actor("ana"), desk.task(case, "P1"), said)


def _beside(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    desk.date(case, "denial_received", date(2026, 11, 2))
    return lambda uow: service.done(uow, desk.world.actor("ana"), desk.task(case, "L1"), "bundled", said)


def _component(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    number = desk.component(case, "plate")
    return lambda uow: withdraw_component(uow, desk.world.actor("lea"), case.id, number, said)


def _date(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    desk.component(case, "plate")
    day = Moment(date(2026, 12, 10))
    return lambda uow: set_date(uow, desk.world.actor("lea"), case.id, "surgery", day, waiver=said)


def _close(desk: Desk, case: OpenCase, said: str) -> Callable[[UnitOfWork], object]:
    return lambda uow: close_case(uow, desk.world.actor("lea"), case.id, said)


PLACES = [
    _skip, _wait, _hand_off, _hand_off_all, _decline, _waive, _reopen, _evidence, _beside, _component, _date, _close,
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__.strip("_"))
def test_no_text_of_a_case_names_its_patient(
    desk: Desk, case: OpenCase, place: Callable[..., Callable[[UnitOfWork], object]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refusal = desk.refused(PatientData, place(desk, case, "asked Zbigniew again"))
    assert "a word from this patient's record" in str(refusal)
    assert "zbigniew" not in (str(refusal) + caplog.text).casefold()
    with desk.change() as uow:
        place(desk, case, "the fax did not arrive")(uow)  # without the name it goes


@pytest.mark.parametrize(
    "said",
    [
        "o'hara called",
        "OHARA called",
        "chart QX44719",
        "QX-4471-9",
        "refQX4471 9",
        "SMITH agreed",
        "04JUL1961",
        "on 4 July 61",
    ],
)
def test_every_word_that_identifies_counts(desk: Desk, case: OpenCase, said: str) -> None:
    desk.refused(PatientData, _evidence(desk, case, said))


def test_another_cases_text_is_held_against_its_own_record_only(desk: Desk, case: OpenCase) -> None:
    other = desk.open()
    with desk.change() as uow:
        assert _skip(desk, other, "asked Zbigniew at the front desk")(uow)


def test_without_the_key_work_goes_on_and_the_log_says_so(
    desk: Desk, case: OpenCase, caplog: pytest.LogCaptureFixture
) -> None:
    desk.store.keys = lambda: None
    with desk.change() as uow:
        _skip(desk, case, "not needed")(uow)
    assert "was not held against the patient record" in caplog.text
    caplog.clear()
    desk.store.keys = lambda: Keyring.parse(Keyring.new_key("other"))
    with desk.change() as uow:
        service.reopen(uow, desk.world.actor("lea"), desk.task(case, "P2"), "needed after all")
    assert "CannotOpen" in caplog.text
    assert "Zbigniew" not in caplog.text


def test_a_comparison_is_no_look_at_the_record(desk: Desk, case: OpenCase) -> None:
    with desk.change() as uow:
        _skip(desk, case, "not needed")(uow)
        looked = uow.session.execute(
            text("SELECT count(*) FROM audit_entries WHERE case_id = :case AND action = 'patient.look'"),
            {"case": case.id},
        )
        assert looked.scalar_one() == 0
