"""Who operates and leads a case: set and changed after it was opened, by whom, and what follows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.cases.models import Case
from app.cases.people import Part, set_person
from app.cases.queries import team
from app.cases.refusals import CaseClosed, UnknownCase
from app.cases.service import close_case
from app.checklists.vocabulary import Role
from app.programs.actor import NotAllowed
from app.programs.models import Staff
from app.programs.queries import UnknownPerson
from app.programs.service import add_staff, set_active, system
from tests.tasks.desk import Desk, OpenCase


def put(desk: Desk, case: OpenCase, part: Part, who: str | None, by: str = "ana") -> str:
    with desk.change() as uow:
        return set_person(uow, desk.world.actor(by), case.id, part, desk.world.staff[who].id if who else None)


def people(desk: Desk, case: OpenCase) -> tuple[int | None, int | None]:
    (row,) = desk.rows("SELECT surgeon_id, lead_id FROM cases WHERE id = :case", case=case.id)
    return row["surgeon_id"], row["lead_id"]


@pytest.fixture
def zoe(desk: Desk) -> Staff:
    user = f"U0{uuid4().hex[:9].upper()}"  # the tests of a file share their database
    with desk.change() as uow:
        desk.world.staff["zoe"] = add_staff(
            uow, desk.program_id, slack_user_id=user, name="Zoe", roles=[Role.SURGEON], zone="UTC"
        )
    return desk.world.staff["zoe"]


def test_they_are_set_changed_and_taken_away(desk: Desk, zoe: Staff) -> None:
    case, staff = desk.open(), desk.world.staff
    assert put(desk, case, "surgeon", "sam") == f"Sam is the surgeon of {case.code} now."
    assert put(desk, case, "lead", "max") == f"Max is the lead of {case.code} now."
    assert people(desk, case) == (staff["sam"].id, staff["max"].id)
    put(desk, case, "surgeon", "zoe", by="sam")
    assert put(desk, case, "lead", None) == f"{case.code} has no lead now."
    assert people(desk, case) == (zoe.id, None)
    entries = desk.rows(
        "SELECT action, fields, actor_id FROM audit_entries WHERE case_id = :case AND action LIKE 'case.%'"
        " AND action <> 'case.open' ORDER BY seq",
        case=case.id,
    )
    assert [(row["action"], row["fields"]) for row in entries] == [
        ("case.surgeon", ["surgeon_id"]),
        ("case.lead", ["lead_id"]),
        ("case.surgeon", ["surgeon_id"]),
        ("case.lead", ["lead_id"]),
    ]
    assert {row["actor_id"] for row in entries} == {staff["ana"].id, staff["sam"].id}


def test_the_same_again_changes_nothing(desk: Desk) -> None:
    case = desk.open()
    assert put(desk, case, "surgeon", None) == f"{case.code} has no surgeon already."
    put(desk, case, "surgeon", "sam")
    before, noted = desk.snapshot(), desk.scalar("SELECT count(*) FROM audit_entries")
    assert put(desk, case, "surgeon", "sam", by="lea") == f"{case.code} has Sam as its surgeon already."
    assert (desk.snapshot(), desk.scalar("SELECT count(*) FROM audit_entries")) == (before, noted)


def test_many_at_once_are_one_change(desk: Desk) -> None:
    case = desk.open()
    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(lambda _: put(desk, case, "surgeon", "sam"), range(6)))
    assert sum("now" in each for each in said) == 1
    noted = "SELECT count(*) FROM audit_entries WHERE case_id = :case AND action = 'case.surgeon'"
    assert desk.scalar(noted, case=case.id) == 1


@pytest.mark.parametrize(("part", "who"), [("surgeon", "ana"), ("surgeon", "lea"), ("lead", "sam"), ("lead", "ana")])
def test_who_has_not_the_role_is_refused_with_what_to_do(desk: Desk, part: Part, who: str) -> None:
    case = desk.open()
    given = desk.world.staff[who].id
    refused = desk.refused(NotAllowed, lambda uow: set_person(uow, desk.world.actor("lea"), case.id, part, given))
    assert f"is no {part}. Nothing changed. Name a {part} of the staff list" in str(refused)


def test_who_left_or_is_not_there_is_refused(desk: Desk, zoe: Staff) -> None:
    case = desk.open()
    with desk.change() as uow:
        set_active(uow, system(desk.program_id), zoe.id, active=False)
    for given in (zoe.id, 10**9):
        desk.refused(
            UnknownPerson,
            lambda uow, given=given: set_person(uow, desk.world.actor("lea"), case.id, "surgeon", given),  # type: ignore[misc]
        )


def test_only_who_keeps_the_plan_may_and_only_of_an_open_case_of_the_practice(desk: Desk) -> None:
    case, sam = desk.open(), desk.world.staff["sam"].id
    coder = replace(desk.world.actor("cy"), roles=frozenset({Role.CODER}))
    said = desk.refused(NotAllowed, lambda uow: set_person(uow, coder, case.id, "surgeon", sam))
    assert "Ask a VA or your lead" in str(said)
    elsewhere = replace(desk.world.actor("lea"), program_id=desk.program_id + 1)
    desk.refused(UnknownCase, lambda uow: set_person(uow, elsewhere, case.id, "surgeon", None))
    with desk.change() as uow:
        close_case(uow, desk.world.actor("lea"), case.id, "went elsewhere")
    desk.refused(CaseClosed, lambda uow: set_person(uow, desk.world.actor("lea"), case.id, "surgeon", sam))


def test_the_team_follows_the_card_is_drawn_anew_and_who_left_the_channel_is_asked_again(
    desk: Desk, zoe: Staff
) -> None:
    case = desk.open()
    with desk.change() as uow:
        values = {"case": case.id, "zoe": zoe.slack_user_id}
        uow.session.execute(text("UPDATE channels SET invited = ARRAY[:zoe, 'U0BO'] WHERE case_id = :case"), values)
        uow.session.execute(text("DELETE FROM notices WHERE kind = 'card'"))
    put(desk, case, "surgeon", "zoe")
    (channel,) = desk.rows("SELECT id, invited FROM channels WHERE case_id = :case", case=case.id)
    assert channel["invited"] == ["U0BO"], "delivery asks whoever belongs there and was not asked"
    cards = "SELECT count(*) FROM notices WHERE kind = 'card' AND channel_id = :channel"
    assert desk.scalar(cards, channel=channel["id"]) == 1
    with desk.store.read() as uow:
        belonging = [person.id for person in team(uow.session, uow.session.get_one(Case, case.id))]
    assert zoe.id in belonging
    assert desk.world.staff["sam"].id not in belonging
