"""What closes a task: which evidence is taken, how it is kept, and what is said where it does not fit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import EvidenceKind, Role
from app.refusals import Refusal
from app.tasks import service as tasks
from app.tasks.evidence import read_evidence
from app.tasks.refusals import NeedsEvidence, NotAttested
from app.text import PatientData, TooLong
from tests.tasks.desk import BOARD, VISIT, Desk


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
