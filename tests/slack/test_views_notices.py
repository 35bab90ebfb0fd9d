"""Messages: complete as text, safe, short, and they call only those who have to act."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.notices.models import NOTICE_KINDS
from app.notices.port import Letter, Message
from app.settings import ROOT
from app.slack import limits
from app.slack.errors import InvalidMessage
from app.slack.views import notices
from app.slack.views.notices import MOST_TASKS

NAMES = {"U0ANA": "Ana Diaz", "U0BO": "Bo Li", "U0LEA": "Lea Roth"}
DUE = "2026-12-03T22:00:00+00:00"
BASE = {"code": "K7Q4", "zone": "America/New_York"}
ID = UUID(int=7)
MENTION = re.compile(r"<@([A-Z0-9]+)>")


def task(no: int = 12, **changed: Any) -> dict[str, Any]:
    made = {
        "id": 100 + no, "no": no, "title": "Read the chart", "item": "TB1", "clock": "due", "deadline": DUE,
        "holder": "U0ANA", "state": "claimed", "waiting_on": None, "roles": ["va"],
        "evidence": {"kind": "reference", "label": "Agenda line", "choices": []},
    }  # fmt: skip
    return made | changed


def handed(no: int, **changed: Any) -> dict[str, Any]:
    return {"id": 100 + no, "no": no, "title": "Read the chart", "deadline": DUE} | changed


def answered(no: int, state: str) -> dict[str, Any]:
    return {"no": no, "title": "Read the chart", "deadline": DUE, "handoff": 500 + no, "state": state}


ASKED = {
    "id": 7, "code": "K7Q4", "task": 112, "no": 12, "title": "Load the images", "words": "Is the stem custom?",
    "choices": ["yes", "no"], "due": DUE, "from": "U0ANA", "to": "U0BO", "state": "open", "answer": None, "by": None,
}  # fmt: skip
ANSWERED = ASKED | {"state": "answered", "answer": "yes", "by": "U0BO"}
HELD_TASK = {
    "id": 112, "no": 12, "title": "Load the images", "deadline": DUE, "state": "claimed", "holder": "U0ANA",
}  # fmt: skip
EXAMPLES: dict[str, dict[str, Any]] = {
    "opened": {"by": "U0ANA"},
    "closed": {"by": "U0LEA", "reason": "moved to another centre"},
    "reminder": {"tasks": [task()], "to": ["U0ANA"]},
    "breach": {"tasks": [task()], "to": ["U0ANA"]},
    "escalation": {"tasks": [task()], "to": ["U0ANA", "U0LEA"], "step": 1, "role": "lead"},
    "catch_up": {"tasks": [task()], "to": ["U0ANA"], "since": DUE},
    "assigned": {"tasks": [task()], "to": "U0ANA", "by": "U0LEA"},
    "handoff": {"tasks": [handed(12)], "from": "U0ANA", "to": "U0BO", "note": "watch the fax", "handoffs": [512]},
    "answer": {
        "of": str(ID), "tasks": [answered(12, "accepted")], "from": "U0ANA", "to": "U0BO", "note": "watch the fax",
        "accepted": True,
    },
    "declined": {"of": str(ID), "tasks": [handed(12)], "from": "U0ANA", "to": "U0BO", "reason": "no time today"},
    "replan": {
        "by": "U0LEA", "name": "surgery", "old": "2026-12-03", "new": "2026-12-10 07:30", "moved": 3,
        "lines": [{"no": 12, "title": "Read the chart", "old": DUE, "new": DUE}], "more": 2, "started": [],
    },
    "released": {"tasks": [task() | {"state": "ready", "holder": None, "word": "asked twice"}], "by": "U0ANA"},
    "covered": {"tasks": [task()], "from": "U0BO", "to": "U0ANA", "until": "2026-12-04", "back": False},
    "away": {"head": "You cover for Bo until Fri 4 Dec", "lines": ["Yours meanwhile:", "K7Q4-12 Read the chart."]},
    "given": {"tasks": [task() | {"code": "K7Q4", "late": True}], "by": "U0LEA"},
    "trouble": {"problems": ["The channel was archived."]},
    "welcome": {"name": "Ana Diaz", "program": "North Clinic", "role": "va"},
    "extended": {
        **BASE,
        "tasks": [HELD_TASK],
        "to": "U0ANA",
        "reason": "disc comes late",
        "by": "U0LEA",
    },
    "called": {
        **BASE,
        "tasks": [HELD_TASK],
        "to": ["U0LEA"],
        "by": "U0ANA",
    },
    "question": {"questions": [ASKED], "stage": "asked"},
    "asked": {"questions": [ASKED]},
    "settled": {"questions": [ANSWERED], "of": str(ID)},
    "replied": {"questions": [ANSWERED], "of": str(ID), "to": "U0ANA", "outcome": "answered"},
    "held_back": {
        "tasks": [task() | {"code": "K7Q4"}], "questions": [ASKED], "to": "U0ANA", "since": DUE, "timers": 1,
    },
    "digest": {
        "day": "2026-12-01",
        "decide": {"total": 1, "lines": [
            {"what": "attest", "code": "K7Q4", "task": 112, "no": 12, "title": "Sign the summary", "due": DUE},
        ]},
        "at_risk": {"total": 0, "lines": []},
        "changed": {"total": 0, "lines": []},
        "coming": {"total": 0, "lines": []},
    },
}  # fmt: skip
EXAMPLES["digested"] = EXAMPLES["digest"] | {"of": str(ID)}


def draw(kind: str, **changed: Any) -> Message:
    return notices.notice(Letter(ID, kind, BASE | EXAMPLES[kind] | changed, NAMES))


def buttons(message: Message) -> list[tuple[str, str]]:
    """Action and value of each button, and of each menu what it offers."""
    found = [
        element
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]  # type: ignore[attr-defined]
    ]
    return [(each["action_id"], each.get("value") or _offered(each)) for each in found]


def _offered(menu: dict[str, Any]) -> str:
    return ", ".join(option["value"] for option in menu["options"])


def everything(message: Message) -> str:
    return message.text + json.dumps(list(message.blocks), ensure_ascii=False)


def test_every_kind_but_the_card_has_its_message() -> None:
    # A report's comes with files, and has its own tests (test_sla).
    assert set(EXAMPLES) == set(NOTICE_KINDS) - {"card", "report", "track"}


@pytest.mark.parametrize("kind", list(EXAMPLES))
def test_every_message_is_one_that_slack_takes_and_names_the_case(kind: str) -> None:
    message = draw(kind)
    assert limits.problems(message.text, message.blocks) == []
    assert "K7Q4" in message.text or kind == "welcome"


CALLED = {
    "opened": set(),
    "closed": set(),
    "reminder": {"U0ANA"},
    "breach": {"U0ANA"},
    "escalation": {"U0ANA", "U0LEA"},
    "catch_up": {"U0ANA"},
    "assigned": {"U0ANA"},
    "handoff": {"U0BO"},
    "answer": set(),
    "declined": {"U0ANA"},
    "released": set(),
    "covered": set(),
    "away": set(),
    "welcome": set(),
    "replan": set(),
    "trouble": set(),
    "given": set(),
    "extended": {"U0ANA"},
    "called": {"U0LEA"},
    "digest": set(),
    "digested": set(),
    "question": set(),
    "asked": set(),
    "settled": set(),
    "replied": {"U0ANA"},
    "held_back": set(),
}


@pytest.mark.parametrize(("kind", "called"), list(CALLED.items()))
def test_only_those_who_have_to_act_are_called(kind: str, called: set[str]) -> None:
    message = draw(kind)
    assert set(MENTION.findall(message.text)) == called
    assert set(MENTION.findall(json.dumps(list(message.blocks)))) == called


def test_a_holder_who_is_not_asked_is_named_and_not_called() -> None:
    message = draw("escalation", to=["U0LEA"])
    assert set(MENTION.findall(everything(message))) == {"U0LEA"}
    assert "with Ana Diaz" in message.text


def test_whoever_hands_off_is_named_and_not_called() -> None:
    assert "<@U0BO> accept or decline: Ana Diaz hands you this task" in draw("handoff").text


def test_nobody_is_called_to_claim_or_assign_what_is_blocked() -> None:
    blocked = task(state="blocked", holder=None, waits_for=["K7Q4-3", "K7Q4-4", "K7Q4-5", "K7Q4-6"])

    late = draw("breach", tasks=[blocked], to=[]).text
    assert "held up by other tasks: finish those first" in late
    assert "waits for K7Q4-3, K7Q4-4, K7Q4-5 …" in late
    assert "claim it" not in late
    escalated = draw("escalation", tasks=[blocked], to=["U0LEA"]).text
    assert "see who finishes what it waits for" in escalated
    assert "Sort out*" not in escalated
    assert "claim it" in draw("breach", tasks=[blocked, task(13, state="ready", holder=None)], to=[]).text


def test_the_holder_is_told_once_more_before_others_are() -> None:
    message = draw("escalation", to=["U0ANA"], role="assignee")
    assert message.text.startswith("Still overdue · K7Q4: <@U0ANA>: finish it, hand it off or say who you wait for")
    assert message.text.casefold().count("overdue") == 1
    assert "told to" not in message.text
    assert "nobody has it: claim it" in draw("escalation", to=[], role="assignee").text


def test_a_post_says_once_that_it_is_overdue_and_names_the_button_that_gives_it_to_somebody() -> None:
    free = task(state="ready", holder=None, late=True)
    late = draw("breach", tasks=[free], to=[])
    assert late.text.startswith("Overdue · K7Q4: nobody has it: claim it")
    assert late.text.casefold().count("overdue") == 1
    escalated = draw("escalation", tasks=[free], to=["U0LEA"])
    assert "told to the lead: step in, or give it to somebody or more time with *Sort out*" in str(escalated.blocks)
    assert "/cb assign" not in everything(escalated)
    assert any(action == "late_sort_out" for action, _ in buttons(escalated))


@pytest.mark.parametrize("kind", ["reminder", "breach"])
def test_what_is_for_others_than_vas_says_for_whom(kind: str) -> None:
    signed = task(state="ready", holder=None, roles=["surgeon", "clinician"])
    alone = draw(kind, tasks=[signed], to=[]).text
    assert "a clinician or a surgeon may claim it" in alone
    assert "nobody has it, for a clinician or a surgeon" in alone
    both = draw(kind, tasks=[signed, task(13, state="ready", holder=None, roles=["va", "lead"])], to=[]).text
    assert ": claim it" in both
    assert both.splitlines()[-1].endswith("nobody has it")


HELD = [("task_done", "t:112"), ("task_handoff", "t:112")]
SNOOZE = ("form_snooze", "snooze t:112")
DEEDS = "wait t:112, release t:112, skip t:112, assign t:112"
CHOSEN = [("question_choose_0", "q:7 0"), ("question_choose_1", "q:7 1")]
BUTTONS = [
    ("reminder", {"tasks": [task(state="claimed")]}, [*HELD, SNOOZE, ("task_more", DEEDS)], "held"),
    ("reminder", {"tasks": [task(state="waiting", waiting_on="payer")]},
     [*HELD, SNOOZE, ("task_more", f"resume t:112, {DEEDS}")],
     "waits"),
    ("breach", {"tasks": [task(state="ready", holder=None)], "to": []},
     [("task_claim", "t:112"), ("task_more", "assign t:112, skip t:112")], "nobody has it"),
    ("reminder", {"tasks": [task(state="blocked", holder=None)]}, [("case_tasks", "c:K7Q4")], "blocked"),
    ("handoff", {}, [("handoff_accept", "h:512"), ("handoff_decline", "h:512")], "offered"),
    ("answer", {}, [], "answered"),
    ("opened", {}, [("case_tasks", "c:K7Q4")], "nothing in particular"),
    ("declined", {}, [], "only news"),
    ("question", {}, [*CHOSEN, ("question_answer", "q:7"), ("question_pass", "q:7")], "asked, with choices"),
    ("question", {"questions": [ASKED | {"choices": []}], "stage": "due"},
     [("question_answer", "q:7"), ("question_pass", "q:7")], "asked, due"),
    ("held_back", {"questions": []}, [*HELD, SNOOZE, ("task_more", DEEDS)], "held back"),
    ("asked", {}, [("question_back", "q:7")], "asked"),
    ("settled", {}, [], "settled"),
    ("replied", {}, [], "answered"),
    ("replied", {"questions": [ASKED], "outcome": "unanswered"},
     [("form_ask_task", "ask_task t:112"), ("question_back", "q:7")], "unanswered"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "changed", "expected", "why"), BUTTONS)
def test_a_message_has_the_buttons_of_what_can_be_done_next(
    kind: str, changed: dict[str, Any], expected: list[tuple[str, str]], why: str
) -> None:
    assert buttons(draw(kind, **changed)) == expected


def test_a_list_is_read_and_has_no_menus() -> None:
    few, many = (draw("reminder", tasks=[task(no) for no in range(1, count + 1)]) for count in (3, 4))
    assert len([action for action, _ in buttons(few) if action == "task_more"]) == 3
    assert "task_more" not in dict(buttons(many))


def test_an_answered_handoff_keeps_buttons_only_for_what_is_still_offered() -> None:
    message = draw("answer", tasks=[answered(12, "declined"), answered(13, "offered"), answered(14, "withdrawn")])
    assert buttons(message) == [("handoff_accept", "h:513"), ("handoff_decline", "h:513")]
    assert "declined" in message.text
    assert "no longer offered" in message.text


def test_a_wait_is_said_with_whom_it_is_for() -> None:
    assert "waits for the tissue bank" in draw("breach", tasks=[task(state="waiting", waiting_on="tissue_bank")]).text


def test_our_own_target_is_told_apart_from_a_due_date() -> None:
    both = draw("reminder", tasks=[task(12, which="by our own target"), task(13)]).text.splitlines()
    assert [" · due <!date" in line for line in both] == [False, True, True], "each is due: the nearest counts"
    assert [line.endswith(" by our own target") for line in both] == [False, True, False]


FRIDAY = "<!date^1780088400^{date_short_pretty} {time}|Fri 29 May 2026 5:00 PM EDT>"
THEN = "2026-05-29T21:00:00+00:00"


@pytest.mark.parametrize(("deadline", "was", "once_running", "words"), [
    (THEN, None, None, f" It is due {FRIDAY}."),
    (THEN, THEN, None, f" It is due {FRIDAY}, was {FRIDAY}."),
    (None, None, THEN, f" Its own clock is paused: once it runs again, it has until {FRIDAY}."),
    (THEN, None, THEN, f" It is due {FRIDAY}. Its own clock is paused: once it runs again, it has until {FRIDAY}."),
    (None, None, None, ""),
])  # fmt: skip
def test_more_time_is_told_with_each_moment_that_it_is_until(
    deadline: str | None, was: str | None, once_running: str | None, words: str
) -> None:
    message = draw("extended", tasks=[task(deadline=deadline)], was=was, once_running=once_running)
    said = f"<@U0ANA>: more time for *K7Q4-12* Read the chart by Lea Roth.{words}"
    assert message.blocks[0]["text"]["text"] == said  # type: ignore[index]


def test_a_reminder_says_once_that_it_is_one() -> None:
    for to in (["U0ANA"], []):
        assert draw("reminder", to=to).text.casefold().count("due soon") == 1


def test_a_moment_is_shown_in_the_reader_s_zone_with_the_program_s_as_its_fallback() -> None:
    assert "<!date^1796335200^{date_short_pretty} {time}|Thu 3 Dec 2026 5:00 PM EST>" in draw("reminder").text


@pytest.mark.parametrize("count", [MOST_TASKS, MOST_TASKS + 1, 24, 300])
@pytest.mark.parametrize("kind", ["reminder", "breach", "escalation", "catch_up"])
def test_a_long_list_is_cut_and_says_by_how_much(kind: str, count: int) -> None:
    message = draw(kind, tasks=[task(no) for no in range(1, count + 1)])
    assert limits.problems(message.text, message.blocks) == []
    shown = len([action for action, _ in buttons(message) if action == "task_done"])
    assert shown <= MOST_TASKS
    blocks = json.dumps(list(message.blocks), ensure_ascii=False)
    left_out = count - shown
    if left_out:
        assert f"… and {left_out} more task{'' if left_out == 1 else 's'}" in blocks
    else:
        assert "… and" not in blocks


@pytest.mark.parametrize("count", [11, 40])
def test_a_long_handoff_says_how_to_take_all(count: int) -> None:
    numbers = range(1, count + 1)
    message = draw("handoff", tasks=[handed(no) for no in numbers], handoffs=[500 + no for no in numbers])
    assert limits.problems(message.text, message.blocks) == []
    assert f"and {count - MOST_TASKS} more" in everything(message)
    assert "accept all" in everything(message)


REPLANS = [
    ("2026-12-03", "2026-12-10 07:30", "Surgery moved from Thu 3 Dec 2026 to Thu 10 Dec 2026 7:30 AM"),
    (None, "2026-12-10", "Surgery is set for Thu 10 Dec 2026"),
    ("2026-12-03", None, "Surgery date taken away (was Thu 3 Dec 2026)"),
]


@pytest.mark.parametrize(("old", "new", "words"), REPLANS)
def test_a_replan_says_what_moved_and_how_much_hangs_on_it(old: str | None, new: str | None, words: str) -> None:
    message = draw("replan", old=old, new=new)
    assert words in message.text
    assert "3 deadlines changed." in message.text
    assert "… and 2 more" in message.text


def test_a_deadline_that_came_or_went_is_said_as_such() -> None:
    lines = [{"no": 1, "title": "A", "old": None, "new": DUE}, {"no": 2, "title": "B", "old": DUE, "new": None}]
    text = draw("replan", lines=lines, more=0, started=["Board packet"]).text
    assert "K7Q4-2 B: no deadline now" in text
    assert "K7Q4-1 A: due <!date" in text
    assert ", was" not in text
    assert "Started: Board packet" in text
    assert "No deadline changed" not in draw("replan", moved=0, lines=[], more=0, started=["Board packet"]).text


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("reminder", {"tasks": []}),
        ("reminder", {"tasks": "all"}),
        ("breach", {"tasks": [{"no": 1}]}),
        ("handoff", {"to": None}),
        ("replan", {"moved": "many"}),
        ("trouble", {"problems": []}),
        ("reminder", {"tasks": [task(deadline="2026-12-03T17:00:00")]}),
    ],
)
def test_a_payload_that_cannot_be_drawn_is_refused_without_repeating_it(kind: str, changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage) as raised:
        draw(kind, **changed)
    assert "many" not in str(raised.value)
    assert "2026" not in str(raised.value)


def test_a_kind_that_nobody_draws_is_refused() -> None:
    with pytest.raises(InvalidMessage):
        notices.notice(Letter(ID, "party", BASE, NAMES))


hostile = st.text(
    alphabet=st.one_of(
        st.sampled_from("<>&@#!|*_`~^\n\r\t\u202e"), st.characters(codec="utf-8", exclude_categories=["Cs"])
    ),
    min_size=1,
    max_size=400,
)
LOUD = re.compile(r"<!(?:channel|here|everyone|subteam)|<(?:https?|mailto|#)")
CRY = "<!channel> <!here> <!everyone> <!subteam^S1> @channel <@U0EVIL> <https://example.org|x> <#C1>"
"""What nobody can make a message say. Slack reads a bare `@channel` of an app as words."""
OURS = {*NAMES, DUE, "K7Q4", str(ID), BASE["zone"]}


def cried(value: Any) -> Iterator[Any]:
    """The payload with one of its texts after the other replaced by a cry; ids, moments and names stay."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from (value | {key: other} for other in cried(part))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from ([*value[:number], other, *value[number + 1 :]] for other in cried(part))
    elif isinstance(value, str) and value not in OURS:
        yield CRY


