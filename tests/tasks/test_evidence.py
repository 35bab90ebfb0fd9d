"""What closes a task: which evidence is taken, how it is kept, and what is said where it does not fit."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import EvidenceKind, Role
from app.refusals import Refusal
from app.tasks import service as tasks
from app.tasks.closing import seal_words
from app.tasks.evidence import closing_word, read_evidence, unchecked
from app.tasks.refusals import NeedsEvidence, NotAttested
from app.tasks.rows import read
from app.text import PatientData, TooLong
from tests.tasks.desk import BOARD, VISIT, Desk, OpenCase


def spec(kind: EvidenceKind, *choices: str) -> EvidenceSpec:
    by = (Role.SURGEON,) if kind is EvidenceKind.ATTESTATION else ()
    return EvidenceSpec(kind, "Label", choices, by)


@pytest.mark.parametrize(
    ("kind", "given", "kept", "why"),
    [
        (EvidenceKind.REFERENCE, "ref ABC-1", "ref ABC-1", "a reference as it was written"),
        (EvidenceKind.REFERENCE, "  REF 88123456 ", "REF 88123456", "a payer's number may be long"),
        (EvidenceKind.REFERENCE, "a\nb", "a b", "one line"),
        (EvidenceKind.DATE, "2026-12-03", "2026-12-03", "a date in ISO"),
        (EvidenceKind.NUMBER, "3", "3", "a whole number"),
        (EvidenceKind.NUMBER, "-2.50", "-2.50", "money keeps its places"),
        (EvidenceKind.NUMBER, "007", "7", "leading zeros say nothing"),
        (EvidenceKind.CHOICE, "FAX", "fax", "a choice in any case, kept as the template writes it"),
        (EvidenceKind.CHOICE, "by_hand", "by hand", "with an underscore for the space"),
        (EvidenceKind.ATTESTATION, "yes", "yes", "a signed word"),
        (EvidenceKind.NONE, "found it", "found it", "more than asked for is kept"),
    ],
)
def test_evidence_that_fits_is_kept(kind: EvidenceKind, given: str, kept: str, why: str) -> None:
    assert read_evidence(spec(kind, "fax", "by hand"), given, "12") == {"kind": kind.value, "value": kept}, why


@pytest.mark.parametrize(
    ("kind", "given", "error", "why"),
    [
        (EvidenceKind.REFERENCE, None, NeedsEvidence, "it is asked for"),
        (EvidenceKind.REFERENCE, "  ", NeedsEvidence, "blanks are nothing"),
        (EvidenceKind.REFERENCE, "x" * 121, TooLong, "no place for it"),
        (EvidenceKind.REFERENCE, "DOB 03/04/1961", PatientData, "a birth date"),
        (EvidenceKind.REFERENCE, "mail a@example.org", PatientData, "an address"),
        (EvidenceKind.REFERENCE, "SSN 123-45-6789", PatientData, "a social security number"),
        (EvidenceKind.DATE, "3 December", NeedsEvidence, "no ISO date"),
        (EvidenceKind.DATE, "2026-02-30", NeedsEvidence, "no such day"),
        (EvidenceKind.NUMBER, "three", NeedsEvidence, "a word"),
        (EvidenceKind.NUMBER, "nan", NeedsEvidence, "not a number"),
        (EvidenceKind.NUMBER, "inf", NeedsEvidence, "endless"),
        (EvidenceKind.NUMBER, "1e999999", NeedsEvidence, "an exponent hides a size"),
        (EvidenceKind.NUMBER, "1_000", NeedsEvidence, "an underscore is a program's habit"),
        (EvidenceKind.NUMBER, "1,250", NeedsEvidence, "a comma is a decimal point to some"),
        (EvidenceKind.NUMBER, "9" * 21, NeedsEvidence, "longer than anything counted"),
        (EvidenceKind.CHOICE, "courier", NeedsEvidence, "not one of them"),
        (EvidenceKind.ATTESTATION, "", NeedsEvidence, "a word is needed"),
        (EvidenceKind.NONE, "call 555-867-5309", PatientData, "also where nothing is asked"),
    ],
)
def test_evidence_that_does_not_fit_is_refused(
    kind: EvidenceKind, given: str | None, error: type[Refusal], why: str
) -> None:
    with pytest.raises(error) as caught:
        read_evidence(spec(kind, "fax", "by hand"), given, "12")
    assert "Nothing" in str(caught.value), why


@pytest.mark.parametrize(("kind", "given"), [(EvidenceKind.NUMBER, "84512345"), (EvidenceKind.DATE, "1961-07-04")])
def test_a_number_or_date_is_not_the_patients_own(kind: EvidenceKind, given: str) -> None:
    with pytest.raises(PatientData):
        read_evidence(spec(kind), given, "12", known_words={"84512345", "1961-07-04"})
    assert read_evidence(spec(kind), given, "12", known_words={"84512346", "1961-07-05"})


@pytest.mark.parametrize("number", ["202611", "261126", "2026-11"])
def test_a_date_is_held_against_the_birth_date_and_no_number(number: str) -> None:
    known = {number, "Lee", "1961-07-04", "12 Oak Street, Ada"}
    assert read_evidence(spec(EvidenceKind.DATE), "2026-11-26", "12", known_words=known)
    with pytest.raises(PatientData):
        read_evidence(spec(EvidenceKind.DATE), "1961-07-04", "12", known_words=known)


@pytest.mark.parametrize(
    ("kind", "label", "word"),
    [
        (EvidenceKind.ATTESTATION, "Recommendation is signed", "Sign"),
        (EvidenceKind.ATTESTATION, "Signature under the letter", "Sign"),
        (EvidenceKind.ATTESTATION, "The code set is final", "Attest"),
        (EvidenceKind.ATTESTATION, "The design is approved", "Attest"),
        (EvidenceKind.DATE, "Signed on", "Done"),
    ],
)
def test_a_button_says_sign_where_a_signature_is_asked_for(kind: EvidenceKind, label: str, word: str) -> None:
    assert closing_word(EvidenceSpec(kind, label, (), (Role.SURGEON,))) == word


def test_the_refusal_shows_an_example() -> None:
    with pytest.raises(NeedsEvidence) as caught:
        read_evidence(spec(EvidenceKind.CHOICE, "portal", "fax"), None, "12")
    assert "one of portal, fax" in str(caught.value)
    assert str(caught.value).endswith("Write: done 12 portal")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_every_plain_number_keeps_its_value(number: Decimal) -> None:
    kept = read_evidence(spec(EvidenceKind.NUMBER), f"{number:f}", "12")
    assert kept is not None
    assert Decimal(kept["value"]) == number


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(written: str) -> None:
    for kind in EvidenceKind:
        try:
            kept = read_evidence(spec(kind, "fax", "by hand"), written, "12")
        except Refusal:
            continue
        assert kept is None or kept["value"]


PROPOSED, SURGERY = date(2026, 12, 8), date(2026, 12, 10)
BOTH, ONLY_PROPOSED = {"surgery_proposed": PROPOSED, "surgery": SURGERY}, {"surgery_proposed": PROPOSED}
EXPIRY = EvidenceSpec(EvidenceKind.DATE, "Expiry", (), (), after=("surgery", "surgery_proposed"))
PRESENT = EvidenceSpec(EvidenceKind.NUMBER, "Present", (), (), min=0, max=5)
CALL = EvidenceSpec(EvidenceKind.CHOICE, "Answer", ("bundled", "not required"), (), reference="Call reference")


@pytest.mark.parametrize(
    ("given", "key_dates", "fits", "why"),
    [
        ("2026-12-11", BOTH, True, "the day after the operation"),
        ("2026-12-10", BOTH, False, "on the day is not after it"),
        ("2026-12-09", BOTH, False, "the firm date counts, not the proposed one"),
        ("2026-12-09", ONLY_PROPOSED, True, "the proposed one counts while there is no other"),
        ("2020-01-01", ONLY_PROPOSED, False, "long over"),
        ("2020-01-01", {}, True, "nothing to hold it against"),
    ],
)
def test_a_date_lies_after_the_first_key_date_that_is_set(
    given: str, key_dates: dict[str, date], fits: bool, why: str
) -> None:
    if fits:
        assert read_evidence(EXPIRY, given, "12", key_dates=key_dates) == {"kind": "date", "value": given}, why
    else:
        with pytest.raises(NeedsEvidence):
            read_evidence(EXPIRY, given, "12", key_dates=key_dates)


def test_a_date_lies_before_one_and_the_refusal_says_which() -> None:
    early = EvidenceSpec(EvidenceKind.DATE, "Given on", (), (), after=("biopsy",), before=("surgery",))

    with pytest.raises(NeedsEvidence) as caught:
        read_evidence(early, "2026-12-10", "12", key_dates=BOTH | {"biopsy": date(2026, 11, 2)})

    assert "needs a date after the biopsy date (Mon 2 Nov 2026) and before the surgery date (Thu 10 Dec 2026)" in str(
        caught.value
    )
    assert str(caught.value).endswith("Write: done 12 2026-11-03")


def test_what_could_not_be_checked_is_said() -> None:
    assert unchecked(EXPIRY, {}) == "Not checked against the surgery or surgery proposed date, which is not set."
    assert unchecked(EXPIRY, ONLY_PROPOSED) is None
    assert unchecked(PRESENT, {}) is None


@pytest.mark.parametrize(
    ("given", "fits"), [("0", True), ("5", True), ("-1", False), ("6", False), ("5.1", False), ("-0.1", False)]
)
def test_a_number_stays_in_its_range(given: str, fits: bool) -> None:
    if fits:
        assert read_evidence(PRESENT, given, "12") == {"kind": "number", "value": given}
    else:
        with pytest.raises(NeedsEvidence, match="needs a number from 0 to 5: Present"):
            read_evidence(PRESENT, given, "12")


def test_a_reference_is_kept_beside_a_choice() -> None:
    assert read_evidence(CALL, "bundled", "12", reference=" C-77 ") == {
        "kind": "choice",
        "value": "bundled",
        "reference": "C-77",
    }


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_a_choice_without_its_reference_is_refused(reference: str | None) -> None:
    with pytest.raises(NeedsEvidence) as caught:
        read_evidence(CALL, "bundled", "12", reference=reference)
    assert "needs a reference besides: Call reference" in str(caught.value)
    assert str(caught.value).endswith("Write: done 12 bundled ref ABC-1")


def test_a_reference_beside_a_choice_holds_no_patient_data() -> None:
    with pytest.raises(PatientData):
        read_evidence(CALL, "bundled", "12", reference="DOB 03/04/1961")


@given(
    st.integers(-5, 5), st.integers(-5, 5), st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.sampled_from(EvidenceKind)
)
def test_the_example_of_a_refusal_is_taken(one: int, other: int, day: date, kind: EvidenceKind) -> None:
    """Whatever the limits are: who writes what the refusal shows is not refused again."""
    least, most = sorted((one, other))
    asked = EvidenceSpec(
        kind, "Label", ("fax", "by hand"), (Role.SURGEON,), min=least, max=most, after=("board",), before=("surgery",)
    )
    days = {"board": day, "surgery": day + timedelta(days=2)}
    if kind is EvidenceKind.NONE:
        return
    with pytest.raises(NeedsEvidence) as caught:
        read_evidence(asked, None, "12", key_dates=days)

    assert read_evidence(asked, str(caught.value).partition("done 12 ")[2], "12", key_dates=days) is not None


def test_done_holds_a_date_against_the_case(desk: Desk) -> None:
    case = desk.open(denial_received=VISIT, surgery_proposed=PROPOSED)
    task = desk.task(case, "L3")

    refusal = desk.refuses(NeedsEvidence, tasks.done, "ana", task, "2020-01-01", "LOT-9")
    assert "a date after the surgery proposed date (Tue 8 Dec 2026)" in str(refusal)

    desk.do(tasks.done, "ana", task, "2027-05-01", "LOT-9")
    assert desk.row(task)["evidence"] == {"kind": "date", "value": "2027-05-01", "reference": "LOT-9"}


def test_done_says_what_it_could_not_check(desk: Desk) -> None:
    task = desk.task(desk.open(denial_received=VISIT), "L3")

    said = desk.do(tasks.done, "ana", task, "2020-01-01", "LOT-9").said

    assert "Not checked against the surgery or surgery proposed date" in said


def test_a_va_prepares_what_a_surgeon_signs_with_its_reference(desk: Desk) -> None:
    task = desk.task(desk.open(denial_received=VISIT), "L2")
    desk.do(tasks.claim, "ana", task)

    desk.refuses(NotAttested, tasks.done, "ana", task, "yes", "LIST-3")
    desk.do(tasks.done, "sam", task, "yes", "LIST-3")

    row = desk.row(task)
    assert row["evidence"] == {"kind": "attestation", "value": "yes", "reference": "LIST-3"}
    assert row["attested_by"] == desk.world.staff["sam"].id


def locked(desk: Desk) -> tuple[OpenCase, int]:
    """A case whose list has been locked, and the task of the lock."""
    case = desk.open(denial_received=VISIT)
    desk.do(tasks.done, "ana", desk.task(case, "L1"), "bundled", "C-77")
    desk.do(tasks.done, "ana", desk.task(case, "L4"), "5")
    lock = desk.task(case, "L5")
    said = desk.do(tasks.done, "lea", lock, "LOCK-1").said
    assert f" Seal {desk.row(lock)['evidence']['seal']}: it shows later changes to what this task needs." in said
    return case, lock


def test_a_seal_is_computed_and_says_whether_what_it_sealed_changed(desk: Desk) -> None:
    case, lock = locked(desk)
    evidence = desk.row(lock)["evidence"]
    assert evidence["value"] == "LOCK-1"
    assert re.fullmatch("[0-9a-f]{16}", evidence["seal"])
    assert seal_said(desk, lock) == f" Seal {evidence['seal']}: nothing has changed since."

    desk.do(tasks.reopen, "lea", desk.task(case, "L4"), "one came late")
    desk.do(tasks.done, "ana", desk.task(case, "L4"), "4")

    assert seal_said(desk, lock) == f" Seal {evidence['seal']}: what it sealed has changed since."


def test_a_seal_covers_the_evidence_and_not_only_that_there_is_some(desk: Desk) -> None:
    case, lock = locked(desk)
    with desk.change() as uow:
        uow.session.execute(
            text("UPDATE tasks SET evidence = jsonb_set(evidence, '{reference}', '\"C-78\"') WHERE id = :task"),
            {"task": desk.task(case, "L1")},
        )

    assert "has changed since" in seal_said(desk, lock)


def test_what_is_not_sealed_has_no_seal(desk: Desk) -> None:
    case, _ = locked(desk)

    assert seal_said(desk, desk.task(case, "L1")) == ""


def test_a_waived_lock_is_sealed_too_and_shows_what_came_later(desk: Desk) -> None:
    case, lock = locked(desk)
    desk.do(tasks.reopen, "lea", desk.task(case, "L4"), "one came late")
    desk.do(tasks.reopen, "lea", lock, "opened once more")

    assert " Seal " in desk.do(tasks.waive, "lea", lock, "the board meets today").said
    desk.do(tasks.claim, "ana", desk.task(case, "L4"))
    assert "nothing has changed since" in seal_said(desk, lock), "somebody is at it, and that is all"

    desk.do(tasks.done, "ana", desk.task(case, "L4"), "4")
    assert "has changed since" in seal_said(desk, lock)


def test_another_answer_to_what_is_done_is_not_dropped_in_silence(desk: Desk) -> None:
    _, lock = locked(desk)
    before = desk.row(lock)["evidence"]

    assert desk.do(tasks.done, "lea", lock, "LOCK-1").said.endswith("is done already, by you.")
    assert desk.do(tasks.done, "lea", lock).said.endswith("is done already, by you.")
    assert "is not kept" in desk.do(tasks.done, "lea", lock, None, "REF-2").said
    other = desk.do(tasks.done, "lea", lock, "LOCK-2").said

    assert "What you gave now is not kept, the first stays" in other
    assert "reopen" in other
    assert desk.row(lock)["evidence"] == before


@pytest.mark.parametrize(
    ("given", "reference", "kept"),
    [
        ("bundled", "REF-1", True),
        ("bundled", None, True),
        (None, " REF-1 ", True),
        (None, "REF-2", False),
        ("bundled", "REF-2", False),
        ("coding error", None, False),
    ],
)
def test_what_is_given_again_in_part_is_the_same_answer(
    desk: Desk, given: str | None, reference: str | None, kept: bool
) -> None:
    case = desk.open()
    desk.date(case, "denial_received", date(2026, 11, 2))
    task = desk.task(case, "L1")
    desk.do(tasks.done, "ana", task, "bundled", "REF-1")
    assert ("is not kept" not in desk.do(tasks.done, "ana", task, given, reference).said) is kept


def test_an_answer_that_would_not_be_taken_today_is_the_same_all_the_same(desk: Desk) -> None:
    case = desk.open(denial_received=VISIT, surgery_proposed=PROPOSED)
    task = desk.task(case, "L3")
    desk.do(tasks.done, "ana", task, "2027-05-01", "LOT-9")
    desk.date(case, "surgery_proposed", date(2027, 6, 1))
    assert "is not kept" not in desk.do(tasks.done, "ana", task, "2027-05-01", "LOT-9").said
    assert "is not kept" not in desk.do(tasks.done, "ana", task, None, "LOT-9").said
    assert "is not kept" in desk.do(tasks.done, "ana", task, "2027-05-02", "LOT-9").said


def seal_said(desk: Desk, task: int) -> str:
    with desk.store.read() as uow:
        return seal_words(uow.session, read(uow.session, desk.program_id, task))


def test_done_keeps_evidence_and_says_who_closed_it(desk: Desk) -> None:
    task = desk.task(desk.open(), "P1")
    desk.do(tasks.claim, "ana", task)

    desk.do(tasks.done, "ana", task, "agenda line 4")

    row = desk.row(task)
    assert row["evidence"] == {"kind": "reference", "value": "agenda line 4"}
    assert (row["closed_by"], row["closed_at"]) == (desk.world.staff["ana"].id, desk.clock.now())
    assert row["attested_by"] is None


def test_done_without_its_evidence_changes_nothing(desk: Desk) -> None:
    task = desk.task(desk.open(), "P1")
    desk.do(tasks.claim, "ana", task)

    assert "needs a reference: Agenda line" in str(desk.refuses(NeedsEvidence, tasks.done, "ana", task, None))


@pytest.mark.parametrize(
    ("holder", "who", "may", "why"),
    [
        (None, "sam", True, "the surgeon signs what nobody holds"),
        ("sam", "sam", True, "or what they hold"),
        (None, "ana", False, "a VA proposes and does not attest"),
        (None, "lea", False, "a lead does not attest either"),
        (None, "max", False, "nor does a manager"),
    ],
)
def test_only_the_named_roles_attest(desk: Desk, holder: str | None, who: str, may: bool, why: str) -> None:
    task = desk.task(desk.open(), "P3")
    if holder is not None:
        desk.do(tasks.claim, holder, task)

    if may:
        desk.do(tasks.done, who, task, "yes")
        assert desk.row(task)["attested_by"] == desk.world.staff[who].id, why
    else:
        assert "signed word of a surgeon" in str(desk.refuses(NotAttested, tasks.done, who, task, "yes")), why


def test_a_choice_decides_which_items_there_are(desk: Desk) -> None:
    case = desk.open(board=BOARD, first_visit=VISIT)
    desk.do(tasks.done, "ana", desk.task(case, "E1"), "separate")

    assert desk.state(desk.task(case, "E2")) == "ready"
    assert desk.state(desk.task(case, "E4")) == "blocked", "it needs E2, which applies"
