"""Who belongs into a case's channel is asked in, also when they come after it was made."""

from datetime import date
from typing import Any

import pytest

from app.cases.card import card_of
from app.cases.people import set_person
from app.checklists.vocabulary import Role
from app.kernel.due import Moment
from app.notices import places
from app.notices.service import touch_card
from app.notices.sweep import deliverable
from app.programs.models import Staff
from app.programs.service import add_staff, set_active, system
from app.tasks import handoffs
from app.tasks import service as tasks
from app.tasks.brief import Brief
from app.tasks.team import team_of
from tests.notices.conftest import Practice

FAULTS = ["ratelimit:1", "http_503", "reset_after", "error:fatal_error", "error:restricted_action"]


def join_staff(practice: Practice, name: str, *roles: Role) -> Staff:
    """Add a person to the staff who is in the workspace."""
    slack_id = practice.sandbox.person(name.lower(), real_name=name).id
    with practice.world.store.change() as uow:
        return add_staff(uow, practice.world.program.id, slack_user_id=slack_id, name=name, roles=roles, zone="UTC")


def switch(practice: Practice, name: str, *, active: bool) -> None:
    with practice.world.store.change() as uow:
        program = practice.world.program.id
        assert set_active(uow, system(program), practice.world.staff[name].id, active=active)


def sweep(practice: Practice) -> None:
    """Deliver what the scheduler finds, until it finds nothing."""
    while True:
        with practice.engine.connect() as connection:
            found = deliverable(connection)
        if not found:
            return
        for channel in found:
            practice.office.deliver(channel)


def members(practice: Practice, case: object) -> list[str]:
    info = practice.sandbox.channel_info(practice.channel(case).slack_id)  # type: ignore[arg-type]
    return info["members"]  # type: ignore[return-value]


def read(practice: Practice, case: object) -> list[str]:
    """What is to be read in a case's channel."""
    return [str(message) for message in practice.sandbox.messages(practice.channel(case).slack_id)]  # type: ignore[arg-type]


def told_before_joining(practice: Practice, user: str) -> bool:
    """Whether any post mentions a person who was not in its channel by then."""
    present: set[object] = set()
    for line in practice.sandbox.ledger(kind="change"):
        data: dict[str, Any] = line["data"]  # type: ignore[assignment]
        if line["type"] == "member.joined" and data["user"] == user:
            present.add(data["channel"])
        if line["type"] == "member.left" and data["user"] == user:
            present.discard(data["channel"])
        calls = line["type"] == "message.posted" and data.get("by_bot") and f"<@{user}>" in data["text"]
        if calls and data["channel"] not in present:
            return True
    return False


def item_of(practice: Practice, case_id: int, role: str) -> int:
    """A task of the case that is claimed by nobody and for the role."""
    query = "SELECT id FROM tasks WHERE case_id = :case AND :role = ANY(roles) ORDER BY no LIMIT 1"
    return int(practice.row(query, case=case_id, role=role).id)


def test_who_joins_the_staff_is_asked_into_the_channels_of_open_cases_without_any_post(practice: Practice) -> None:
    first, second = practice.open(), practice.open()
    practice.deliver_all(first)
    practice.deliver_all(second)
    posts = len(practice.calls("chat.postMessage"))
    zed = join_staff(practice, "Zed", Role.VA)
    sweep(practice)
    assert zed.slack_user_id in members(practice, first)
    assert zed.slack_user_id in members(practice, second)
    assert len(practice.calls("chat.postMessage")) == posts
    assert practice.channel(first).absent == []


def test_who_becomes_a_case_s_surgeon_is_asked_into_its_channel_without_any_post(practice: Practice) -> None:
    case, staff = practice.open(), practice.world.staff
    sam, lea = staff["sam"].id, practice.world.actor("lea")
    with practice.world.store.change() as uow:
        set_person(uow, lea, case.id, "surgeon", sam)
    practice.deliver_all(case)
    zoe = join_staff(practice, "Zoe", Role.SURGEON)
    sweep(practice)
    assert zoe.slack_user_id not in members(practice, case), "it is Sam's case"
    posts = len(practice.calls("chat.postMessage"))
    with practice.world.store.change() as uow:
        set_person(uow, lea, case.id, "surgeon", zoe.id)
    sweep(practice)
    assert zoe.slack_user_id in members(practice, case)
    assert len(practice.calls("chat.postMessage")) == posts


