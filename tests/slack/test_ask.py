"""Questions put to a person: asked each way, answered where they arrive, told to whoever asked, and taken back."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from app.kernel.clock import FixedClock
from app.notices.delivery import PostOffice
from app.sandbox import Acting
from app.slack.connections import Connections
from app.slack.manifest import manifest
from app.slack.port import SlackPort
from app.slack.views import blocks, questions
from tests.notices.conftest import QUICK
from tests.slack.office import Office, until
from tests.slack.test_digest import gone
from tests.slack.test_home import home_of
from tests.slack.test_ways import labels, once_open, post_about, say
from workers.notices import Hints
from workers.scheduler import Ticker

both = pytest.mark.parametrize("transport", ["http", "socket"])
WAITING = "SELECT count(*) AS n FROM notices WHERE kind <> 'card' AND state <> 'delivered'"


@pytest.fixture
def ticker(office: Office) -> Iterator[Ticker]:
    """A scheduler that delivers by itself."""
    port = SlackPort(office.sandbox.bot_token, office.sandbox.api_url)
    post_office = PostOffice(
        office.world.store, Connections(office.world.store, port), QUICK, home="http://127.0.0.1:8000"
    )
    made = Ticker(office.world.store, post_office, Hints(gone), office.homes, office.renewals, office.accounts)
    yield made
    made.close()


def deliver(office: Office, ticker: Ticker) -> None:
    """Tell of what is due, and deliver everything that waits."""

    def over() -> bool:
        ticker.sweep()
        return bool(office.row(WAITING).n == 0)

    ticker.questions()
    until(over, within=30)


def direct(office: Office, who: str = "sam") -> str:
    """The channel of a person's direct messages."""
    query = "SELECT slack_id FROM channels WHERE staff_id = :id"
    return str(office.row(query, id=office.world.staff[who].id).slack_id)


def before_messages(office: Office, who: str = "sam") -> Acting:
    """A person before their direct messages."""
    return office.sandbox.as_(office.people[who], in_=direct(office, who))


def posts(office: Office, channel: str) -> list[dict[str, Any]]:
    return [dict(message) for message in office.sandbox.messages(channel)]


def thread(office: Office) -> list[str]:
    """What stands in the thread of the question's post."""
    root = str(post_of_question(office)["ts"])
    return [str(message["text"]) for message in office.sandbox.messages(office.channel, root)][1:]


def post_of_question(office: Office) -> dict[str, Any]:
    """The question's post in the case's channel."""
    ts = office.row("SELECT n.ts FROM questions q JOIN notices n ON n.id = q.notice_id ORDER BY q.id DESC LIMIT 1").ts
    return next(message for message in posts(office, office.channel) if message["ts"] == ts)


def question(office: Office) -> Any:
    return office.row("SELECT * FROM questions ORDER BY id DESC LIMIT 1")


@both
def test_a_question_by_command_is_answered_with_one_press_and_whoever_asked_is_told(
    office: Office, ticker: Ticker
) -> None:
    name = f"{office.case.code}-2"
    said = office.say("ana", "/cb ask @sam 2 by fri: is the stem custom? (yes / no)")
    assert said.text == f"Asked Sam about {name}. The answer is due Fri 6 Nov 2026 5:00 PM EST."
    deliver(office, ticker)
    [message] = posts(office, direct(office))
    first, about, words, facts = message["text"].split("\n")
    assert (first, about) == ("Question from Ana: please answer", f"*{name}* Load the images")
    assert words == "> is the stem custom?"
    assert facts.startswith("asked by Ana · answer due <!date^1794002400^")
    channel = post_of_question(office)
    assert f"Question · {office.case.code}: Ana asks Sam, answer due" in channel["text"]
    assert "<@" not in channel["text"], "nobody is called: it has come by direct message"

    sam = before_messages(office)
    sam.click("no")
    sam.see(f"Answered {name}: “no”. Ana is told.")
    deliver(office, ticker)
    [message] = posts(office, direct(office))
    assert "Answer: *no*" in message["text"]
    assert questions.CHOOSE not in json.dumps(message["blocks"]), "nothing is left to press"
    channel = post_of_question(office)
    assert "Sam answered Ana" in channel["text"]
    assert "Answer: *no*" in channel["text"]
    told = [line.split("\n")[0] for line in thread(office)]
    assert told == [f"<@{office.people['ana'].id}>: Sam answered: no"]
    assert (question(office).state, question(office).answer) == ("answered", "no")


