"""What becomes of somebody's tasks when their roles change, and of two managers who change each other's."""

from collections.abc import Callable, Iterator
from datetime import time, timedelta

import pytest
from sqlalchemy import text

from app.checklists.vocabulary import Role
from app.digests.rules import DEFAULT_HOUR
from app.programs.persons import set_person
from app.programs.settings import BadField, Changed, Stale, seen
from app.store.uow import UnitOfWork
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.refusals import CannotUndo
from app.tasks.undo import undo
from tests.tasks.desk import Desk, bring_to
from tests.tasks.test_at_once import one_after_the_other


@pytest.fixture(autouse=True)
def roles_as_they_were(desk: Desk) -> Iterator[None]:
    before = {person.id: (list(person.roles), list(person.skills)) for person in desk.world.staff.values()}
    yield
    with desk.change() as uow:
        for person in desk.world.staff.values():
            person.roles, person.skills = before[person.id]
            values = {"id": person.id, "roles": person.roles, "skills": person.skills}
            uow.session.execute(text("UPDATE staff SET roles = :roles, skills = :skills WHERE id = :id"), values)


def gives(desk: Desk, by: str, whom: str, *roles: str, **more: str) -> Callable[[UnitOfWork], Changed]:
    return lambda uow: set_person(
        uow, desk.world.actor(by), desk.world.staff[whom].id, {"roles": "\n".join(roles), **more}
    )


def test_only_what_the_roles_do_not_reach_goes_back(desk: Desk) -> None:
    case = desk.open()
    listed, images = desk.task(case, "P1"), bring_to(desk, "waiting", case, "P2", holder="cy")
    desk.do(tasks.claim, "cy", listed)
    desk.component(case)
    coding = desk.task(case, "C1")
    desk.do(tasks.claim, "cy", coding)
    with desk.change() as uow:
        changed = gives(desk, "max", "cy", "coder", skills="")(uow)
    assert f"Back in the pool: {case.code}-" in changed.said
    assert [(desk.state(task), desk.row(task)["holder_id"]) for task in (listed, images)] == [("ready", None)] * 2
    assert desk.row(coding)["holder_id"] == desk.world.staff["cy"].id, "a coder's task stays with a coder"
    assert len(desk.notices(case, "released")) == 1


def test_what_a_new_role_reaches_as_well_stays_and_so_does_what_asks_for_a_skill(desk: Desk) -> None:
    case = desk.open()
    images = bring_to(desk, "claimed", case, "P2", holder="ana")
    with desk.change() as uow:
        assert "pool" not in gives(desk, "max", "ana", "lead", skills="")(uow).said, "a lead may do what a VA may"
    assert desk.row(images)["holder_id"] == desk.world.staff["ana"].id


@pytest.mark.parametrize("by", ["ana", "lea"])
def test_a_finished_task_is_not_undone_into_the_hands_of_somebody_who_may_not_have_it_any_more(
    desk: Desk, by: str
) -> None:
    case = desk.open()
    images = bring_to(desk, "claimed", case, "P2", holder="ana")
    closed = desk.do(tasks.done, "ana", images) if by == "ana" else desk.do(tasks.skip, "lea", images, "not needed")
    with desk.change() as uow:
        gives(desk, "max", "ana", "biller")(uow)
    refused = desk.refused(CannotUndo, lambda uow: undo(uow, desk.world.actor(by), closed.act or 0))
    assert "Ana, who had it, may not have it any more. Nothing changed. To take it back: reopen" in str(refused)


