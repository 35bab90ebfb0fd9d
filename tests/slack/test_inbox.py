"""Each delivery has its effect once; who is nobody here is told so; patient data is neither kept nor logged."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg.errors
import pytest
from slack_sdk.socket_mode.request import SocketModeRequest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.audit.service import verify
from app.kernel.clock import FixedClock
from app.slack.answer import Answer
from app.slack.listeners import deliveries
from app.slack.listeners.afterwards import Afterwards
from app.slack.listeners.commands import slash
from app.slack.listeners.delivery import Delivery
from app.slack.listeners.inbox import BROKEN, Inbox, Visit
from app.slack.socket_mode import SocketMode
from app.slack.verbs import COMMANDS
from tests.slack.office import Office

PATIENT = "Mrs. Zbigniew, DOB 3/4/1961, MRN 8842119"


@pytest.fixture
def inbox(office: Office) -> Inbox:
    """The office's own inbox, to be given the same delivery twice."""
    afterwards = Afterwards(office.connections)
    return Inbox(office.world.store, afterwards, office.homes, commands=COMMANDS)


def delivery(office: Office, who: str, id_: str) -> Delivery:
    """A delivery of a person in the case's channel."""
    team = str(office.sandbox.status()["team"])
    return Delivery(id_, team, office.people[who].id, office.channel, trigger_id="1.2.x")


def run(inbox: Inbox, office: Office, who: str, line: str, id_: str) -> str:
    return slash.run(inbox, delivery(office, who, id_), "/cb", line).text


def test_a_repeat_gets_the_first_answer_and_has_no_effect(office: Office, inbox: Inbox) -> None:
    claimed = run(inbox, office, "ana", "claim 1", "d1")
    run(inbox, office, "ana", "release 1", "d2")
    before = office.fingerprint()
    assert run(inbox, office, "ana", "claim 1", "d1") == claimed
    assert office.fingerprint() == before
    assert office.holder(1) is None


def test_a_repeat_of_a_refusal_is_refused_although_it_would_now_be_granted(office: Office, inbox: Inbox) -> None:
    run(inbox, office, "bo", "claim 1", "d1")
    refused = run(inbox, office, "ana", "claim 1", "d2")
    assert "Bo already has" in refused
    run(inbox, office, "bo", "release 1", "d3")
    assert run(inbox, office, "ana", "claim 1", "d2") == refused
    assert office.holder(1) is None


def test_a_refusal_is_noted_with_its_kind_and_without_its_words(office: Office, inbox: Inbox) -> None:
    run(inbox, office, "bo", "claim 1", "d1")
    run(inbox, office, "ana", "claim 1", "d2")
    noted = office.row("SELECT * FROM audit_entries WHERE result = 'refused'")
    assert (noted.action, noted.object_id, noted.reason) == ("slack.ontask", "d2", "TaskTaken")
    with office.world.store.read() as uow:
        assert verify(uow.session, office.world.program.id).breaks == []


def test_repeats_at_the_same_moment_have_one_effect_and_one_answer(office: Office, inbox: Inbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: run(inbox, office, "ana", "open now", "same"), range(8)))
    assert len(answers) == 1
    assert office.row("SELECT count(*) FROM cases").count == 2


def test_a_race_has_one_winner_and_every_loser_is_told_who(office: Office, inbox: Inbox) -> None:
    people = [name for name in ("ana", "bo", "cy", "lea") for _ in range(3)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda each: run(inbox, office, each[1], "claim 1", f"r{each[0]}"), enumerate(people)))
    winner = office.holder(1)
    assert winner is not None
    name = office.world.staff[winner].name
    assert all(
        answer.startswith("Claimed") or "yours already" in answer if who == winner else f"{name} already has" in answer
        for who, answer in zip(people, answers, strict=True)
    )
    assert sum(answer.startswith("Claimed") for answer in answers) == 1