@both
def test_bare_it_opens_its_form(office: Office) -> None:
    ana = say(office, "ana", "/cb ask")
    form = once_open(office, "ana", "Whom to ask")
    assert labels(form) == [
        "Whom to ask", "Question", "About which task", "Answers to choose from", "Answer due",
        "At (the practice's time)",
    ]  # fmt: skip
    sam = office.people["sam"]
    sent = ana.submit({"Whom to ask": sam, "Question": "Mrs. Brown, born 3/4/1961?"})
    assert list(sent.errors) == ["question"]
    sent = ana.submit({"Whom to ask": sam, "Question": "Which?", "Answers to choose from": "yes"})
    assert list(sent.errors) == ["choices"]
    sent = ana.submit({"Whom to ask": sam, "Question": "Which?", "Answers to choose from": "call 555-867-5309 / no"})
    assert list(sent.errors) == ["choices"]
    sent = ana.submit({"Whom to ask": office.people["ana"], "Question": "Which?", "Answers to choose from": ""})
    assert list(sent.errors) == ["person"]
    sent = ana.submit({
        "Whom to ask": sam, "Question": "Is the stem custom?",
        "About which task": f"{office.case.code}-2 Load the images",
        "Answers to choose from": "yes / no", "Answer due": "2026-11-05", "At (the practice's time)": "14:00",
    })  # fmt: skip
    assert sent.ok, sent.errors
    ana.see(f"Asked Sam about {office.case.code}-2. The answer is due Thu 5 Nov 2026 2:00 PM EST.")
    row = question(office)
    assert (row.task_id, row.choices, row.words) == (office.task(2).id, ["yes", "no"], "Is the stem custom?")


def test_what_the_command_said_stands_in_the_form(office: Office) -> None:
    office.say("ana", "/cb ask is the stem custom?")
    form = once_open(office, "ana", "Whom to ask")
    assert "is the stem custom?" in str(form)
    office.people["ana"].close_view(form["id"])
    office.say("ana", "/cb ask 2 @sam")
    form = once_open(office, "ana", "Question")
    assert office.people["sam"].id in str(form)
    assert f"{office.case.code}-2" in str(form["blocks"][0])
    office.people["ana"].close_view(form["id"])
    office.say("ana", "/cb ask was Mrs. Brown born 3/4/1961?")
    assert "Brown" not in str(once_open(office, "ana", "Whom to ask"))


def test_until_when_was_said_stands_in_the_form(office: Office) -> None:
    office.say("ana", "/cb ask @sam 2 by friday 14:00")
    form = once_open(office, "ana", "Question")
    assert '"initial_date": "2026-11-06"' in json.dumps(form)
    assert '"initial_time": "14:00"' in json.dumps(form)
    office.people["ana"].close_view(form["id"])
    said = office.say("ana", "/cb ask @sam 2 by monday")
    assert "Today is Monday. Nothing changed. Write today, or 2026-11-09" in said.text
    assert office.people["ana"].views() == []


def test_from_the_buttons_of_a_task_and_of_a_case(office: Office) -> None:
    ana = say(office, "ana", "/cb 2")
    ana.click("Ask about it")
    form = once_open(office, "ana", "Question")
    assert "About which task" not in labels(form)
    assert ana.submit({"Whom to ask": office.people["sam"], "Question": "Is the stem custom?"}).ok
    ana.see("Asked Sam about")
    assert question(office).task_id == office.task(2).id

    office.say("lea", "/case")
    lea = office.screen_of("lea")
    lea.click("Ask somebody")
    once_open(office, "lea", "About which task")
    assert lea.submit({"Whom to ask": office.people["bo"], "Question": "Did they call?"}).ok
    lea.see(f"Asked Bo about {office.case.code}.")
    assert question(office).task_id is None


