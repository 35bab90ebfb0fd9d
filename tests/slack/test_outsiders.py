"""Who may not work here is told so and changes nothing: strangers in shared channels, guests, other workspaces."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import pytest

from app.sandbox import Person, Sandbox, start
from app.sandbox.model import Team
from app.slack.listeners.shortcuts import CLAIM_NEXT, DONE
from app.slack.manifest import BOT_SCOPES
from app.slack.socket_mode import SocketMode
from app.slack.views import blocks
from tests.slack.office import Office, buttons, secret_of, settings_of, until
from tests.slack.signed import send, signed

both = pytest.mark.parametrize("transport", ["http", "socket"])
THEIRS = "T0THEIRS001"
STRANGER = "belongs to another workspace"
GUEST = "guests cannot work here"
ELSEWHERE = "not set up in Caseboard"


@pytest.fixture
def stranger(office: Office) -> Person:
    """Somebody of another workspace who is in the case's channel, which both share."""
    person = office.sandbox.person("sven", real_name="Sven Stranger", team=THEIRS)
    person.join(office.channel, inviter=office.people["lea"].id)
    return person


@pytest.fixture
def guest(office: Office) -> Person:
    """Bo, whose account is a guest's by now."""
    bo = office.people["bo"]
    bo.change(guest="multi")
    until(lambda: office.row("SELECT guest FROM staff WHERE name = 'Bo'").guest)
    return bo


@pytest.fixture
def elsewhere(office: Office, transport: str) -> Iterator[Sandbox]:
    """The same app in a workspace that no program is bound to."""
    with ExitStack() as stack:
        team = Team(id="T0ELSEWHERE", name="Elsewhere", domain="elsewhere")
        settings = {"scopes": BOT_SCOPES, "retry_delays": []}
        other = stack.enter_context(start(unlimited=True, team=team, settings=settings))
        other.configure(ack_timeout=20, trigger_seconds=20)
        if transport == "socket":
            connection = SocketMode(office.inbound, other.env()["SLACK_APP_TOKEN"], other.api_url)
            stack.callback(connection.close)
            connection.start()
            other.wait(lambda: other.connections() > 0, message="no connection")
        else:
            other.configure(request_url=f"http://127.0.0.1:{office.port}/slack/events")
        yield other


def claimable(office: Office) -> tuple[str, str, str]:
    """A message of the app in the case's channel with a button that claims its first task: its ts, action and value."""
    reply = office.say("ana", "/cb 1")
    action, value = next(found for found in buttons(reply) if found[0] == blocks.CLAIM)
    return office.post([dict(block) for block in reply.blocks], "K"), action, value


def test_a_stranger_has_no_commands_in_slack(office: Office, stranger: Person) -> None:
    with pytest.raises(Exception, match="offers them no commands"):
        stranger.command("/claim 1", office.channel)


@both
def test_a_stranger_s_button_is_refused(office: Office, stranger: Person) -> None:
    ts, action, value = claimable(office)
    before = office.fingerprint()
    assert STRANGER in stranger.click(office.channel, ts, action, value, gather=5).text
    assert office.fingerprint() == before


@both
def test_a_stranger_of_a_workspace_that_has_a_program_here_is_refused_too(office: Office, stranger: Person) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO programs (slug, name, zone, calendar, slack_team_id, created_at)"
            " SELECT 'theirs', name, zone, calendar, %s, created_at FROM programs",
            (THEIRS,),
        )
        connection.exec_driver_sql(
            "INSERT INTO staff (program_id, slack_user_id, name, zone, roles, skills, active, guest, digest_silent)"
            " SELECT max(id), %s, 'Sven', 'UTC', ARRAY['lead', 'va'], ARRAY[]::text[], true, false, false"
            " FROM programs",
            (stranger.id,),
        )
    ts, action, value = claimable(office)
    before = office.fingerprint()
    assert STRANGER in stranger.click(office.channel, ts, action, value, gather=5).text
    assert office.fingerprint() == before