@pytest.mark.parametrize(
    "line",
    [
        f"skip 1 {PATIENT}",
        f"wait 1 payer {PATIENT}",
        f"done 1 {PATIENT}",
        f"handoff 1 @bo {PATIENT}",
        f"handoff all @bo {PATIENT}",
        f"date board 2026-12-01 waive {PATIENT}",
        f"claim {PATIENT}",
        f"{PATIENT} 1",
        f"open {PATIENT}",
        f"component add {PATIENT}",
        f"tasks {PATIENT}",
        f"case {PATIENT}",
    ],
)
def test_patient_data_is_refused_and_neither_kept_nor_logged_nor_repeated(
    office: Office, inbox: Inbox, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "caseboard")
    run(inbox, office, "ana", "claim 1", "d0")
    before = office.fingerprint()
    answer = run(inbox, office, "ana", line, "d1")
    assert "Zbigniew".casefold() not in answer.casefold()
    if "waive" not in line:
        assert office.fingerprint() == before
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    for table in office.rows(tables):
        held = office.rows(f'SELECT t::text AS line FROM "{table.table_name}" t')
        assert not any("zbigniew" in row.line.casefold() or "8842119" in row.line for row in held), table.table_name
    assert "zbigniew" not in caplog.text.casefold()


def test_a_refusal_of_patient_data_says_where_it_belongs(office: Office, inbox: Inbox) -> None:
    run(inbox, office, "ana", "claim 1", "d0")
    assert "belongs into the chart" in run(inbox, office, "ana", f"wait 1 payer {PATIENT}", "d1")


def test_who_is_nobody_here_is_told_so(office: Office, inbox: Inbox) -> None:
    before = office.fingerprint()
    known = delivery(office, "ana", "d1")
    strangers = {
        "another person": replace(known, user_id="U0STRANGER"),
        "another workspace": replace(known, team_id="T0ELSEWHERE"),
        "nobody": replace(known, user_id=""),
        "no workspace": replace(known, team_id=""),
    }
    for why, stranger in strangers.items():
        answer = slash.run(inbox, stranger, "/cb", "open")
        assert "Nothing changed." in answer.text, why
        assert answer.refused in ("UnknownPerson", "UnknownTeam"), why
    guest = office.sandbox.person("guest", guest="multi")
    assert "not on the staff list" in guest.command("/cb tasks", office.desk).text
    assert office.fingerprint() == before


def test_who_is_switched_off_is_told_so(office: Office, inbox: Inbox) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET active = false WHERE name = 'Bo'"))
    assert "switched off" in run(inbox, office, "bo", "claim 1", "d1")
    assert office.holder(1) is None


def test_a_deadlock_is_tried_again_and_anything_else_is_said_and_logged_without_its_words(
    office: Office, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def deadlocked(visit: Visit) -> Answer:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("statement", {}, psycopg.errors.DeadlockDetected("the words of a task"))
        return Answer("through")

    assert inbox.change(delivery(office, "ana", "d1"), "x", deadlocked).text == "through"
    assert len(tries) == 3

    words = "the words " + "of a task"  # a traceback shows this line, and must not show what it makes

    def broken(visit: Visit) -> Answer:
        raise RuntimeError(words)

    assert inbox.change(delivery(office, "ana", "d2"), "x", broken).text == BROKEN
    assert "RuntimeError" in caplog.text
    assert words not in caplog.text
    assert office.row("SELECT count(*) FROM inbound_deliveries WHERE id = 'd2'").count == 0


def test_over_socket_mode_a_delivery_that_bolt_cannot_read_is_logged_without_its_words(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    handler = SocketMode(office.inbound, "xapp-1", office.sandbox.api_url)._handler
    event = {"type": "x", "channel": False, "text": PATIENT}
    handler.handle(handler.client, SocketModeRequest(type="events_api", envelope_id="1", payload={"event": event}))
    handler.close()  # type: ignore[no-untyped-call]
    assert "a delivery" in caplog.text
    assert "Zbigniew" not in caplog.text


def test_old_deliveries_are_forgotten(office: Office, inbox: Inbox, clock: FixedClock) -> None:
    run(inbox, office, "ana", "claim 1", "old")
    clock.advance(timedelta(days=2))
    run(inbox, office, "ana", "release 1", "new")
    with office.world.store.change() as uow:
        assert deliveries.forget(uow.session, uow.now - timedelta(days=1)) >= 1
    kept = {row.id for row in office.rows("SELECT id FROM inbound_deliveries")}
    assert kept & {"old", "new"} == {"new"}, "and perhaps what Slack told of the setting up"