def test_who_joins_is_in_the_channel_before_its_next_post(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    zed = join_staff(practice, "Zed", Role.VA)
    practice.tell(case, "hello")
    practice.deliver_all(case)
    changes = [(line["type"], str(line["data"])) for line in practice.sandbox.ledger(kind="change")]
    joined = next(
        at for at, (kind, said) in enumerate(changes) if kind == "member.joined" and zed.slack_user_id in said
    )
    posted = next(at for at, (kind, said) in enumerate(changes) if kind == "message.posted" and "hello" in said)
    assert joined < posted


def test_who_does_not_belong_into_a_channel_is_not_asked(practice: Practice) -> None:
    case = practice.open(surgeon_id=practice.world.staff["sam"].id)
    practice.deliver_all(case)
    other, admin = join_staff(practice, "Dee", Role.SURGEON), join_staff(practice, "Ada", Role.ADMIN)
    sweep(practice)
    assert not {other.slack_user_id, admin.slack_user_id} & set(members(practice, case))


def test_nobody_is_asked_twice_for_every_post(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    for number in range(3):
        practice.tell(case, f"post {number}")
        practice.deliver_all(case)
    assert len(practice.calls("conversations.invite")) == 1


def test_who_is_switched_off_is_taken_out_and_who_is_back_is_asked_in_again(practice: Practice) -> None:
    first, second = practice.open(), practice.open()
    sweep(practice)
    bo, posts = practice.sandbox.person("bo"), len(practice.calls("chat.postMessage"))
    assert bo.id in members(practice, first)
    switch(practice, "bo", active=False)
    sweep(practice)
    assert bo.id not in members(practice, first)
    assert bo.id not in members(practice, second)
    assert len(practice.calls("chat.postMessage")) == posts, "nothing to read for the others"
    practice.tell(first, "hello")
    practice.deliver_all(first)
    assert len(practice.calls("conversations.kick")) == 2, "once each"
    case = first
    switch(practice, "bo", active=True)
    sweep(practice)
    assert bo.id in members(practice, case)


@pytest.mark.parametrize("fault", FAULTS[:-1])
def test_who_is_switched_off_is_taken_out_through_a_failing_slack(practice: Practice, fault: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("conversations.kick", fault, times=1)
    switch(practice, "bo", active=False)
    practice.deliver_all(case)
    assert practice.sandbox.person("bo").id not in members(practice, case)


def test_who_cannot_be_taken_out_is_named_in_the_channel_once(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("conversations.kick", "error:restricted_action", times=1)
    switch(practice, "bo", active=False)
    practice.tell(case, "hello")
    practice.deliver_all(case)
    sweep(practice)
    bo = practice.sandbox.person("bo").id
    assert bo in members(practice, case)
    assert practice.channel(case).state == "open"
    said = [text for text in read(practice, case) if "was switched off" in text]
    assert len(said) == 1
    assert "Remove them from this channel" in said[0]


def test_whoever_left_by_themself_before_they_were_switched_off_needs_no_taking_out(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.person("bo").leave(practice.channel(case).slack_id)
    switch(practice, "bo", active=False)
    sweep(practice)
    assert [text for text in read(practice, case) if "switched off" in text] == []
    assert practice.channel(case).invited.count(practice.world.staff["bo"].slack_user_id) == 0


def test_a_changed_role_counts_from_the_next_post(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    ada = join_staff(practice, "Ada", Role.ADMIN)
    sweep(practice)
    practice.do("UPDATE staff SET roles = ARRAY['va'] WHERE id = :id", id=ada.id)
    practice.tell(case, "hello")
    practice.deliver_all(case)
    assert ada.slack_user_id in members(practice, case)


@pytest.mark.parametrize("how", ["assigned", "handed over"])
def test_who_gets_a_task_is_in_the_channel_before_the_post_that_calls_them(practice: Practice, how: str) -> None:
    """A surgeon of other cases does not belong here, until a task of this one is theirs."""
    sam, dee = practice.world.staff["sam"], join_staff(practice, "Dee", Role.SURGEON)
    case = practice.open(surgeon_id=sam.id, key_dates={"board": Moment(date(2026, 11, 18))})
    practice.deliver_all(case)
    assert dee.slack_user_id not in members(practice, case)
    task = item_of(practice, case.id, "surgeon")
    practice.do("UPDATE tasks SET state = 'ready' WHERE id = :id", id=task)
    with practice.world.store.change() as uow:
        if how == "assigned":
            tasks.assign(uow, practice.world.actor("lea"), task, dee.id)
        else:
            tasks.claim(uow, practice.world.actor("sam"), task)
            handoffs.offer(uow, practice.world.actor("sam"), task, dee.id, Brief("yours"))
    practice.deliver_all(case)
    assert dee.slack_user_id in members(practice, case)
    assert not told_before_joining(practice, dee.slack_user_id)


def leave(practice: Practice, case: object, name: str) -> None:
    """A person leaves the channel, and the app hears of it."""
    address = practice.channel(case).slack_id  # type: ignore[arg-type]
    practice.sandbox.person(name).leave(address)
    with practice.world.store.change() as uow:
        places.left(uow, practice.world.program.id, address, practice.world.staff[name].slack_user_id)


def escalate(practice: Practice, case: object, person: Staff, key: str = "calls") -> str:
    """Have a post call a person; returns the notice's id. Each `key` is a post of its own."""
    id_ = practice.tell_task(case, f"{key} {person.name}")  # type: ignore[arg-type]
    user = person.slack_user_id
    practice.do(
        "UPDATE notices SET payload = jsonb_set(payload, '{to}', jsonb_build_array(CAST(:user AS text)))"
        " WHERE id = CAST(:id AS uuid)", user=user, id=id_,
    )  # fmt: skip
    return id_


def test_who_left_stays_away_until_a_post_calls_them(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    leave(practice, case, "lea")
    zed = join_staff(practice, "Zed", Role.VA)
    practice.tell(case, "hello")
    sweep(practice)
    assert zed.slack_user_id in members(practice, case)
    lea = practice.world.staff["lea"].slack_user_id
    assert lea not in members(practice, case)
    assert practice.channel(case).absent == [places.absence(lea, "Lea", places.LEFT)]
    escalate(practice, case, practice.world.staff["lea"])
    sweep(practice)
    assert lea in members(practice, case)
    assert not told_before_joining(practice, lea)
    assert practice.channel(case).absent == []


def test_whoever_a_post_calls_is_in_the_channel_before_it(practice: Practice) -> None:
    """Escalations go to everybody of a role, be they otherwise of the case or not."""
    dee = join_staff(practice, "Dee", Role.SURGEON)
    case = practice.open(surgeon_id=practice.world.staff["sam"].id)
    practice.deliver_all(case)
    assert dee.slack_user_id not in members(practice, case)
    escalate(practice, case, dee)
    practice.deliver_all(case)
    assert dee.slack_user_id in members(practice, case)
    assert not told_before_joining(practice, dee.slack_user_id)


def test_a_colleague_who_left_is_asked_again_when_called_after_somebody_else_has_joined(practice: Practice) -> None:
    dee = join_staff(practice, "Dee", Role.SURGEON)
    practice.world.staff["dee"] = dee
    case = practice.open(surgeon_id=practice.world.staff["sam"].id)
    escalate(practice, case, dee)
    practice.deliver_all(case)
    leave(practice, case, "dee")
    join_staff(practice, "Zed", Role.VA)
    sweep(practice)
    assert dee.slack_user_id not in members(practice, case)

    escalate(practice, case, dee, "calls again")
    practice.deliver_all(case)

    assert dee.slack_user_id in members(practice, case)
    assert not told_before_joining(practice, dee.slack_user_id)


def test_who_cannot_come_is_called_all_the_same_and_stays_on_the_card(practice: Practice) -> None:
    practice.do("UPDATE staff SET slack_user_id = 'U0NOBODY01' WHERE name = 'Cy'")
    practice.world.staff["cy"].slack_user_id = "U0NOBODY01"
    case = practice.open()
    practice.deliver_all(case)
    id_ = escalate(practice, case, practice.world.staff["cy"])
    practice.deliver_all(case)
    assert practice.times_posted(id_) == 1
    assert practice.channel(case).absent == [places.absence("U0NOBODY01", "Cy", places.OUTSIDE)]


def there(practice: Practice) -> list[str]:
    """Who is suggested for tasks."""
    with practice.world.store.read() as uow:
        return [one.actor.name for one in team_of(uow.session, practice.world.program.id, (), uow.now).workers]


def test_who_is_known_not_to_be_in_the_workspace_is_suggested_for_nothing_until_they_come(practice: Practice) -> None:
    practice.do("UPDATE staff SET slack_user_id = 'U0NOBODY01' WHERE name = 'Cy'")
    practice.sandbox.person("bo").deactivate()
    case, other = practice.open(), practice.open()
    assert {"Ana", "Cy"} <= set(there(practice)), "nothing is known yet"
    practice.deliver_all(case)
    practice.deliver_all(other)
    assert places.absence("U0NOBODY01", "Cy", places.OUTSIDE) in practice.channel(case).absent
    assert "Cy" not in there(practice)
    assert {"Ana", "Bo"} <= set(there(practice)), "who cannot be invited for another reason may be there"
    with practice.world.store.change() as uow:
        slack_id = practice.channel(other).slack_id
        assert slack_id is not None
        places.joined(uow, practice.world.program.id, slack_id, "U0NOBODY01")
    assert "Cy" in there(practice), "in one channel, and so in the workspace"


def test_a_namesake_of_whom_is_not_in_the_workspace_is_there_and_a_new_name_changes_nothing(practice: Practice) -> None:
    practice.do("UPDATE staff SET slack_user_id = 'U0NOBODY01' WHERE name = 'Cy'")
    practice.do("UPDATE staff SET name = 'Ana' WHERE name = 'Cy'")
    case = practice.open()
    practice.deliver_all(case)
    assert there(practice).count("Ana") == 1
    practice.do("UPDATE staff SET name = 'Zoe' WHERE slack_user_id = 'U0NOBODY01'")
    assert not {"Zoe"} & set(there(practice))
    address = practice.channel(case).slack_id
    with practice.world.store.change() as uow:
        places.left(uow, practice.world.program.id, address, practice.world.staff["ana"].slack_user_id)
        places.joined(uow, practice.world.program.id, address, practice.world.staff["ana"].slack_user_id)
    assert "Zoe" not in there(practice)


def test_what_was_said_before_ids_were_kept_holds_and_is_ended_by_who_comes(practice: Practice) -> None:
    case, cy = practice.open(), practice.world.staff["cy"].slack_user_id
    practice.deliver_all(case)
    practice.do("UPDATE channels SET absent = '[\"Cy (not in the workspace)\"]' WHERE case_id = :id", id=case.id)
    assert "Cy" not in there(practice)
    with practice.world.store.read() as uow:
        assert card_of(uow.session, case.id, uow.now).absent == ("Cy (not in the workspace)",)
    with practice.world.store.change() as uow:
        places.joined(uow, practice.world.program.id, practice.channel(case).slack_id, cy)
    assert practice.channel(case).absent == []


@pytest.mark.parametrize("fault", FAULTS)
def test_an_invitation_that_meets_a_fault_is_made_again_and_no_post_is_given_up(practice: Practice, fault: str) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("conversations.invite", fault, times=1)
    zed = join_staff(practice, "Zed", Role.VA)
    id_ = practice.tell(case, "hello")
    practice.deliver_all(case)
    with practice.world.store.change() as uow:
        touch_card(uow, case.id)
    practice.deliver_all(case)
    assert practice.times_posted(id_) == 1
    assert practice.rows("SELECT 1 FROM notices WHERE state = 'dead'") == []
    assert zed.slack_user_id in members(practice, case)
    assert practice.channel(case).absent == []


def test_an_invitation_that_is_refused_again_and_again_does_not_keep_posts_back(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    practice.sandbox.fault("conversations.invite", "error:restricted_action")
    join_staff(practice, "Zed", Role.VA)
    id_ = practice.tell(case, "hello")
    practice.deliver_all(case)
    assert practice.times_posted(id_) == 1


def test_a_worker_that_dies_after_inviting_leaves_nothing_but_a_harmless_repeat(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    before = members(practice, case)
    practice.do("UPDATE channels SET invited = '{}' WHERE case_id = :id", id=case.id)
    id_ = practice.tell(case, "hello")
    practice.deliver_all(case)
    assert members(practice, case) == before
    assert practice.channel(case).absent == []
    assert practice.times_posted(id_) == 1


def test_a_channel_that_is_replaced_asks_everybody_anew(practice: Practice) -> None:
    case = practice.open()
    practice.deliver_all(case)
    leave(practice, case, "bo")
    before = set(members(practice, case)) | {practice.world.staff["bo"].slack_user_id}
    practice.sandbox.person("ana").delete(practice.channel(case).slack_id)
    practice.tell(case, "hello")
    practice.deliver_all(case)
    assert set(members(practice, case)) == before
    assert practice.channel(case).absent == []