def formatted(message: Message) -> str:
    """All that Slack looks for mentions and links in; what is written on a button is plain."""

    def texts(part: object) -> Iterator[str]:
        if isinstance(part, Mapping) and part.get("type") == "mrkdwn":
            yield str(part["text"])
        elif isinstance(part, Mapping):
            yield from (found for value in part.values() for found in texts(value))
        elif isinstance(part, list):
            yield from (found for value in part for found in texts(value))

    return "\n".join([message.text, *texts(list(message.blocks))])


@pytest.mark.parametrize("kind", list(EXAMPLES))
def test_no_kind_of_message_calls_everybody_whatever_stands_in_it(kind: str) -> None:
    """Each text of each kind's payload in turn, and everybody's name: only who is concerned is called."""
    names, drawn = dict.fromkeys(NAMES, CRY), 0
    for payload in cried(BASE | EXAMPLES[kind]):
        try:
            message = notices.notice(Letter(ID, kind, payload, names))
        except InvalidMessage:
            continue  # it is no free text, and the notice is refused
        drawn += 1
        shown = formatted(message)
        assert LOUD.search(shown) is None, payload
        assert set(MENTION.findall(shown)) <= CALLED[kind], payload
    assert drawn or not list(cried(EXAMPLES[kind])), "there was something to replace"


