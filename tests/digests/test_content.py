"""What a digest says of real cases: what only this person's word closes, what is at risk, changed, and comes."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from app.cases.components import add_component
from app.cases.people import set_person
from app.checklists.library import load_templates
from app.checklists.vocabulary import Role
from app.digests import queries
from app.digests.service import content_now
from app.programs.models import Staff
from app.programs.service import add_staff, set_active, system
from app.tasks import handoffs, service
from app.tasks.brief import Brief
from app.tasks.queries import find_task
from tests.digests.conftest import Mornings

TEMPLATES = Path(__file__).parent / "templates"
"""Checklists with words to sign: by a surgeon or a clinician, by a clinician or a lead, and by a surgeon afterwards."""


def now(mornings: Mornings, who: str = "sam") -> dict[str, Any]:
    """What somebody's digest would say now."""
    with mornings.store.read() as uow:
        person = uow.session.get_one(Staff, mornings.world.staff[who].id)
        return content_now(uow.session, person, uow.now)


def decisions(said: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(line["what"], line["code"], line["no"]) for line in said["decide"]["lines"]]


def do(mornings: Mornings, verb: Any, who: str, case_id: int, item: str, *given: Any) -> None:
    with mornings.store.change() as uow:
        task = find_task(uow.session, mornings.world.program.id, item, case_id)
        verb(uow, mornings.world.actor(who), task, *given)


