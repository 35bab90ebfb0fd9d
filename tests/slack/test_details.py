"""The details of a track, asked for on the card and read in its thread."""

import re
from typing import Any

from app.notices.delivery import PostOffice
from app.notices.timing import Timing
from app.slack.gateway import Gateway
from app.slack.listeners.shortcuts import MORE
from app.slack.manifest import manifest
from tests.slack.office import Office, until

QUICK = Timing(card_gap=0.0)


def deliver(office: Office) -> None:
    channel = office.row("SELECT id FROM channels WHERE case_id = :case", case=office.case.id).id
    until(lambda: PostOffice(office.world.store, office.connections, QUICK).deliver(channel).again is None)


def test_the_details_of_a_checklist_are_chosen_on_the_card_and_kept_in_its_thread(office: Office) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    deliver(office)
    bo = office.screen_of("bo")
    bo.choose("Packet")
    bo.see("The details of Packet come into the thread of the card")
    deliver(office)
    card = office.row("SELECT card_ts FROM channels WHERE case_id = :case", case=office.case.id).card_ts
    gateway = Gateway(office.sandbox.bot_token, office.sandbox.api_url)
    replies: Any = gateway.call("conversations.replies", channel=office.channel, ts=card)["messages"]
    [_, told] = replies
    assert "Packet — 0 of 5 done" in str(told["text"])
    lines = str(told["text"]).splitlines()
    assert re.fullmatch("• 1 List the case — due <.*> — nobody has it", lines[1])
    assert re.fullmatch("• 4 Lock the packet — due <.*> — waits for 1, 2 and 3", lines[4])
    assert lines[5] == "• 5 Send the packet — waits for 4"
    office.say("ana", "/claim 1")
    deliver(office)
    replies = gateway.call("conversations.replies", channel=office.channel, ts=card)["messages"]
    assert [reply["ts"] for reply in replies] == [card, told["ts"]], "edited in place"
    assert re.search("• 1 List the case — due <.*> — with Ana\n", replies[1]["text"])
    bo.choose("Packet")
    bo.see("in the thread of the card already")

    bo.person.message_shortcut(office.channel, str(told["ts"]), MORE)
    bo.see(f"Case {office.case.code}")


def test_a_choice_of_another_time_says_that_it_is_gone(office: Office) -> None:
    deliver(office)
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tracks SET state = 'withdrawn'")
    bo = office.screen_of("bo")
    bo.choose("Packet")
    bo.see("not part of the case any more")
    assert office.notices("track") == []
