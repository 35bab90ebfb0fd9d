"""No text about a case carries its own patient's name, number or birth date into Slack, in whatever spelling."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.cases.models import Case
from app.cases.patients import seal_patient
from app.store.sealing import Keyring
from tests.slack.office import Office
from tests.slack.test_ways import deliver, once_open, say

KEYRING = Keyring.parse(Keyring.new_key("t1"))
PATIENT = {
    "name": "Lee, Kim",
    "record_number": "84512345",
    "birth_date": "1961-07-04",
    "member_id": "XQZ-889 123-01",
}
SAID = [
    "LEE's disc",
    "wife of KIM LEE calls back",
    "is MRN84512345 in the system?",
    "see ref84512345",
    "folder 845 12345",
    "id XQZ889 12301",
    "04JUL1961 on the form",
    "form of 4 July 61",
]
ORDINARY = "Told the rep: disc 2 of 3 is here, the rest comes by July 14, PO 4471-22"


@pytest.fixture(autouse=True)
def patient(office: Office) -> Iterator[None]:
    """The case has a sealed record, and the process its key."""
    office.world.store.keys = lambda: KEYRING
    with office.world.store.change() as uow:
        case = uow.session.get_one(Case, office.case.id)
        seal_patient(uow, office.world.actor("lea"), case, PATIENT, KEYRING)
    yield
    office.world.store.keys = lambda: None


def hold(office: Office, who: str, no: int) -> None:
    assert office.say(who, f"/cb claim {no}").text
    assert office.holder(no) == who


def nothing_got_out(office: Office) -> None:
    """Neither in what the channel shows nor in what is kept to be posted."""
    deliver(office)
    shown = str([dict(message) for message in office.sandbox.messages(office.channel)])
    kept = str(office.rows("SELECT payload::text FROM notices")) + str(
        office.rows("SELECT fields::text FROM audit_entries")
    )
    for word in ("LEE", "KIM", "84512345", "12345", "12301", "JUL1961"):
        assert word not in shown
        assert word not in kept


COMMANDS = [
    ("ana", "/cb handoff 2 @cy {}", "handoff"),
    ("ana", "/cb handoff all @cy {}", "handoff of all"),
    ("ana", "/cb ask @lea 2: {}", "question about a task"),
    ("ana", "/cb ask @lea: {}", "question about the case"),
    ("ana", "/cb ask @lea 2: go on? (yes / {})", "choice"),
    ("ana", "/cb wait 2 payer {}", "note of a wait"),
    ("ana", "/cb done 1 {}", "reference"),
    ("lea", "/cb skip 3 {}", "reason of a skip"),
    ("lea", "/cb waive 4 {}", "reason of a waiver"),
]


@pytest.mark.parametrize(("who", "line", "what"), COMMANDS, ids=[row[2] for row in COMMANDS])
def test_no_command_carries_the_patient(office: Office, who: str, line: str, what: str) -> None:
    hold(office, "ana", 1)
    hold(office, "ana", 2)
    before = office.fingerprint()
    for said in SAID:
        if "(yes" in line and "?" in said:
            continue  # what stands before a question mark is no choice
        answer = office.say(who, line.format(said)).text
        assert "may hold patient data" in answer, f"{what}: {said}"
        assert said not in answer
        assert office.fingerprint() == before, f"{what}: {said}"
    nothing_got_out(office)


@pytest.mark.parametrize(("who", "line", "what"), COMMANDS, ids=[row[2] for row in COMMANDS])
def test_ordinary_words_go_the_same_way(office: Office, who: str, line: str, what: str) -> None:
    hold(office, "ana", 1)
    hold(office, "ana", 2)
    before = office.fingerprint()
    office.say(who, line.format("not now" if "(yes" in line else ORDINARY))
    assert office.fingerprint() != before, what


FORMS = [
    ("ana", "/cb wait 2", "Note", {"Whom it waits for": "Payer"}, "note"),
    ("ana", "/cb done 1", "Agenda line", {}, "evidence"),
    ("lea", "/cb skip 3", "Why it is left out", {}, "reason"),
    ("ana", "/cb ask 2", "Question", {"Whom to ask": "lea"}, "question"),
    ("ana", "/cb handoff 2", "Where it stands", {"To whom": "Cy"}, "note"),
]


@pytest.mark.parametrize(("who", "line", "label", "more", "block"), FORMS, ids=[row[1] for row in FORMS])
def test_no_form_carries_the_patient(
    office: Office, who: str, line: str, label: str, more: dict[str, str], block: str
) -> None:
    hold(office, "ana", 2)
    screen = say(office, who, line)
    once_open(office, who, label)
    if "Whom to ask" in more:
        more = {"Whom to ask": office.people[more["Whom to ask"]].id}
    before = office.fingerprint()
    for said in SAID:
        sent = screen.submit({**more, label: said})
        assert list(sent.errors) == [block], said
        assert "may hold patient data" in sent.errors[block]
        assert office.fingerprint() == before
    nothing_got_out(office)
    assert screen.submit({**more, label: ORDINARY}).ok


def test_answers_carry_no_patient_either(office: Office) -> None:
    hold(office, "ana", 2)
    office.say("ana", "/cb handoff 2 @cy the rest comes tomorrow")
    office.say("ana", "/cb ask @lea 2: who assists?")
    before = office.fingerprint()
    assert "this patient's record" in office.say("cy", "/cb decline 2 call LEE first").text
    assert office.fingerprint() == before
    assert office.row("SELECT count(*) AS n FROM handoffs WHERE state = 'offered'").n == 1


def test_a_question_with_the_patient_is_not_carried_over_into_the_form(office: Office) -> None:
    say(office, "ana", "/cb ask 2: is MRN84512345 (LEE) in the system?")
    form = office.modal("ana")
    assert "84512345" not in str(form)
    assert "LEE" not in str(form)


def test_another_case_may_have_these_words(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("DELETE FROM patient_records"))
    hold(office, "ana", 2)
    assert "now waits" in office.say("ana", "/cb wait 2 payer asked LEE at the front desk").text