def test_the_product_nowhere_writes_a_call_to_everybody() -> None:
    sources = [*(ROOT / "app").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    assert len(sources) > 100
    loud = re.compile(r"<!(?:channel|here|everyone|subteam)|@(?:channel|here|everyone)")
    found = [path.relative_to(ROOT).as_posix() for path in sources if loud.search(path.read_text("utf-8"))]
    assert found == ["app/kernel/textsafety.py"], "where it is taken apart"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=hostile, name=hostile, count=st.integers(1, 30))
def test_no_words_break_out_of_a_message(text: str, name: str, count: int) -> None:
    """Whatever somebody typed: nobody is called, nothing is linked, and Slack takes the message."""
    names = {"U0ANA": name, "U0BO": name, "U0LEA": name}
    tasks = [task(no, title=text, waiting_on=text) for no in range(count)]
    loud = f"{text}<!channel><@U0EVERY><https://example.org|x>"
    changes: dict[str, dict[str, Any]] = {
        "reminder": {"tasks": tasks, "to": ["U0ANA"]},
        "escalation": {"tasks": tasks, "to": ["U0LEA"], "role": loud},
        "handoff": {"note": loud, "tasks": [handed(12, title=loud)]},
        "answer": {"note": loud, "reason": loud},
        "declined": {"reason": loud},
        "replan": {"name": loud, "old": loud, "new": loud, "started": [loud]},
        "released": {"tasks": [task() | {"state": "ready", "holder": None, "word": "asked twice"}], "by": "U0ANA"},
        "trouble": {"problems": [loud] * 20},
        "held_back": {
            "tasks": [one | {"code": "K7Q4"} for one in tasks or [task()]],
            "questions": [ASKED | {"words": loud, "title": text}] * count,
        },
        "opened": {},
        "question": {"questions": [ASKED | {"words": loud, "title": text}] * count},
        "asked": {"questions": [ASKED | {"words": loud, "title": loud}]},
        "settled": {"questions": [ANSWERED | {"words": loud, "answer": loud}]},
        "replied": {"questions": [ANSWERED | {"words": loud, "answer": loud}]},
    }
    for kind, changed in changes.items():
        message = notices.notice(Letter(ID, kind, BASE | EXAMPLES[kind] | changed, names))
        assert limits.problems(message.text, message.blocks) == []
        shown = everything(message)
        assert LOUD.search(shown) is None
        assert set(MENTION.findall(shown)) <= {"U0ANA", "U0BO", "U0LEA"}