@pytest.mark.parametrize(
    ("roles", "skills", "withdrawn"),
    [
        (["coder"], "imaging", ["P1", "P2"]),
        (["va"], "", ["P2"]),
        (["lead"], "", []),
        (["va", "navigator"], "imaging", []),
    ],
)
def test_offers_end_that_somebody_cannot_accept_any_more_and_the_giver_hears_it(
    desk: Desk, roles: list[str], skills: str, withdrawn: list[str]
) -> None:
    case = desk.open()
    offered = {item: bring_to(desk, "claimed", case, item, holder="ana") for item in ("P1", "P2")}
    for task in offered.values():
        desk.do(handoffs.offer, "ana", task, desk.world.staff["cy"].id, Brief("so far"))
    with desk.change() as uow:
        said = gives(desk, "max", "cy", *roles, skills=skills)(uow).said
    states = {
        item: desk.scalar("SELECT state FROM handoffs WHERE task_id = :t", t=task) for item, task in offered.items()
    }
    assert states == {item: "withdrawn" if item in withdrawn else "offered" for item in offered}
    names = [f"{case.code}-{desk.row(offered[item])['no']}" for item in withdrawn]
    assert ("Offers to Cy ended" in said) == bool(withdrawn)
    assert all(name in said for name in names)
    told = desk.rows(
        "SELECT n.payload FROM notices n JOIN channels h ON h.id = n.channel_id"
        " WHERE n.kind = 'trouble' AND h.staff_id = :ana AND n.payload->>'code' = :code ORDER BY n.seq",
        ana=desk.world.staff["ana"].id, code=case.code,
    )  # fmt: skip
    assert [row["payload"]["problems"] for row in told] == [
        [
            f"Cy has other roles or skills now, so your offer of {name} is withdrawn and it stays with you. "
            f"Offer it to somebody else: handoff {name} @person <note>",
            "Where it stands, as you wrote: “so far”",
        ]
        for name in names
    ]
    assert {desk.row(task)["holder_id"] for task in offered.values()} == {desk.world.staff["ana"].id}


def test_who_is_still_named_as_lead_is_said(desk: Desk) -> None:
    case = desk.open()
    with desk.change() as uow:
        values = {"lead": desk.world.staff["lea"].id, "case": case.id}
        uow.session.execute(text("UPDATE cases SET lead_id = :lead WHERE id = :case"), values)
    with desk.change() as uow:
        said = gives(desk, "max", "lea", "va")(uow).said
    assert f"Still named as lead or surgeon of {case.code}: name somebody else there." in said


def test_a_refused_change_gives_nothing_back(desk: Desk) -> None:
    case = desk.open()
    desk.do(tasks.claim, "cy", desk.task(case, "P1"))
    desk.refused(BadField, gives(desk, "max", "cy", "coder", zone="Mars"))
    desk.refused(BadField, gives(desk, "max", "max", "lead"))
    desk.refused(BadField, gives(desk, "max", "cy", "coder", "admin"))
    old = seen({"roles": "va"})

    def stale(uow: UnitOfWork) -> object:
        cy = desk.world.staff["cy"].id
        return set_person(uow, desk.world.actor("max"), cy, {"roles": "coder"}, mark_seen=old)

    desk.refused(Stale, stale)


def test_of_two_managers_who_demote_each_other_one_stays(desk: Desk) -> None:
    with desk.change() as uow:
        gives(desk, "max", "lea", Role.LEAD, Role.MANAGER)(uow)
    desk.world.staff["lea"].roles = ["lead", "manager"]
    second = one_after_the_other(desk, gives(desk, "max", "lea", Role.LEAD), gives(desk, "lea", "max", Role.LEAD))
    error = second.exception()
    assert isinstance(error, BadField)
    assert str(error).startswith("Max is the last manager.")


def test_the_record_holds_what_was_and_what_is(desk: Desk) -> None:
    with desk.change() as uow:
        gives(desk, "max", "bo", "va", "navigator", skills="appeals")(uow)
    row = desk.rows("SELECT * FROM audit_entries WHERE action = 'staff.change' ORDER BY seq DESC LIMIT 1")[0]
    assert (row["actor_id"], row["object_id"]) == (desk.world.staff["max"].id, str(desk.world.staff["bo"].id))
    assert row["fields"] == ["roles", "skills"]
    assert row["reason"] == "Roles: va → navigator, va; Skills: nothing → appeals"
    assert desk.clock.now() - row["at"] < timedelta(minutes=1)


def test_whoever_becomes_a_surgeon_gets_the_digest_that_an_added_one_gets(desk: Desk) -> None:
    def digest(who: str) -> object:
        return desk.scalar("SELECT digest_at FROM staff WHERE id = :id", id=desk.world.staff[who].id)

    assert (digest("sam"), digest("bo")) == (DEFAULT_HOUR, None)
    with desk.change() as uow:
        assert "Digest at: nothing → 07:00" in gives(desk, "max", "bo", "va", "surgeon")(uow).said
    assert digest("bo") == DEFAULT_HOUR
    with desk.change() as uow:
        gives(desk, "max", "bo", "surgeon", "clinician", digest_at="")(uow)
    assert digest("bo") is None, "who had such a role already gets it only if it is chosen"
    with desk.change() as uow:
        gives(desk, "max", "lea", "lead", "clinician", digest_at="06:30")(uow)
    assert digest("lea") == time(6, 30), "what is chosen counts"