def test_by_shortcut_on_a_message_and_from_anywhere(office: Office) -> None:
    office.sandbox.configure(shortcuts=manifest()["features"]["shortcuts"])
    ana = office.screen_of("ana")
    ana.person.message_shortcut(office.channel, post_about(office, 1), "ask_about_task")
    once_open(office, "ana", "Question")
    assert ana.submit({"Whom to ask": office.people["sam"], "Question": "Is the stem custom?"}).ok
    ana.see(f"Asked Sam about {office.case.code}-1")

    anywhere = office.sandbox.as_(office.people["ana"])
    anywhere.person.shortcut("my_tasks")
    anywhere.click("Ask somebody")
    once_open(office, "ana", "Case")
    anywhere.choose(office.case.code)
    once_open(office, "ana", "About which task")
    sent = anywhere.submit({"Case": office.case.code, "Whom to ask": office.people["bo"], "Question": "Did they call?"})
    assert sent.ok, sent.errors
    anywhere.see(f"Asked Bo about {office.case.code}.")


@both
def test_an_answer_in_words_and_that_it_is_not_for_oneself(office: Office, ticker: Ticker) -> None:
    office.say("ana", "/cb ask @sam: who assists?")
    deliver(office, ticker)
    sam = before_messages(office)
    sam.click("Answer …")
    form = once_open(office, "sam", "Your answer")
    assert "who assists?" in str(form)
    assert "patient data" in sam.submit({"Your answer": "I call her at 555-867-5309"}).errors["reason"]
    assert sam.submit({"Your answer": "Dr. Max and the fellow"}).ok
    until(lambda: question(office).answer == "Dr. Max and the fellow")

    office.say("ana", "/cb ask @sam: is the payer in network?")
    deliver(office, ticker)
    sam.click("Not for me …")
    once_open(office, "sam", "Whom to ask instead, or why not you")
    assert sam.submit({"Whom to ask instead, or why not you": "the front desk"}).ok
    until(lambda: question(office).state == "passed")
    deliver(office, ticker)
    assert "Sam says to Ana that it is not for them" in post_of_question(office)["text"]
    ana = office.screen_of("ana")
    ana.click("Ask somebody else …")
    once_open(office, "ana", "About which task")


def test_an_answer_that_comes_second_is_told_the_first(office: Office, ticker: Ticker) -> None:
    office.say("ana", "/cb ask @sam: is the stem custom? (yes / no)")
    deliver(office, ticker)
    [message] = posts(office, direct(office))
    asked, sam = question(office), office.people["sam"]
    for number, says in (
        (0, "Answered"),
        (0, "You answered that already: “yes”"),
        (1, "Sam answered that already: “yes”"),
    ):
        before = len(sam.ephemerals(direct(office)))
        sam.click(direct(office), message["ts"], f"{questions.CHOOSE}{number}", f"q:{asked.id} {number}")
        assert says in office.ephemeral("sam", direct(office), after=before)
    deliver(office, ticker)
    assert len(office.notices("replied")) == 1


def test_it_reminds_and_whoever_asked_hears_that_it_is_unanswered(
    office: Office, ticker: Ticker, clock: FixedClock
) -> None:
    office.say("ana", "/cb ask @sam: who assists?")
    deliver(office, ticker)
    for moment, count in (("2026-11-03T20:00", 2), ("2026-11-03T21:00", 2), ("2026-11-03T22:00", 3)):
        clock.move_to(datetime.fromisoformat(f"{moment}+00:00"))
        deliver(office, ticker)
        assert len(posts(office, direct(office))) == count, moment
    first, second, third = (message["text"].split("\n")[0] for message in posts(office, direct(office)))
    assert (first[:8], second[:8], third[:8]) == ("Question", "Reminder", "Due now:")
    [unanswered] = thread(office)
    assert unanswered.startswith(f"<@{office.people['ana'].id}>: Sam has not answered yet")
    sam = before_messages(office)
    sam.click("Answer …")
    once_open(office, "sam", "Your answer")
    assert sam.submit({"Your answer": "the fellow"}).ok
    until(lambda: question(office).state == "answered")


