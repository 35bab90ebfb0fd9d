"""The count of what Slack was told sees posts that are nobody's, and posts that are in the wrong place."""

from collections.abc import Mapping
from dataclasses import astuple

import pytest
from sqlalchemy import Engine

from app.demo.counts import Truth, compare, of_ledger
from app.notices.delivery import PostOffice
from app.notices.port import Message
from app.notices.service import tell_person
from app.slack.connections import Connections
from app.slack.gateway import Gateway
from app.slack.port import SlackPort
from tests.notices.conftest import QUICK, Practice, gateway, practice, sandbox

__all__ = ["gateway", "practice", "sandbox"]  # fixtures


def counted(practice: Practice) -> Truth:
    return compare(practice.engine, of_ledger(practice.sandbox.ledger(), "America/New_York"))


def whole(practice: Practice) -> None:
    """That nothing is wrong so far."""
    assert astuple(counted(practice)) == (0, 0, 0, 0)


@pytest.fixture
def told(practice: Practice) -> Practice:
    """A case in its channel and a person in their direct messages; somebody used a command, somebody talked."""
    case = practice.open()
    payload = {"code": case.code, "zone": "America/New_York", "problems": ["look at this"]}
    with practice.world.store.change() as uow:
        tell_person(uow, practice.world.staff["ana"].id, "trouble", "direct", payload)
    practice.deliver_all(case)
    direct = practice.row("SELECT id FROM channels WHERE staff_id = :id", id=practice.world.staff["ana"].id)
    assert practice.office.deliver(direct.id).delivered == 1
    practice.sandbox.person("ana").post(practice.channel(case).slack_id, "good morning")
    return practice


def test_direct_messages_answers_people_and_slack_itself_are_no_inventions(told: Practice, gateway: Gateway) -> None:
    (case,) = told.rows("SELECT slack_id FROM channels WHERE case_id IS NOT NULL")
    user = told.world.staff["ana"].slack_user_id
    gateway.call("chat.postEphemeral", channel=case.slack_id, user=user, text="Claimed K7Q4-1.")
    whole(told)


@pytest.mark.parametrize("metadata", [None, {"event_type": "other", "event_payload": {"code": "K7Q4"}}])
def test_a_post_that_names_no_notice_is_invented(told: Practice, gateway: Gateway, metadata: object) -> None:
    (case,) = told.rows("SELECT slack_id, card_ts FROM channels WHERE case_id IS NOT NULL")
    gateway.call("chat.postMessage", channel=case.slack_id, text="hello", metadata=metadata)
    assert counted(told) == Truth(lost=0, doubled=0, invented=1, misplaced=0)


def test_an_edit_that_names_no_notice_is_invented(told: Practice, gateway: Gateway) -> None:
    (case,) = told.rows("SELECT slack_id, card_ts FROM channels WHERE case_id IS NOT NULL")
    gateway.call("chat.update", channel=case.slack_id, ts=case.card_ts, text="hello")
    assert counted(told) == Truth(lost=0, doubled=0, invented=1, misplaced=0)


class Astray(SlackPort):
    """Posts everything to one place."""

    place = ""

    def post(
        self, channel: str, message: Message, metadata: Mapping[str, object], *, thread_ts: str | None = None
    ) -> str:
        return super().post(self.place, message, metadata, thread_ts=thread_ts)


@pytest.mark.parametrize("owner", ["case", "staff"])
def test_a_post_in_the_channel_of_another_case_or_person_is_misplaced(told: Practice, owner: str) -> None:
    case = told.open()
    told.deliver_all(case)
    whole(told)
    port = Astray(told.sandbox.bot_token, told.sandbox.api_url)
    port.place = told.row(
        f"SELECT slack_id FROM channels WHERE {owner}_id IS NOT NULL AND case_id IS DISTINCT FROM :case",
        case=case.id,
    ).slack_id
    told.tell(case, "hello")
    told.deliver_all(case, office=PostOffice(told.world.store, Connections(told.world.store, port), QUICK))
    assert counted(told) == Truth(lost=0, doubled=0, invented=0, misplaced=1)


def test_posts_in_a_channel_that_was_replaced_are_in_their_place(practice: Practice, engine: Engine) -> None:
    case = practice.open()
    practice.deliver_all(case)
    for round_ in ("first", "second"):
        practice.sandbox.person("ana").delete(practice.channel(case).slack_id)
        practice.tell(case, round_)
        practice.deliver_all(case)
    lost = practice.channel(case).slack_id
    found = of_ledger(practice.sandbox.ledger(), "America/New_York")
    assert len({place for _, place in found.places}) == 3
    assert compare(engine, found).misplaced == 0
    practice.do("DELETE FROM notices WHERE dedupe_key LIKE 'replaced:%'")
    assert compare(engine, found).misplaced > 0, f"only {lost} is known to be the case's"
