"""A surgeon's morning in the sandbox: one direct message, answered where it stands, and asked for again."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from app.kernel.clock import FixedClock
from app.notices.delivery import PostOffice
from app.slack.connections import Connections
from app.slack.port import SlackPort
from app.slack.views import blocks
from tests.notices.conftest import QUICK
from tests.slack.office import Office, until
from workers.notices import Hints
from workers.scheduler import Ticker

both = pytest.mark.parametrize("transport", ["http", "socket"])


def gone(channel_id: int) -> None:
    raise ConnectionError("no queue")


@pytest.fixture
def tickers(office: Office) -> Iterator[list[Ticker]]:
    """Two schedulers that deliver by themselves, as on a practice's two machines."""
    port = SlackPort(office.sandbox.bot_token, office.sandbox.api_url)
    post_office = PostOffice(
        office.world.store, Connections(office.world.store, port), QUICK, home="http://127.0.0.1:8000"
    )
    made = [
        Ticker(office.world.store, post_office, Hints(gone), office.homes, office.renewals, office.accounts)
        for _ in range(2)
    ]
    yield made
    for ticker in made:
        ticker.close()


def give_to_sam(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE cases SET surgeon_id = {office.world.staff['sam'].id}")


def morning(office: Office, tickers: list[Ticker], clock: FixedClock, moment: str) -> None:
    """Let it be that moment, until everything that the schedulers found is delivered."""
    clock.move_to(datetime.fromisoformat(f"{moment}+00:00"))
    waiting = "SELECT count(*) AS n FROM notices WHERE kind IN ('digest', 'digested') AND state <> 'delivered'"

    def over() -> bool:
        for ticker in tickers:
            ticker.digests()
            ticker.sweep()
        return bool(office.row(waiting).n == 0)

    until(over, within=15)


def direct(office: Office) -> str:
    """The channel of the surgeon's direct messages."""
    query = "SELECT slack_id FROM channels WHERE staff_id = :id"
    return str(office.row(query, id=office.world.staff["sam"].id).slack_id)


def messages(office: Office) -> list[dict[str, Any]]:
    return [dict(message) for message in office.sandbox.messages(direct(office))]


@both
def test_a_surgeon_gets_one_message_and_answers_it_in_place(
    office: Office, tickers: list[Ticker], clock: FixedClock
) -> None:
    give_to_sam(office)
    morning(office, tickers, clock, "2026-11-03 12:00")

    (message,) = messages(office)
    code = office.case.code
    first, decision, *_ = message["text"].split("\n")
    assert first == "Digest for Tue 3 Nov 2026: 1 to decide."
    assert decision.startswith(f"Decide: {code}-3 Ask one question, due")

    sam = office.people["sam"]
    sam.click(direct(office), message["ts"], blocks.DONE)
    modal = office.modal("sam")
    assert "Question" in str(modal["blocks"])
    assert sam.submit(modal["id"], {"evidence": ["yes"]}).ok
    row = office.task(3)
    assert (row.state, row.attested_by) == ("done", office.world.staff["sam"].id)
    assert office.ephemeral("sam", direct(office)).startswith(f"Done: {code}-3")

    morning(office, tickers, clock, "2026-11-03 18:00")
    assert len(messages(office)) == 1, "one a day"
    assert messages(office)[0]["text"] == "Digest for Tue 3 Nov 2026: nothing waits for you."
    assert blocks.DONE not in str(messages(office)[0]["blocks"]), "what is answered offers no button any more"
    morning(office, tickers, clock, "2026-11-04 12:00")
    assert len(messages(office)) == 2
    assert "to decide" not in messages(office)[-1]["text"]


def test_what_its_reader_does_elsewhere_leaves_it_too_and_nothing_else_is_drawn_anew(
    office: Office, tickers: list[Ticker], clock: FixedClock
) -> None:
    give_to_sam(office)
    morning(office, tickers, clock, "2026-11-03 12:00")
    sent = messages(office)[0]["text"]
    assert "1 to decide" in sent
    office.say("sam", "/claim 1")
    office.say("ana", "/claim 1")
    assert office.notices("digested") == [], "nothing of it has changed"
    office.say("sam", "/done 3 yes")
    assert len(office.notices("digested")) == 1
    morning(office, tickers, clock, "2026-11-03 12:01")
    (message,) = messages(office)
    assert "to decide" not in message["text"]
    office.say("sam", "/cb reopen 3 too soon")
    morning(office, tickers, clock, "2026-11-03 12:02")
    assert messages(office)[0]["text"] == sent
    assert len(messages(office)) == 1


def test_what_was_answered_leaves_the_digest_of_yesterday_too_and_comes_back_with_undo(
    office: Office, tickers: list[Ticker], clock: FixedClock
) -> None:
    give_to_sam(office)
    morning(office, tickers, clock, "2026-11-05 12:00")
    morning(office, tickers, clock, "2026-11-06 12:00")
    sent = [message["text"] for message in messages(office)]
    assert [text.count("Decide:") for text in sent] == [1, 1]
    office.say("sam", "/done 3 yes")
    morning(office, tickers, clock, "2026-11-06 12:01")
    first, second = messages(office)
    assert blocks.DONE not in str([first["blocks"], second["blocks"]])
    assert first["text"].startswith("Digest for Thu 5 Nov 2026: ")
    whole = [line for line in sent[0].splitlines()[1:] if not line.startswith("Decide:")]
    assert first["text"].splitlines()[1:] == whole, "the rest of it stays as it was told"
    office.say("sam", "/cb reopen 3 too soon")
    morning(office, tickers, clock, "2026-11-06 12:02")
    assert [message["text"] for message in messages(office)] == sent


def test_a_digest_of_an_earlier_day_goes_back_to_no_date_that_was_moved_since(
    office: Office, tickers: list[Ticker], clock: FixedClock
) -> None:
    give_to_sam(office)
    office.say("lea", "/cb date board 2026-11-05 anyway")
    morning(office, tickers, clock, "2026-11-03 12:00")
    office.say("lea", "/cb date board 2026-12-10")
    office.say("sam", "/done 3 yes")
    morning(office, tickers, clock, "2026-11-03 12:01")
    shown = messages(office)[0]["text"]
    assert "Thu 5 Nov" not in shown
    morning(office, tickers, clock, "2026-11-04 12:00")
    office.say("sam", "/cb quiet 18:00 to 8:00")
    morning(office, tickers, clock, "2026-11-04 12:05")
    assert messages(office)[0]["text"] == shown


def test_a_digest_of_an_earlier_day_follows_where_there_is_none_of_today(
    office: Office, tickers: list[Ticker], clock: FixedClock
) -> None:
    give_to_sam(office)
    morning(office, tickers, clock, "2026-11-06 12:00")
    clock.move_to(datetime.fromisoformat("2026-11-07 15:00+00:00"))
    office.say("sam", "/done 3 yes")
    morning(office, tickers, clock, "2026-11-07 15:01")
    (message,) = messages(office)
    assert "to decide" not in message["text"]
    assert blocks.DONE not in str(message["blocks"])


def test_a_case_s_tasks_are_one_tap_away(office: Office, tickers: list[Ticker], clock: FixedClock) -> None:
    give_to_sam(office)
    morning(office, tickers, clock, "2026-11-06 12:00")
    (message,) = messages(office)
    assert "packet not locked" in message["text"]
    assert f"Next 7 days: {office.case.code} board Thu 12 Nov 2026" in message["text"]
    at_risk = next(block for block in message["blocks"] if "At risk" in str(block))
    office.people["sam"].click(direct(office), message["ts"], blocks.TASKS, block_id=at_risk["block_id"])
    assert f"Case {office.case.code}: open tasks" in office.ephemeral("sam", direct(office))


def test_asked_for_it_is_shown_to_the_person_alone_and_the_day_s_own_comes_all_the_same(
    office: Office, tickers: list[Ticker], clock: FixedClock
) -> None:
    give_to_sam(office)
    before = office.fingerprint()
    asked = office.say("sam", "/cb digest", office.desk)
    assert asked.text.startswith("Digest for Mon 2 Nov 2026: 1 to decide.")
    assert "task_done" in str(asked.blocks)
    assert office.say("ana", "/cb digest").text == "Digest for Mon 2 Nov 2026: nothing waits for you."
    assert office.fingerprint() == before
    assert office.sandbox.messages(office.desk) == []

    morning(office, tickers, clock, "2026-11-03 12:00")
    assert len(messages(office)) == 1
    again = office.say("sam", "/cb digest")
    assert again.text == messages(office)[0]["text"]
    assert len(messages(office)) == 1