def test_trouble_with_many_lines_is_one_message_that_shows_or_counts_them_all() -> None:
    lines = [f"K7Q4-{no} {'T' * 80}" for no in range(400)]
    for count in (100, 400):
        message = draw("trouble", problems=lines[:count])
        assert limits.problems(message.text, message.blocks) == []
        shown = [line for line in lines[:count] if f"• {line}" in str(message.blocks)]
        assert shown == lines[: len(shown)]
        if count == 100:
            assert len(shown) == count
        else:
            assert f"… and {count - len(shown)} more lines" in str(message.blocks)


def test_tasks_of_one_handoff_may_each_have_their_own_word() -> None:
    brief = {"note": "asked twice", "urgency": "now", "to_do": None, "watch": None}
    message = draw("handoff", tasks=[handed(12) | {"brief": brief}, handed(13) | {"brief": brief | {"note": "new"}}],
                   handoffs=[512, 513], note="")  # fmt: skip
    assert limits.problems(message.text, message.blocks) == []
    shown = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]  # type: ignore[index]
    assert "No note" not in str(shown), "nothing is said for all"
    assert ["*Urgent: it cannot wait.*\nWhere it stands: asked twice" in text for text in shown] == [False, True, False]
    assert "Where it stands: new" in shown[2]

    answer = draw("answer", tasks=[answered(12, "offered") | {"brief": brief}, answered(13, "accepted")], note="")
    assert limits.problems(answer.text, answer.blocks) == []
    assert "Where it stands: asked twice" in answer.text


def test_what_went_back_to_the_pool_shows_the_last_word_and_can_be_claimed() -> None:
    message = draw("released")
    assert "> asked twice" in message.text
    assert "(by Ana" in message.text
    assert ("task_claim", "t:112") in buttons(message)


def test_who_covers_and_who_is_back() -> None:
    assert "Bo Li is away until Fri 4 Dec 2026; Ana Diaz covers" in draw("covered").text
    free = task(state="ready", holder=None)
    assert "Bo Li is away today; Ana Diaz covers" in draw("covered", today=True).text
    assert "Bo Li is away until Fri 4 Dec 2026: claim what" in draw("covered", tasks=[free], to=None).text
    assert "Bo Li is back and has this task again" in draw("covered", back=True).text
    assert "/cb back" in draw("away", lines=["To be back sooner: back"]).text