@both
def test_a_stranger_s_shortcuts_are_refused(office: Office, stranger: Person) -> None:
    ts, _, _ = claimable(office)
    before = office.fingerprint()
    assert STRANGER in office_answer(office, stranger, lambda: stranger.message_shortcut(office.channel, ts, DONE))
    assert STRANGER in shown(office, stranger, CLAIM_NEXT)
    assert office.fingerprint() == before


@both
def test_a_stranger_who_mentions_the_app_is_told_why_not(office: Office, stranger: Person) -> None:
    bot = office.sandbox.status()["bot_user"]
    stranger.post(office.channel, f"<@{bot}> what is late?")
    until(lambda: stranger.ephemerals(office.channel))
    assert STRANGER in str(stranger.ephemerals(office.channel)[-1]["text"])


@both
def test_a_stranger_s_home_tab_says_why_not(office: Office, stranger: Person) -> None:
    stranger.open_home()
    until(lambda: stranger.home() is not None)
    home = str(stranger.home())
    assert "not on the staff list" in home or STRANGER in home, "the event does not say whose the account is"


@both
def test_a_guest_is_refused_by_every_way(office: Office, guest: Person) -> None:
    ts, action, value = claimable(office)
    before = office.fingerprint()
    assert GUEST in guest.command("/claim 1", office.channel).text
    assert GUEST in guest.command("/cb help", office.channel).text
    assert GUEST in guest.click(office.channel, ts, action, value, gather=5).text
    assert GUEST in office_answer(office, guest, lambda: guest.message_shortcut(office.channel, ts, DONE))
    assert GUEST in shown(office, guest, CLAIM_NEXT)
    guest.open_home()
    until(lambda: GUEST in str(guest.home()))
    bot = office.sandbox.status()["bot_user"]
    seen = len(guest.ephemerals(office.channel))
    guest.post(office.channel, f"<@{bot}> what is late?")
    until(lambda: len(guest.ephemerals(office.channel)) > seen)
    assert GUEST in str(guest.ephemerals(office.channel)[-1]["text"])
    assert office.fingerprint() == before


@both
def test_the_form_of_somebody_who_became_a_guest_meanwhile_is_refused(office: Office) -> None:
    office.say("bo", "/claim 1")
    office.say("bo", "/done 1")
    form = office.modal("bo")
    office.people["bo"].change(guest="single")
    until(lambda: office.row("SELECT guest FROM staff WHERE name = 'Bo'").guest)
    before = office.fingerprint()
    reply = office.people["bo"].submit(str(form["id"]), first_inputs(form))
    assert not reply.ok
    assert GUEST in str(reply.errors)
    assert office.fingerprint() == before


def test_whoever_becomes_a_guest_is_switched_off_and_their_lead_is_told(office: Office) -> None:
    office.say("bo", "/claim 1")
    office.people["bo"].change(guest="multi")
    until(lambda: office.row("SELECT guest FROM staff WHERE name = 'Bo'").guest)
    assert not office.row("SELECT active FROM staff WHERE name = 'Bo'").active
    assert "Bo is switched off and still holds" in office.notices("trouble")[0].payload["problems"][0]
    office.people["bo"].change(guest="")
    until(lambda: not office.row("SELECT guest FROM staff WHERE name = 'Bo'").guest)
    assert not office.row("SELECT active FROM staff WHERE name = 'Bo'").active, "a lead switches them on"
    done = {row.action for row in office.rows("SELECT action FROM audit_entries WHERE action LIKE 'staff.%'")}
    assert {"staff.guest", "staff.full_account", "staff.deactivate"} <= done


def test_what_no_event_has_told_is_found_by_asking(office: Office) -> None:
    office.sandbox.configure(events=[])
    office.people["bo"].change(guest="multi")
    office.people["cy"].deactivate()
    asked = office.accounts
    for _ in office.world.staff:
        asked.look()
    state = {row.name: (row.active, row.guest) for row in office.rows("SELECT name, active, guest FROM staff")}
    assert (state["Bo"], state["Cy"], state["Ana"]) == ((False, True), (False, False), (True, False))
    assert GUEST in office.say("bo", "/claim 1").text


