"""What happens in the workspace beside us: to channels, to people, to the app itself."""

import json
from collections.abc import Mapping

import pytest
from sqlalchemy import text

from app.notices.places import LEFT, absence
from app.slack.manifest import EVENTS
from tests.slack.office import Office, secret_of, settings_of, until
from tests.slack.signed import send, signed

both = pytest.mark.parametrize("transport", ["http", "socket"])


def channel_of(office: Office) -> object:
    return office.row("SELECT * FROM channels WHERE case_id = :case", case=office.case.id)


def state_is(office: Office, state: str) -> None:
    until(lambda: channel_of(office).state == state)  # type: ignore[attr-defined]


def no_card(office: Office) -> None:
    """Forget the card that waits, so that a new one can be seen."""
    with office.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM notices WHERE kind = 'card'")


@both
def test_an_archived_channel_is_noted_and_will_be_brought_back(office: Office) -> None:
    no_card(office)
    office.people["ana"].archive(office.channel)
    state_is(office, "archived")
    until(lambda: office.notices("card"))
    office.people["ana"].unarchive(office.channel)
    state_is(office, "wanted")


def test_a_deleted_channel_is_noted(office: Office) -> None:
    no_card(office)
    office.people["lea"].delete(office.channel)
    state_is(office, "lost")
    until(lambda: office.notices("card"))


def test_the_archive_of_a_closed_case_is_left_alone(office: Office) -> None:
    office.say("lea", "/cb close moved")
    no_card(office)
    office.people["ana"].archive(office.channel)
    state_is(office, "archived")
    assert office.notices("card") == []


def test_a_new_name_is_as_good(office: Office) -> None:
    office.people["lea"].rename(office.channel, "case-of-the-week")
    until(lambda: channel_of(office).name == "case-of-the-week")  # type: ignore[attr-defined]


def test_who_left_is_said_on_the_card_until_they_are_back(office: Office) -> None:
    bo = office.people["bo"]
    no_card(office)
    bo.leave(office.channel)
    until(lambda: channel_of(office).absent == [absence(bo.id, "Bo", LEFT)])  # type: ignore[attr-defined]
    assert office.notices("card")
    bo.join(office.channel, inviter=office.people["lea"].id)
    until(lambda: channel_of(office).absent == [])  # type: ignore[attr-defined]


def test_the_app_itself_removed_loses_the_channel(office: Office) -> None:
    bot = str(office.sandbox.status()["bot_user"])
    event = {"type": "member_left_channel", "user": bot, "channel": office.channel, "channel_type": "G"}
    deliver(office, event, "Ev1", authorizations=[{"user_id": bot, "is_bot": True}])
    state_is(office, "lost")


def test_a_channel_that_has_another_id_is_the_same(office: Office) -> None:
    deliver(office, {"type": "channel_id_changed", "old_channel_id": office.channel, "new_channel_id": "C0NEW"}, "Ev1")
    assert channel_of(office).slack_id == "C0NEW"  # type: ignore[attr-defined]


@both
def test_a_deactivated_person_is_switched_off_and_who_has_to_act_is_told(office: Office) -> None:
    office.say("bo", "/claim 1")
    office.say("ana", "/claim 2")
    office.say("cy", "/cb component add plate")
    office.people["bo"].deactivate()
    until(lambda: not office.row("SELECT active FROM staff WHERE name = 'Bo'").active)
    told = office.notices("trouble")
    assert len(told) == 1
    assert f"Bo is switched off and still holds {office.case.code}-1" in told[0].payload["problems"][0]
    place = office.row("SELECT staff_id FROM channels WHERE id = :id", id=told[0].channel_id)
    assert place.staff_id == office.world.staff["lea"].id
    assert office.holder(1) == "bo", "it stays theirs until a lead assigns it"
    assert office.say("lea", "/cb assign 1 @ana").text.startswith("Assigned")