def test_home_has_what_is_asked_of_the_person_and_what_they_wait_for(office: Office) -> None:
    office.say("ana", "/cb ask @sam 2: is the stem custom? (yes / no)")
    ana = home_of(office, "ana")
    assert "Waiting on others: 1" in ana.see("asked Sam")
    sam = home_of(office, "sam")
    shown = sam.see("Needs you now: ")
    assert "Ana asks" in shown
    assert "is the stem custom?" in shown
    sam.click("yes")
    assert "is the stem custom?" not in sam.see("Answered")
    assert question(office).answer == "yes"

    office.say("ana", "/cb ask @sam: who assists?")
    ana = home_of(office, "ana")
    ana.see("asked Sam")
    ana.click("Take it back")
    ana.see("Took the question")
    assert question(office).state == "taken_back"


def test_the_digest_lists_it_to_decide_and_takes_the_answer_in_place(office: Office) -> None:
    office.say("ana", "/cb ask @sam 2: is the stem custom? (yes / no)")
    office.say("lea", "/cb ask @sam: who assists?")
    said = office.say("sam", "/cb digest")
    assert f"Decide: {office.case.code}-2 Ana asks: is the stem custom?, due" in said.text
    assert f"Decide: {office.case.code} Lea asks: who assists?, due" in said.text
    sam = office.screen_of("sam")
    sam.click("yes")
    sam.see("Answered")
    assert office.row("SELECT answer FROM questions ORDER BY id LIMIT 1").answer == "yes"
    assert "is the stem custom?" not in office.say("sam", "/cb digest").text


def test_taken_back_where_it_was_asked(office: Office, ticker: Ticker) -> None:
    ana = say(office, "ana", "/cb ask @sam: who assists?")
    deliver(office, ticker)
    office.screen_of("bo").click("Take it back")
    office.screen_of("bo").see("Ana asked that")
    assert question(office).state == "open"
    ana.click("Take it back")
    ana.see("Took the question")
    deliver(office, ticker)
    assert "is taken back by Ana" in posts(office, direct(office))[0]["text"]
    assert office.notices("replied") == [], "whoever took it back knows"


REFUSED = [
    ("ana", "/cb ask @nobody: who assists?", "not on the staff list", "no such person"),
    ("ana", "/cb ask @ana: who assists?", "cannot ask yourself", "oneself"),
    ("ana", "/cb ask @sam 77: who assists?", "no task 77", "no such task"),
    ("ana", "/cb ask @sam by 2026-10-30: who assists?", "That moment is over", "over"),
    ("ana", "/cb ask @sam by in 40 weeks: who assists?", "more than 90 days", "too far away"),
    ("ana", "/cb ask @sam: who? (yes/)", "2 to 5 choices", "one choice"),
    ("ana", "/cb ask @sam: is Mrs. Brown, born 3/4/1961, ready?", "patient data", "patient data"),
]


@pytest.mark.parametrize(("who", "line", "says", "why"), REFUSED, ids=[row[3] for row in REFUSED])
def test_what_is_refused_changes_nothing(office: Office, who: str, line: str, says: str, why: str) -> None:
    before = office.fingerprint()
    answer = office.say(who, line)
    assert says in answer.text, why
    assert "Nothing" in answer.text
    assert office.fingerprint() == before


def test_who_does_not_work_in_the_case_opens_no_form(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET roles = '{admin}' WHERE name = 'Cy'"))
    assert "do not work in case" in office.say("cy", "/cb ask").text
    assert office.people["cy"].views() == []


def test_buttons_with_values_that_are_none_of_ours_are_turned_away(office: Office) -> None:
    pressed = [(f"{questions.CHOOSE}0", "q:x"), (questions.BACK, "t:1")]
    ts = office.post([blocks.actions(*(blocks.button("Press", *each, label="Press") for each in pressed))])
    for number, (action, value) in enumerate(pressed):
        office.people["ana"].click(office.channel, ts, action, value)
        assert "out of date" in office.ephemeral("ana", after=number)
