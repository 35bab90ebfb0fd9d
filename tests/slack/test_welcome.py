"""The first message to a person: once, with the first thing to do, and nothing of any case."""

import re

import pytest
from sqlalchemy import text

from app.checklists.vocabulary import Role
from app.notices.delivery import PostOffice
from app.notices.port import Letter
from app.programs.models import Staff
from app.programs.welcome import ORDER, first_role, welcome
from app.sandbox import Acting
from app.slack import limits
from app.slack.views import notices
from app.slack.views.blocks import HELP
from tests.slack.office import Office, until
from tests.slack.test_home import home_of
from tests.slack.test_views_notices import ID

BUTTONS = {
    Role.SURGEON: "My digest", Role.CLINICIAN: "My digest", Role.LEAD: "Open a case", Role.MANAGER: "Show the report",
    Role.ADMIN: "Settings",
    Role.VA: "Tasks free for me", Role.NAVIGATOR: "Tasks free for me", Role.CODER: "Tasks free for me",
    Role.BILLER: "Tasks free for me",
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_each_kind_of_person_has_three_lines_and_a_button(role: Role) -> None:
    payload = {"zone": "America/New_York", "name": "Ana *Diaz*", "program": "North <!channel>", "role": role.value}
    message = notices.notice(Letter(ID, "welcome", payload | {"digest": "07:00"}, {}))
    assert limits.problems(message.text, message.blocks) == []
    assert len(message.text.splitlines()) == 3
    assert "<!" not in message.text
    labels = [each["text"]["text"] for each in message.blocks[-1]["elements"]]  # type: ignore[attr-defined]
    assert labels == [BUTTONS[role], "Help"]
    if BUTTONS[role] == "My digest":
        assert "at 07:00" in message.text


def test_of_several_roles_the_most_particular_one_counts() -> None:
    assert set(ORDER) == set(Role)
    assert first_role(["va", "lead", "navigator"]) is Role.LEAD
    assert first_role(["clinician", "manager"]) is Role.CLINICIAN


def delivered(office: Office, who: str) -> Acting:
    """The person before the app's direct messages, once what waits there is posted."""
    channel = office.row("SELECT id FROM channels WHERE staff_id = :id", id=office.world.staff[who].id).id
    until(lambda: PostOffice(office.world.store, office.connections).deliver(channel).again is None)
    there = office.row("SELECT slack_id FROM channels WHERE id = :id", id=channel).slack_id
    return office.sandbox.as_(office.people[who], in_=there)


def test_it_comes_with_the_first_look_at_the_home_tab_and_not_again(office: Office) -> None:
    home_of(office, "ana")
    ana = delivered(office, "ana")
    said = ana.see("Welcome to Caseboard at")
    assert not re.search(office.case.code, said)
    office.people["ana"].open_home()
    home_of(office, "bo")
    assert len(office.notices("welcome")) == 2

    ana.click("Tasks free for me")
    ana.see(f"{office.case.code}-1")


@pytest.mark.parametrize(
    ("who", "button", "seen"),
    [("sam", "My digest", "Digest for"), ("max", "Show the report", "SLA")],
)
def test_its_button_does_the_first_thing(office: Office, who: str, button: str, seen: str) -> None:
    with office.world.store.change() as uow:
        welcome(uow, office.world.actor(who), office.world.staff[who])
        welcome(uow, office.world.actor(who), office.world.staff[who])
    person = delivered(office, who)
    assert len(office.notices("welcome")) == 1
    person.click(button)
    person.see(seen)


def test_an_admin_s_button_opens_the_settings(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET roles = '{admin}' WHERE name = 'Max'"))
    with office.world.store.change() as uow:
        max_ = uow.session.get_one(Staff, office.world.staff["max"].id, populate_existing=True)
        welcome(uow, office.world.actor("max"), max_)
    person = delivered(office, "max")
    person.see("Begin with Settings")
    person.click("Settings")
    person.see("Working hours")


def test_a_button_of_another_version_is_said_to_be_old(office: Office) -> None:
    ts = office.post([{"type": "actions", "elements": [
        {"type": "button", "action_id": "start", "value": "fly", "text": {"type": "plain_text", "text": "Fly"}},
        {"type": "button", "action_id": HELP, "value": "help", "text": {"type": "plain_text", "text": "Help"}},
    ]}])  # fmt: skip
    assert ts
    ana = office.screen_of("ana")
    ana.click("Fly")
    ana.see("out of date")