def test_offers_to_a_person_who_left_are_withdrawn_and_their_givers_told(office: Office) -> None:
    office.say("ana", "/claim 1")
    office.say("ana", "/handoff 1 @bo please")
    office.people["bo"].deactivate()
    until(lambda: office.row("SELECT state FROM handoffs").state == "withdrawn")
    told = office.notices("trouble")[0]
    assert "is withdrawn" in told.payload["problems"][0]
    place = office.row("SELECT staff_id FROM channels WHERE id = :id", id=told.channel_id)
    assert place.staff_id == office.world.staff["ana"].id
    assert "stays yours" in office.say("ana", "/handoff 1 @cy please").text


def test_who_comes_back_is_not_switched_on_by_slack(office: Office) -> None:
    office.people["bo"].deactivate()
    until(lambda: not office.row("SELECT active FROM staff WHERE name = 'Bo'").active)
    office.people["bo"].reactivate()
    office.people["bo"].change(real_name="Bo Again")
    until(lambda: len(office.rows("SELECT id FROM inbound_deliveries WHERE id LIKE 'event:%'")) >= 2)
    assert not office.row("SELECT active FROM staff WHERE name = 'Bo'").active


def test_who_joins_the_workspace_and_is_on_the_staff_list_is_asked_in_anew(office: Office) -> None:
    bo = "U0LATER"  # and not the one who is in the channel, of which events may be under way
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET slack_user_id = :user WHERE name = 'Bo'"), {"user": bo})
        said = "UPDATE channels SET invited = :users, absent = '[\"Bo (not in the workspace)\"]' WHERE case_id = :case"
        connection.execute(text(said), {"users": ["U0OTHER", bo], "case": office.case.id})
    no_card(office)
    assert "not in the Slack workspace" in office.say("lea", "/cb assign 1 @bo").text
    deliver(office, {"type": "team_join", "user": {"id": "U0NOBODY"}}, "Ev1")
    assert channel_of(office).invited == ["U0OTHER", bo]  # type: ignore[attr-defined]
    deliver(office, {"type": "team_join", "user": {"id": bo}}, "Ev2")
    assert channel_of(office).invited == ["U0OTHER"]  # type: ignore[attr-defined]
    assert office.notices("card"), "before which they are asked in"
    assert office.say("lea", "/cb assign 1 @bo").text.startswith("Assigned")


def test_an_event_that_is_sent_again_has_no_second_effect(office: Office) -> None:
    event = {"type": "group_rename", "channel": {"id": office.channel, "name": "one"}}
    deliver(office, event, "Ev7")
    deliver(office, event | {"channel": {"id": office.channel, "name": "two"}}, "Ev7")
    assert channel_of(office).name == "one"  # type: ignore[attr-defined]


def test_an_event_that_failed_is_asked_for_again(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE channels RENAME TO channels_away")
    event = {"type": "group_archive", "channel": office.channel, "user": "U1"}
    assert deliver(office, event, "Ev9") == 500
    with office.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE channels_away RENAME TO channels")
    assert deliver(office, event, "Ev9") == 200
    state_is(office, "archived")


@pytest.mark.parametrize("shape", ["full", "empty", "odd"])
def test_every_event_is_acknowledged_whatever_it_holds(office: Office, shape: str) -> None:
    odd = {"user": {"id": 5, "deleted": True}, "channel": ["x"], "tab": None, "old_channel_id": 3}
    full = {"user": office.people["ana"].id, "channel": office.channel, "tab": "home", "event_ts": "1.1"}
    shapes: dict[str, Mapping[str, object]] = {"full": full, "empty": {}, "odd": odd}
    before = office.fingerprint()["tasks"]
    for name in (*EVENTS, "reaction_added", "some_event_to_come"):
        event = {**shapes[shape], "type": name}
        assert deliver(office, event, f"Ev-{shape}-{name}") == 200, name
    assert office.fingerprint()["tasks"] == before


def deliver(office: Office, event: Mapping[str, object], event_id: str, **more: object) -> int:
    """Post an event as Slack does; returns the status."""
    payload = {"type": "event_callback", "team_id": str(office.sandbox.status()["team"]), "event_id": event_id}
    body = json.dumps(payload | {"event": dict(event)} | more).encode()
    headers = signed(secret_of(settings_of(office.sandbox)), body)
    return send(office.port, body, headers, content_type="application/json").status