def test_what_the_surgeon_s_word_closes_is_to_decide_until_it_is_given(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-12")
    assert decisions(now(mornings)) == [("attest", case.code, 3)]
    assert [line["late"] for line in now(mornings)["decide"]["lines"]] == [False]
    mornings.at("2026-11-09 22:01")
    assert [line["late"] for line in now(mornings)["decide"]["lines"]] == [True]
    do(mornings, service.done, "sam", case.id, "P3", "yes")
    assert decisions(now(mornings)) == []


def join(mornings: Mornings, name: str, role: Role) -> int:
    with mornings.store.change() as uow:
        where = mornings.world.program.id
        person = add_staff(uow, where, slack_user_id=f"U0{name.upper()}", name=name, roles=[role], zone="UTC")
    mornings.world.staff[name] = person
    return person.id


def test_cases_of_others_and_closed_ones_are_not_theirs(mornings: Mornings) -> None:
    mornings.open(board="2026-11-12")
    mornings.do("UPDATE cases SET surgeon_id = :zoe", zoe=join(mornings, "zoe", Role.SURGEON))
    assert decisions(now(mornings)) == []
    mornings.do("UPDATE cases SET surgeon_id = :sam, state = 'closed', closed_at = now()", sam=mornings.sam.id)
    said = now(mornings)
    assert [said[part]["total"] for part in ("decide", "at_risk", "changed", "coming")] == [0, 0, 0, 0]


def test_an_attestation_in_their_hands_counts_though_the_case_is_not_theirs(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-12")
    do(mornings, service.claim, "sam", case.id, "P3")
    mornings.do("UPDATE cases SET surgeon_id = :zoe", zoe=join(mornings, "zoe", Role.SURGEON))
    assert decisions(now(mornings)) == [("attest", case.code, 3)]
    assert now(mornings)["at_risk"]["total"] == 0, "but its risks are somebody else's to watch"


def test_a_case_without_a_surgeon_asks_all_surgeons_until_one_has_taken_it_up(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-12")
    zoe = join(mornings, "zoe", Role.SURGEON)
    assert decisions(now(mornings, "zoe")) == []
    mornings.do("UPDATE cases SET surgeon_id = NULL")
    for who in ("sam", "zoe"):
        assert decisions(now(mornings, who)) == [("attest", case.code, 3)], who
        assert now(mornings, who)["at_risk"]["total"] == 0, "only its words to sign are everybody's"
    do(mornings, service.claim, "sam", case.id, "P3")
    assert decisions(now(mornings, "zoe")) == [], "Sam has it"
    assert decisions(now(mornings, "sam")) == [("attest", case.code, 3)]
    do(mornings, service.release, "sam", case.id, "P3")
    with mornings.store.change() as uow:
        set_person(uow, mornings.world.actor("ana"), case.id, "surgeon", zoe)
    assert decisions(now(mornings, "sam")) == [], "it is Zoe's"
    assert decisions(now(mornings, "zoe")) == [("attest", case.code, 3)]
    with mornings.store.change() as uow:
        set_active(uow, system(mornings.world.program.id), zoe, active=False)
    assert decisions(now(mornings, "sam")) == [("attest", case.code, 3)], "who has left is nobody's surgeon"


def test_a_clinician_is_asked_for_what_a_clinician_may_sign_in_any_case_and_for_nothing_else(
    mornings: Mornings,
) -> None:
    with mornings.store.change() as uow:
        load_templates(uow, system(mornings.world.program.id), mornings.world.program.id, TEMPLATES)
    join(mornings, "kit", Role.CLINICIAN)
    zoe = join(mornings, "zoe", Role.SURGEON)
    case = mornings.open(biopsy="2026-11-02", board="2026-11-12")
    either, clinical, late = (
        mornings.rows("SELECT no FROM tasks WHERE case_id = :case AND item_id = :item", case=case.id, item=item)[0].no
        for item in ("S1", "S2", "S3")
    )
    wanted = {("attest", case.code, either), ("attest", case.code, clinical)}
    assert set(decisions(now(mornings, "kit"))) == wanted, "not the surgeon's question, nor what other tasks block"
    assert now(mornings, "kit")["at_risk"]["total"] == 0
    assert decisions(now(mornings, "zoe")) == [], "the case has its surgeon"
    mornings.do("UPDATE cases SET surgeon_id = :zoe", zoe=zoe)
    do(mornings, service.claim, "sam", case.id, "S1")
    assert decisions(now(mornings, "kit")) == [("attest", case.code, clinical)], "Sam has the other"
    do(mornings, service.done, "kit", case.id, "S2", "yes")
    assert decisions(now(mornings, "kit")) == [("attest", case.code, late)], "which that freed"
    mornings.do("UPDATE cases SET state = 'closed', closed_at = now()")
    assert decisions(now(mornings, "kit")) == []


def test_a_shut_gate_is_a_question_to_whoever_may_waive_it_once_it_is_near(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-12")  # the lock is due on Mon 9 Nov, as Wed 11 is a holiday
    mornings.do("UPDATE staff SET roles = '{surgeon,lead}' WHERE id = :sam", sam=mornings.sam.id)
    mornings.at("2026-11-04 12:00")
    assert ("waive", case.code, 4) not in decisions(now(mornings)), "three business days before"
    mornings.at("2026-11-05 12:00")
    assert ("waive", case.code, 4) in decisions(now(mornings)), "two"
    for item, who, evidence in (("P1", "ana", "ref"), ("P2", "ana", None), ("P3", "sam", "yes")):
        do(mornings, service.done, who, case.id, item, evidence)
    assert decisions(now(mornings)) == [], "open, there is nothing to waive"


def test_only_roles_that_may_waive_are_asked(mornings: Mornings) -> None:
    mornings.open(board="2026-11-12")
    mornings.at("2026-11-09 13:00")
    assert "waive" not in {what for what, _, _ in decisions(now(mornings))}


def test_a_handoff_offered_to_them_is_to_answer(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-12")
    do(mornings, service.claim, "ana", case.id, "P1")
    bo = mornings.world.staff["bo"].id
    do(mornings, handoffs.offer, "ana", case.id, "P1", bo, Brief("watch the fax"))
    said = now(mornings, "bo")
    assert decisions(said) == [("handoff", case.code, 1)]
    assert said["decide"]["lines"][0]["giver"] == "Ana"
    assert "watch the fax" not in str(said), "what people write stays where they wrote it"


def test_a_near_date_whose_gates_are_shut_is_at_risk(mornings: Mornings) -> None:
    case = mornings.open()
    with mornings.store.change() as uow:
        add_component(uow, mornings.world.actor("ana"), case.id, "plate")
    mornings.date(case, "surgery", "2026-11-18")  # twelve days on, one of them a holiday
    assert now(mornings)["at_risk"]["total"] == 0
    mornings.at("2026-11-03 14:00")
    (risk,) = now(mornings)["at_risk"]["lines"]
    assert risk["unfirm"] == [{"name": "surgery", "day": "2026-11-18", "at": None, "open": 1}]
    do(mornings, service.done, "cy", case.id, "C1", "27365")
    assert now(mornings)["at_risk"]["total"] == 0


def test_a_board_whose_packet_is_open_is_at_risk_and_late_tasks_are_counted(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-12")
    mornings.at("2026-11-05 12:00")  # Wed 11 Nov is a holiday: four business days
    (risk,) = now(mornings)["at_risk"]["lines"]
    assert (risk["unlocked"], risk["late"]) == (None, 2), "P1 was due on Wednesday, P2 by our own target"
    mornings.at("2026-11-06 12:00")
    (risk,) = now(mornings)["at_risk"]["lines"]
    assert (risk["code"], risk["unlocked"]) == (case.code, {"day": "2026-11-12", "at": None})


def test_what_changed_is_told_beside_the_last_digest_and_once(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-12", surgery="2026-12-03")
    mornings.at("2026-11-03 12:00")
    assert mornings.told()["changed"]["total"] == 0, "nothing came before the first"
    mornings.date(case, "board", "2026-11-19")
    mornings.date(case, "surgery", "2026-12-10")
    mornings.date(case, "biopsy", "2026-11-05")
    mornings.at("2026-11-04 12:00")

    (line,) = mornings.told()["changed"]["lines"]

    assert line["code"] == case.code
    moves = {move["name"]: (move["old"] and move["old"]["day"], move["new"]["day"]) for move in line["moves"]}
    assert moves == {
        "biopsy": (None, "2026-11-05"),
        "board": ("2026-11-12", "2026-11-19"),
        "surgery": ("2026-12-03", "2026-12-10"),
    }
    assert now(mornings)["changed"]["total"] == 1, "asked for again on the same day, it says the same"
    mornings.at("2026-11-05 12:00")
    assert mornings.told()["changed"]["total"] == 0


def test_a_date_that_moved_and_moved_back_did_not_change(mornings: Mornings) -> None:
    case = mornings.open(board="2026-11-12")
    mornings.at("2026-11-03 12:00")
    mornings.date(case, "board", "2026-11-19")
    mornings.date(case, "board", "2026-11-12")
    assert now(mornings)["changed"]["total"] == 0


def test_boards_and_surgeries_of_the_next_seven_days_come_in_their_order(mornings: Mornings) -> None:
    first = mornings.open(board="2026-11-08", surgery="2026-11-09")
    second = mornings.open(surgery="2026-11-02", biopsy="2026-11-03")
    coming = [(line["code"], line["name"], line["day"]) for line in now(mornings)["coming"]["lines"]]
    assert coming == [(second.code, "surgery", "2026-11-02"), (first.code, "board", "2026-11-08")]


def test_asking_uses_up_nothing(mornings: Mornings) -> None:
    mornings.open(board="2026-11-12")
    mornings.clock.move_to(mornings.clock.now())
    now(mornings)
    assert mornings.digests() == []
    assert len(mornings.at("2026-11-03 12:00")) == 1


def test_nothing_of_the_patient_or_of_what_people_wrote_is_in_it(mornings: Mornings) -> None:
    """The payload holds codes, titles, days and names of staff; every other text of the database stays out."""
    case = mornings.open(board="2026-11-12")
    do(mornings, service.claim, "sam", case.id, "P3")
    mornings.do("UPDATE tasks SET waiting_note = 'CANARY', reason = 'CANARY' WHERE item_id = 'P3'")
    mornings.at("2026-11-09 17:00")
    assert "CANARY" not in str(mornings.told())
    assert set(mornings.told()) == {"day", "zone", "decide", "at_risk", "changed", "coming"}


def test_what_it_reads_is_found_by_indexes_among_many_cases(mornings: Mornings, engine: Engine) -> None:
    mornings.open(board="2026-11-12")
    mornings.do(
        "INSERT INTO cases (program_id, code, state, last_task_no, last_component_no, opened_at)"
        " SELECT :program, 'X' || n, 'open', 0, 0, now() FROM generate_series(1, 20000) n",
        program=mornings.world.program.id,
    )
    mornings.do("ANALYZE cases")
    with engine.connect() as connection:
        found = connection.execute(text(f"EXPLAIN {queries._CASES.text}"), {"me": mornings.sam.id})
        plan = "\n".join(row[0] for row in found)
    assert "cases_of_surgeon" in plan


def test_what_waits_for_anybody_s_word_is_found_among_the_open_tasks(mornings: Mornings, engine: Engine) -> None:
    case = mornings.open(board="2026-11-12")
    mornings.do(
        "INSERT INTO tasks (program_id, case_id, track_id, no, item_id, title, roles, state, version, evidence_kind,"
        " evidence, attested_by, closed_at) SELECT program_id, case_id, track_id, 1000 + n, 'X' || n, title, roles,"
        " 'done', 1, evidence_kind, CAST(:word AS jsonb), :sam, now()"
        " FROM tasks, generate_series(1, 20000) n WHERE case_id = :case AND item_id = 'P3'",
        case=case.id, sam=mornings.sam.id, word='{"kind": "attestation", "value": "yes"}',
    )  # fmt: skip
    mornings.do("ANALYZE tasks")
    values = {"me": mornings.sam.id, "program": mornings.world.program.id, "cases": []}
    with engine.connect() as connection:
        plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {queries._TASKS.text}"), values))
    assert "tasks_open" in plan or "tasks_free" in plan
    assert "Seq Scan on tasks" not in plan


def test_what_comes_after_an_event_is_not_asked_for_before_it(mornings: Mornings) -> None:
    with mornings.store.change() as uow:
        load_templates(uow, system(mornings.world.program.id), mornings.world.program.id, TEMPLATES)
    case = mornings.open(last_contact="2026-10-30")
    assert decisions(now(mornings)) == [], "the operation has no date yet"
    mornings.date(case, "surgery", "2026-11-12")
    assert decisions(now(mornings)) == [], "it is to come"
    mornings.do("UPDATE staff SET zone = 'Pacific/Auckland' WHERE id = :sam", sam=mornings.sam.id)
    mornings.at("2026-11-12 03:00")
    assert decisions(now(mornings)) == [], "to the practice, though the surgeon, far away, has that day already"

    mornings.at("2026-11-12 14:00")

    assert decisions(now(mornings)) == [("attest", case.code, 1)]