def test_asking_goes_round_and_a_slack_that_does_not_answer_changes_nothing(office: Office) -> None:
    asked, people = office.accounts, len(office.world.staff)
    office.sandbox.configure(events=[])
    office.sandbox.fault("users.info", "http:503", times=people)
    office.people["bo"].change(guest="multi")
    for _ in range(people + 1):
        asked.look()
    assert office.row("SELECT active FROM staff WHERE name = 'Bo'").active
    for _ in range(people):
        asked.look()
    assert not office.row("SELECT active FROM staff WHERE name = 'Bo'").active


@both
def test_a_workspace_that_is_bound_to_no_program_is_refused_by_every_way(office: Office, elsewhere: Sandbox) -> None:
    eve = elsewhere.person("eve")
    hall = elsewhere.channel("hall", members=[eve.id])
    before = office.fingerprint()
    for line in ("/claim 1", "/cb open", "/cb help", "/cb date board 2026-12-01"):
        assert ELSEWHERE in eve.command(line, hall).text, line
    assert office.fingerprint() == before


def test_buttons_forms_and_shortcuts_of_another_workspace_are_refused(office: Office) -> None:
    """Its app shows none of ours, so they are written as its people could write them."""
    office.say("ana", "/claim 1")
    before = office.fingerprint()
    task, ana = office.task(1).id, office.people["ana"].id
    team = {"team": {"id": THEIRS}, "user": {"id": ana, "team_id": THEIRS}, "trigger_id": "1.2.3"}
    press: dict[str, Any] = {
        "type": "block_actions",
        "actions": [{"action_id": blocks.DONE, "block_id": "b", "value": f"t:{task}"}],
    }
    block = {"type": "input", "block_id": "reason"}
    view: dict[str, Any] = {"type": "modal", "callback_id": "skip", "private_metadata": f"t:{task}", "blocks": [block]}
    bodies: tuple[dict[str, Any], ...] = (
        press,
        {"type": "view_submission", "view": view | {"state": {"values": {}}}},
        {"type": "shortcut", "callback_id": CLAIM_NEXT},
        {"type": "message_action", "callback_id": DONE, "message_ts": "1.1", "channel": {"id": office.channel}},
    )
    for body in bodies:
        answer = interact(office, body | team)
        assert answer.status == 200, body["type"]
        if body["type"] == "view_submission":
            assert ELSEWHERE in answer.body
    assert office.fingerprint() == before


@both
def test_events_of_another_workspace_have_no_effect(office: Office, elsewhere: Sandbox) -> None:
    before = office.row("SELECT state, name, slack_id FROM channels WHERE case_id = :case", case=office.case.id)
    same_id = office.sandbox.person("bo").id
    double = next(person for person in (elsewhere.person(f"p{n}") for n in range(12)) if person.id == same_id)
    double.deactivate()
    until(lambda: elsewhere.status()["events_in_flight"] == 0)
    assert office.row("SELECT active FROM staff WHERE name = 'Bo'").active, "another workspace's person of this id"
    assert office.row("SELECT state, name, slack_id FROM channels WHERE case_id = :case", case=office.case.id) == before


def interact(office: Office, payload: Mapping[str, object]) -> Any:
    """Post an interaction as Slack does."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return send(office.port, body, signed(secret_of(settings_of(office.sandbox)), body))


def office_answer(office: Office, person: Person, act: Any) -> str:
    """What a person is answered in the case's channel to what they do there."""
    reply = act()
    if reply.text:
        return str(reply.text)
    office.sandbox.wait(lambda: person.ephemerals(office.channel), message="nothing was answered")
    return str(person.ephemerals(office.channel)[-1]["text"])


def shown(office: Office, person: Person, callback: str) -> str:
    """The window that a shortcut opens."""
    before = len(person.views())
    person.shortcut(callback)
    office.sandbox.wait(lambda: len(person.views()) > before, message="no window")
    return str(person.views()[-1])


def first_inputs(form: Mapping[str, Any]) -> dict[str, object]:
    """Something in each input of a form that has to be filled in."""
    filled: dict[str, object] = {}
    for block in form["blocks"]:
        if block["type"] == "input" and not block.get("optional"):
            options = block["element"].get("options")
            filled[block["block_id"]] = options[0]["value"] if options else "ABC-1"
    return filled
