"""`./dev soak fuzz`: commands, buttons, forms, shortcuts and events as nobody would send them, to the real Bolt app.

Each story is a fresh practice and up to twenty deliveries, by its people, by somebody switched off and by strangers.
After each: the app answered and logged no failure; what changed is in the audit record, by whoever acted, and within
their authority as docs/commands.md states it, worked out here anew; and nothing that is answered, opened or posted
holds a mention or a link that was typed, or would be refused by Slack. A story that breaks is shortened by Hypothesis.
"""

import argparse
import json
import logging
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from slack_bolt import BoltRequest
from sqlalchemy import Engine, text

from app.cases.card import card_of
from app.cases.dates import set_date
from app.cases.details import details_of
from app.cases.service import open_case
from app.checklists import library
from app.checklists.vocabulary import Awaited, ComponentKind, EvidenceKind, Role, Supply
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.kernel.keydates import KEY_DATES
from app.migrate import migrate
from app.notices.port import Letter
from app.programs import calendars, escalations, persons
from app.questions.service import ask
from app.settings import Settings
from app.slack import limits
from app.slack.answer import Answer
from app.slack.app import build_app
from app.slack.connections import Connections
from app.slack.listeners.afterwards import Afterwards
from app.slack.listeners.events import CHANGES
from app.slack.listeners.inbox import BROKEN
from app.slack.listeners.shortcuts import SHORTCUTS
from app.slack.listeners.views import FORMS
from app.slack.port import SlackPort
from app.slack.verbs import COMMANDS, SYNONYMS, USAGE, main_command
from app.slack.views import blocks as draw
from app.slack.views import card as cards
from app.slack.views import (
    case_forms,
    modals,
    notices,
    question_forms,
    questions,
    reminding,
    task_forms,
    track,
)
from app.slack.views import settings as settings_forms
from app.store.embedded import embedded
from app.store.engine import make_engine
from app.store.uow import Store
from app.tasks.service import claim
from tests.world import World, make_world

MONDAY = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
STEPS = 20
PLANNERS = {Role.VA, Role.LEAD, Role.NAVIGATOR, Role.SURGEON, Role.CLINICIAN, Role.MANAGER, Role.ADMIN}
LEADS = {Role.LEAD, Role.MANAGER}
BILLED = {"claim_filed", "denial_received"}
POISON = (
    "<@UEVIL0001>", "<!channel>", "<!here>", "@everyone", "@here", "<http://evil.example|click>", "*bold",
    "http://evil.example/x", "&lt;!channel&gt;", "<#C0EVIL|general>", "`", "<!date^1^{date}|x>", "Mrs. Brown", "\x00",
    "\u202e", "<mailto:a@evil.example|a>", "&amp;", "𝟙𝟚", "'; DROP TABLE tasks; --", "DOB 3/4/1961",
)  # fmt: skip
TYPED = re.compile(
    r"<@(?!\w*U0PEOPLE)[^>]*>|<!(?!date\^\d+\^\{date_short_pretty\} \{time\}\|)|<#|<[a-z]+:|(?<!\u2060)://"
    r"|@(?:channel|here|everyone)\b",
    re.IGNORECASE,
)
"""What Slack would make a mention or a link of, and no template of ours holds."""
BLOCKS = (
    modals.EVIDENCE, modals.REFERENCE, modals.PERSON, modals.NOTE, modals.REASON, modals.TASK, modals.CASE,
    task_forms.AWAITED, case_forms.NAME, case_forms.DAY, case_forms.TIME, case_forms.CLEAR, case_forms.WAIVER,
    case_forms.WHAT, case_forms.NUMBER, case_forms.KIND, case_forms.PART, case_forms.CUSTOM, case_forms.SUPPLY,
    case_forms.SURGEON, case_forms.LEAD, question_forms.QUESTION, question_forms.CHOICES,
    reminding.LEAD, reminding.WORDS, reminding.FROM, reminding.UNTIL, reminding.ZONE,
    "part-1", "custom-1", "supply-1",
)  # fmt: skip
ON_QUESTION = (questions.ANSWER, questions.NOT_MINE, questions.BACK, f"{questions.CHOOSE}0", f"{questions.CHOOSE}1")
ACTIONS = (
    draw.CLAIM, draw.DONE, draw.HANDOFF, draw.ACCEPT, draw.DECLINE, draw.TASKS, draw.SHOW_CASE, draw.MORE, draw.DIGEST,
    draw.START, draw.DETAILS, draw.REOPEN,
    draw.HELP, "form_date", "form_component", "form_wait", "form_open", "form_close", "form_people", "form_shift",
    "form_spread", "form_away", "absence_back", "kind", "name", *ON_QUESTION, "form_ask_task", "form_ask_case",
    "form_snooze", "form_remind", "form_quiet", reminding.WAKE,
    *(f"form_{name}" for name in FORMS if FORMS[name].kind == "p"),
)  # fmt: skip
DEEDS = (*FORMS, "claim", "release", "resume")
AUDIT = text(
    "SELECT seq, actor_id AS staff_id, action, object_id, case_id FROM audit_entries"
    " WHERE program_id = :program AND seq > :seq AND result <> 'refused' ORDER BY seq"
)
LAST = text("SELECT coalesce(max(seq), 0) FROM audit_entries WHERE program_id = :program")
TASKS = text(
    "SELECT t.id, t.track_id AS track, t.no, t.state, t.holder_id, t.closed_by, t.roles, t.skill, t.item_id,"
    " k.id AS version, k.digest,"
    " (SELECT to_id FROM handoffs h WHERE h.task_id = t.id AND h.state = 'offered') AS offered_to FROM tasks t"
    " JOIN tracks r ON r.id = t.track_id JOIN checklist_versions k ON k.id = r.checklist_version_id"
    " WHERE t.program_id = :program"
)
STATE = text(
    "SELECT (SELECT string_agg(concat_ws(':', id, version, state, holder_id, waiting_on, reason), ',' ORDER BY id)"
    "  FROM tasks WHERE program_id = :program)"
    " || (SELECT string_agg(concat_ws(':', id, state, surgeon_id, lead_id), ',' ORDER BY id) FROM cases"
    "  WHERE program_id = :program)"
    " || coalesce((SELECT string_agg(concat_ws(':', case_id, name, day, at), ',' ORDER BY case_id, name)"
    "  FROM key_dates WHERE program_id = :program), '')"
    " || coalesce((SELECT string_agg(concat_ws(':', id, part, custom, supply, withdrawn_at), ',' ORDER BY id)"
    "  FROM components WHERE program_id = :program), '')"
    " || coalesce((SELECT string_agg(concat_ws(':', id, state), ',' ORDER BY id) FROM handoffs"
    "  WHERE program_id = :program), '')"
    " || coalesce((SELECT string_agg(concat_ws(':', id, state, answer, next_at), ',' ORDER BY id) FROM questions"
    "  WHERE program_id = :program), '') || (SELECT count(*) FROM notices WHERE program_id = :program)"
    " || (SELECT string_agg(concat_ws(':', id, quiet_from, quiet_until, zone), ',' ORDER BY id) FROM staff"
    "  WHERE program_id = :program)"
)
ASKED = text("SELECT id, asker_id, to_id, state FROM questions WHERE program_id = :program ORDER BY id")
NOTICES = text("SELECT seq, id, kind, payload FROM notices WHERE program_id = :program AND seq > :seq ORDER BY seq")
numbers = count(1)


class Heard(Afterwards):
    """Keeps what would be said to Slack after an acknowledgement, at once and in its order."""

    def __init__(self, store: Store) -> None:
        super().__init__(Connections(store, SlackPort("", "http://127.0.0.1:9/")))
        self.said: list[dict[str, Any]] = []

    def respond(self, url: str, answer: Answer, *, replace: bool = False) -> None:
        self.said.append({"text": answer.text, "blocks": list(answer.blocks), "to": url, "replace": replace})

    def call(self, team: str, method: str, **arguments: object) -> None:
        self.said.append({"team": team, "method": method} | arguments)


class Failures(logging.Handler):
    """Keeps what was logged as failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@dataclass
class Tally:
    """What the stories did."""

    deliveries: int = 0
    stories: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    drawn: int = 0
    opened: int = 0
    broke: bool = False


@dataclass(frozen=True)
class Step:
    """One delivery before it meets a practice: `refs` choose among what is there then."""

    kind: str
    who: int
    a: str
    b: str
    refs: tuple[int, int]
    held: Mapping[str, Any]


# What is sent

words = st.one_of(
    st.sampled_from([*USAGE, *SYNONYMS]),
    st.sampled_from(["{no}", "{no}", "#{no}", "{name}", "{code}", "@ana", "@bo", "{user}", "all", "next", "now"]),
    st.sampled_from([*KEY_DATES.values(), "2026-12-03", "fri", "07:30", "clear", "waive", "tomorrow"]),
    st.sampled_from([*ComponentKind, *Supply, *Awaited, "add", "change", "remove", "custom", "1", "2", "ref", "yes"]),
    st.sampled_from(["because", "ABC-1", "what's", "late", "who", "has", "mine", "free", "portal", "please"]),
    st.sampled_from(POISON),
    st.text(max_size=8),
)
meant = st.sampled_from([example for usage in USAGE.values() for example in usage.examples]).map(
    lambda example: re.sub(r"(?:K7Q4-)?\b12\b", "{no}", example, count=1).replace("K7Q4", "{code}")
)
lines = st.one_of(meant, st.lists(words, max_size=7).map(" ".join))
values = st.one_of(
    st.sampled_from(
        ["t:{id}", "h:{offer}", "c:{code}", "u:{staff}", "t:{id}", "", "t:", "h:{id}", "t:999999999999999999"]
    ),
    st.sampled_from(["q:{question}", "q:{question} 0", "q:{question} 1", "q:{question} 9", "q:7", "ask_case c:{case}"]),
    st.sampled_from(["r:{track}", "r:7", "r:", "free", "sla", "c:{case}", "p:0"]),
    st.tuples(
        st.sampled_from(DEEDS),
        st.sampled_from(["t:{id}", "c:{case}", "c:0", "t:0", "h:{offer}", "q:{question}", "p:0", "s:{staff}", "x:1"]),
    ).map(" ".join),
    st.tuples(st.sampled_from(list(KEY_DATES)), st.sampled_from(["", "-1", "-9999"])).map(
        lambda pair: f"date c:{{case}} {pair[0]}{pair[1]}"
    ),
    st.sampled_from(["component c:{case} change-1", "component c:{case} remove-1", "component c:{case} add"]),
    st.sampled_from(POISON),
    st.text(max_size=20),
)
entered = st.one_of(
    st.sampled_from(
        ["{user}", "t:{id}", "c:{case}", "nobody", "pool", "yes", "no", "0", "1", "2026-12-03", "07:30", "-1"]
    ),
    st.sampled_from([*Awaited, *ComponentKind, *Supply, *KEY_DATES, "add", "change", "remove", "ABC-1"]),
    st.sampled_from(["2026-11-03", "18:00", "2 hours", "off", "standard", "Chicago"]),
    st.sampled_from(
        [
            "yes / no",
            "agreed by phone",
            "watch for the fax",
            "99:99",
            "2026-02-30",
            "0001-01-01",
            "9999-12-31",
        ]
    ),
    st.sampled_from(POISON),
    st.text(max_size=12),
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _holds(value: str) -> st.SearchStrategy[Any]:
    shapes = [
        {"type": "plain_text_input", "value": value},
        {"type": "datepicker", "selected_date": value},
        {"type": "timepicker", "selected_time": value},
        {"type": "users_select", "selected_user": value},
        {"type": "static_select", "selected_option": {"value": value}},
        {"type": "checkboxes", "selected_options": [{"value": value}]},
    ]
    return st.sampled_from(shapes)


def _state(names: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    held = st.one_of(entered.flatmap(_holds), entered.flatmap(_holds), junk)
    return st.dictionaries(st.sampled_from(names), held, max_size=7).map(
        lambda found: {name: {name: one} for name, one in found.items()}
    )


_OF_FORM: Mapping[str, tuple[str, ...]] = {
    "task_done": ("evidence", "reference"),
    "task_handoff": ("task", "person", "urgency", "note", "to_do", "watch"),
    "handoff_accept": ("reason",),
    "handoff_decline": ("reason",),
    "wait": ("task", "awaited", "note"),
    "assign": ("person",),
    "skip": ("task", "reason"), "reopen": ("task", "reason"), "waive": ("task", "reason"),
    "open": ("surgeon", "lead"), "close": ("case", "reason"), "people": ("case", "surgeon", "lead"),
    "late_sort_out": ("late_why", "person", "day", "time", "reason"), "late_extend": ("day", "time", "reason"),
    "ask_task": ("person", "question", "choices", "day", "time"),
    "ask_case": ("case", "person", "question", "task", "choices", "day", "time"),
    "question_answer": ("reason",), "question_pass": ("reason",),
    "shift": ("person", "note"),
    "spread": ("give-{id}",),
    "away": ("first", "last", "cover", "person"),
    "snooze": ("day", "time", "reason"), "remind": ("lead", "words"), "quiet": ("from", "until", "zone"),
    "date": ("case", "name", "day", "time", "clear", "waiver"),
    settings_forms.SETTINGS: (settings_forms.SETTINGS,),
    settings_forms.HOURS: tuple(calendars.HOURS_LABELS), settings_forms.HOLIDAYS: tuple(calendars.HOLIDAYS_LABELS),
    settings_forms.ESCALATION: tuple(escalations.LABELS),
    # Not roles and skills: what somebody may is held against those that they begin with.
    settings_forms.PERSON: tuple(name for name in persons.LABELS if name not in (persons.ROLES, persons.SKILLS)),
    "component": ("case", "what", "kind", "part", "custom", "supply", "number", "reason", "part-1", "supply-1"),
}  # fmt: skip
metadata = st.sampled_from(
    [
        "t:{id} {channel}",
        "t:{id} -",
        "c:{case} -",
        "c:0 -",
        "h:{offer}",
        "t:0 -",
        "",
        "c:{case}",
        "q:{question}",
        "q:{question} -",
    ]
)
who = st.integers(0, 9)
_ABOUT = {
    "t": "t:{id} -", "c": "c:{case} -", "h": "h:{offer} -", "q": "q:{question} -", "p": "p:0 -", "s": "s:{staff} -",
}  # fmt: skip
refs = st.tuples(st.integers(0, 30), st.integers(0, 30))
forms = st.sampled_from(list(FORMS)).flatmap(
    lambda name: st.builds(
        Step, st.just("form"), who, st.just(name),
        st.one_of(st.just("c:0 - {shown}" if name == "spread" else _ABOUT[FORMS[name].kind]), metadata), refs,
        st.one_of(_state(_OF_FORM[name]), _state(BLOCKS)),
    )
)  # fmt: skip
steps = st.one_of(
    # What somebody may mean, where it is understood: else hardly anything would be done, and little could go wrong.
    st.builds(Step, st.just("command"), who, st.just(main_command()), meant, refs, st.just({})),
    st.builds(Step, st.just("command"), who, st.sampled_from(list(COMMANDS)), lines, refs, st.just({})),
    st.builds(Step, st.just("button"), who, st.sampled_from(ACTIONS) | st.text(max_size=9), values, refs, st.just({})),
    st.builds(Step, st.just("button"), who, st.just(draw.MORE), values, refs, st.just({})),
    st.builds(Step, st.just("button"), who, st.sampled_from(ON_QUESTION),
              st.sampled_from(["q:{question}", "q:{question} 0", "q:{question} 1"]), refs, st.just({})),
    forms,
    st.builds(Step, st.just("picked"), who, st.sampled_from(list(FORMS)), metadata, refs, _state(BLOCKS)),
    st.builds(Step, st.just("shortcut"), who, st.sampled_from([*SHORTCUTS, "gone"]), st.text(max_size=9), refs,
              st.just({})),
    st.builds(Step, st.just("event"), who, st.sampled_from([*CHANGES, "app_home_opened", "app_mention", "message"]),
              st.text(max_size=9), refs, st.dictionaries(st.sampled_from(
                  ["channel", "user", "tab", "old_channel_id", "new_channel_id", "text"]), junk, max_size=4)),
)  # fmt: skip
stories = st.lists(steps, min_size=STEPS // 2, max_size=STEPS)


class Practice:
    """A fresh practice, its app, and what is held against each delivery."""

    def __init__(self, engine: Engine, tally: Tally, failures: Failures) -> None:
        self.engine, self.tally, self.failures = engine, tally, failures
        self.store = Store(engine, FixedClock(MONDAY))
        number = next(numbers)
        self.team = f"T0FUZZ{number}"
        self.world: World = make_world(self.store, team=self.team, slug=f"fuzz-{number}")
        self.channel = f"C0FUZZ{number}"
        self.heard = Heard(self.store)
        options = {"SLACK_BOT_TOKEN": "xoxb-none", "SLACK_API_URL": "http://127.0.0.1:9/"}
        self.app = build_app(Settings.model_validate(options), self.store, afterwards=self.heard).app
        self.program = self.world.program.id
        people: dict[str, str] = {}
        with self.store.change() as uow:
            for name, person in self.world.staff.items():
                people[name] = f"U0PEOPLE{number}{name.upper()}"
                uow.session.execute(
                    text("UPDATE staff SET slack_user_id = :slack WHERE id = :id"),
                    {"slack": people[name], "id": person.id},
                )
                person.slack_user_id = people[name]
            lea = self.world.actor("lea")
            case = open_case(uow, lea, lead_id=lea.staff_id)
            set_date(uow, lea, case.id, "board", Moment.of_day(date(2026, 11, 12)))
            self.case, self.code = case.id, case.code
            uow.session.execute(
                text("UPDATE channels SET slack_id = :slack, card_ts = '1.0', state = 'open' WHERE case_id = :case"),
                {"slack": self.channel, "case": case.id},
            )
            uow.session.execute(
                text("UPDATE staff SET active = false WHERE id = :id"), {"id": self.world.staff["max"].id}
            )
        with self.store.change() as uow:
            claim(uow, self.world.actor("ana"), self._tasks()[1].id)
            ask(uow, self.world.actor("ana"), self.case, self.world.staff["sam"].id, "Is it?", choices=("yes", "no"))
        self.people = people
        self.seen = self._last_notice()

    # Who

    def actor(self, number: int) -> tuple[str, str, str | None]:
        """Team, user id and first name of whoever acts; no name for who is nobody here."""
        names = ["ana", "bo", "cy", "lea", "sam", "ana", "lea"]
        if number < len(names):
            return self.team, self.people[names[number]], names[number]
        strangers = [(self.team, "U0STRANGER"), (self.team, self.people["max"]), ("T0OTHER", self.people["lea"])]
        return (*strangers[number - len(names)], None)

    # What is there

    def _tasks(self) -> list[Any]:
        with self.engine.connect() as connection:
            return sorted(connection.execute(TASKS, {"program": self.program}).all(), key=lambda row: row.id)

    def _last_notice(self) -> int:
        with self.engine.connect() as connection:
            found = connection.execute(NOTICES, {"program": self.program, "seq": 0}).all()
        return int(found[-1].seq) if found else 0

    def fill(self, given: Any, step: Step, tasks: Sequence[Any]) -> Any:
        """Names of what is there now, in place of their signs."""
        if isinstance(given, Mapping):
            return {self.fill(key, step, tasks): self.fill(value, step, tasks) for key, value in given.items()}
        if isinstance(given, list):
            return [self.fill(value, step, tasks) for value in given]
        if not isinstance(given, str):
            return given
        task = tasks[step.refs[0] % len(tasks)]
        offered = [one.id for one in tasks if one.offered_to is not None]
        users = list(self.people.values())
        asked = [one.id for one in self.asked() if one.state == "open"] or [one.id for one in self.asked()]
        shown = modals.About("c", 0, None, (task.id,)).written().partition(" ")[2]
        told = {
            "{track}": str(task.track), "{no}": str(task.no), "{id}": str(task.id), "{shown}": shown,
            "{name}": f"{self.code}-{task.no}", "{code}": self.code,
            "{staff}": str(list(self.world.staff.values())[step.refs[1] % len(users)].id),
            "{case}": str(self.case), "{channel}": self.channel, "{user}": users[step.refs[1] % len(users)],
            "{offer}": str(self._offer(offered[step.refs[0] % len(offered)]) if offered else 7),
            "{question}": str(asked[step.refs[0] % len(asked)] if asked else 7),
        }  # fmt: skip
        for sign, value in told.items():
            given = given.replace(sign, value)
        return given

    def asked(self) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(ASKED, {"program": self.program}).all())

    def _offer(self, task_id: int) -> int:
        with self.engine.connect() as connection:
            found: int = connection.execute(
                text("SELECT id FROM handoffs WHERE task_id = :task AND state = 'offered'"), {"task": task_id}
            ).scalar_one()
            return found

    # One delivery

    def take(self, step: Step) -> None:
        """Deliver, and hold what came of it against what may."""
        self.tally.deliveries += 1
        tasks = self._tasks()
        team, user, name = self.actor(step.who)
        with self.engine.connect() as connection:
            before = connection.execute(STATE, {"program": self.program}).scalar_one()
            seq = connection.execute(LAST, {"program": self.program}).scalar_one()
        self.heard.said.clear()
        self.failures.lines.clear()
        body = self._body(step, tasks, team, user)
        try:
            request = BoltRequest(body=body, mode="socket_mode")
        except (ValueError, TypeError, AttributeError):
            return  # no delivery of Slack's: turned away before the app (`app.web.slack`, `app.slack.socket_mode`)
        answer = self.app.dispatch(request)
        said = [json.loads(answer.body)] if answer.body and answer.body.startswith("{") else []
        assert answer.status < 500, f"status {answer.status}"
        assert not self.failures.lines, self.failures.lines
        everything = [*said, *self.heard.said]
        assert BROKEN not in json.dumps(everything), "broken"
        self._look_through(everything)
        with self.engine.connect() as connection:
            after = connection.execute(STATE, {"program": self.program}).scalar_one()
            entries = connection.execute(AUDIT, {"program": self.program, "seq": seq}).all()
        if step.kind == "event":
            assert before == after, "an event about nothing of ours changed something"
            return
        if name is None:
            assert before == after, "a stranger changed something"
            assert not entries, "a stranger is in the record"
        assert before == after or entries, "something changed that is not in the record"
        self._judge(name, tasks, entries)
        self._draw()

    def _judge(self, name: str | None, tasks: Sequence[Any], entries: Sequence[Any]) -> None:
        if name is None or not entries:
            return
        person = self.world.staff[name]
        known = {str(task.id): task for task in tasks}
        allowed = []
        for entry in entries:
            assert entry.staff_id in (person.id, None), f"{entry.action} in another's name"
            rule = RULES.get(entry.action)
            if rule is not None:
                task = known.get(entry.object_id)
                assert rule(self, set(map(Role, person.roles)), person, task, entry), f"{entry.action} by {name}"
                allowed.append(entry.action)
            self.tally.changes[entry.action] += 1
        assert allowed, f"{[entry.action for entry in entries]}: nothing that a person does"

    def item(self, task: Any) -> Any:
        with self.store.read() as uow:
            return library.template(uow.session, task.version, task.digest).item(task.item_id)

    def _draw(self) -> None:
        """Draw what has to be posted, and the card."""
        names = {person.slack_user_id: person.name for person in self.world.staff.values()}
        with self.store.read() as uow:
            rows = uow.session.execute(NOTICES, {"program": self.program, "seq": self.seen}).all()
            if not rows:
                return
            self.seen = rows[-1].seq
            card = cards.card(card_of(uow.session, self.case, uow.now), names)
            shown = [row.payload["track"] for row in rows if row.kind == "track"]
            details = details_of(uow.session, self.case, self.code, "America/New_York", shown, uow.now)
        letters = [row for row in rows if row.kind not in ("card", "track")]
        messages = [notices.notice(Letter(row.id, row.kind, row.payload, names)) for row in letters]
        messages += [track.track(one, names) for one in details.values()]
        for message in [*messages, card]:
            self.tally.drawn += 1
            self._look_through([{"text": message.text, "blocks": list(message.blocks)}], posted=True)

    def _look_through(self, given: Sequence[Mapping[str, Any]], *, posted: bool = False) -> None:
        for one in given:
            view = one.get("view")
            if isinstance(view, Mapping):
                self.tally.opened += 1
                found = limits.problems("", view["blocks"], view=True)
                assert not found, found
            elif "blocks" in one or "text" in one:
                found = limits.problems(str(one.get("text") or "-"), one.get("blocks") or [])
                assert not found, found
            for shown in _formatted(one):
                bad = TYPED.search(shown)
                assert bad is None, f"{bad[0]!r} was typed" if bad else ""
                assert posted or "<@" not in shown, "an answer calls somebody"

    def _body(self, step: Step, tasks: Sequence[Any], team: str, user: str) -> dict[str, Any]:
        a, b, held = step.a, self.fill(step.b, step, tasks), self.fill(dict(step.held), step, tasks)
        trigger = f"{next(numbers)}.{self.tally.deliveries}"
        person = {"id": user, "team_id": team, "username": "x"}
        shared = {"user": person, "team": {"id": team, "domain": "x"}, "trigger_id": trigger, "api_app_id": "A0"}
        channel = {"id": self.channel, "name": "x"}
        if step.kind == "command":
            return {"command": a, "text": b, "team_id": team, "user_id": user, "channel_id": self.channel,
                    "trigger_id": trigger}  # fmt: skip
        if step.kind == "button":
            act = (
                {"type": "overflow", "selected_option": {"value": b}}
                if a == draw.MORE
                else {"type": "button", "value": b}
            )
            act |= {"action_id": a, "block_id": "x"}
            container = {"type": "message", "message_ts": "1.2", "channel_id": self.channel}
            return shared | {"type": "block_actions", "channel": channel, "actions": [act], "container": container}
        view = {
            "id": "V1", "type": "modal", "callback_id": a, "private_metadata": b, "hash": "1.x", "root_view_id": "V1",
            "previous_view_id": None, "state": {"values": held},
            "blocks": [{"type": "input", "block_id": name} for name in held],
        }  # fmt: skip
        if step.kind == "form":
            return shared | {"type": "view_submission", "view": view}
        if step.kind == "picked":
            picked = {"action_id": "kind", "block_id": "kind", "type": "static_select"}
            return shared | {"type": "block_actions", "view": view, "actions": [picked],
                             "container": {"type": "view", "view_id": "V1"}}  # fmt: skip
        if step.kind == "shortcut":
            shortcut = SHORTCUTS.get(a)
            if shortcut is not None and not shortcut.on_message:
                return shared | {"type": "shortcut", "callback_id": a}
            return shared | {"type": "message_action", "callback_id": a, "channel": channel, "message_ts": b,
                             "message": {"ts": b, "text": "claim 1"}}  # fmt: skip
        return {"type": "event_callback", "team_id": team, "event_id": trigger,
                "event": held | {"type": a, "event_ts": "1.2"}}  # fmt: skip


Rule = Callable[[Practice, set[Role], Any, Any, Any], bool]


def _eligible(roles: set[Role], person: Any, task: Any) -> bool:
    acting = roles | ({Role.VA} if Role.LEAD in roles else set())
    skilled = task.skill is None or task.skill in person.skills or Role.LEAD in roles
    return skilled and (not task.roles or bool(acting & set(map(Role, task.roles))))


def _holds_or_leads(_: Practice, roles: set[Role], person: Any, task: Any, __: Any) -> bool:
    return task.holder_id == person.id or bool(roles & LEADS)


def _finishes(practice: Practice, roles: set[Role], person: Any, task: Any, _: Any) -> bool:
    evidence = practice.item(task).evidence
    if evidence.kind is EvidenceKind.ATTESTATION:
        return bool(roles & set(evidence.by))
    return task.holder_id == person.id or (task.holder_id is None and _eligible(roles, person, task))


def _skips(practice: Practice, roles: set[Role], person: Any, task: Any, _: Any) -> bool:
    item = practice.item(task)
    gated = item.gate is not None or bool(item.gates) or item.id in ("P1", "P2", "P3", "L1", "L4")
    if gated:
        return Role.LEAD in roles
    return bool(roles & LEADS) or (task.holder_id == person.id and item.evidence.kind is not EvidenceKind.ATTESTATION)


def _concerned(_: Practice, roles: set[Role], person: Any, task: Any, __: Any) -> bool:
    nobodys = task.state in ("blocked", "ready") and task.holder_id is None and _eligible(roles, person, task)
    return nobodys or bool(roles & LEADS) or person.id in (task.holder_id, task.closed_by)


def _about_oneself(_: Practice, roles: set[Role], person: Any, __: Any, entry: Any) -> bool:
    return entry.object_id == str(person.id) or bool(roles & {Role.ADMIN, Role.MANAGER})


def _about_a_person(_: Practice, roles: set[Role], person: Any, __: Any, entry: Any) -> bool:
    return entry.object_id == str(person.id) or bool(roles & LEADS)


def _plans(_: Practice, roles: set[Role], __: Any, ___: Any, ____: Any) -> bool:
    return bool(roles & PLANNERS)


def _keeps(_: Practice, roles: set[Role], __: Any, ___: Any, ____: Any) -> bool:
    return bool(roles & {Role.ADMIN, Role.MANAGER})


def _dates(_: Practice, roles: set[Role], __: Any, ___: Any, entry: Any) -> bool:
    return bool(roles & PLANNERS) or (entry.object_id in BILLED and bool(roles & {Role.CODER, Role.BILLER}))


def _question(practice: Practice, entry: Any) -> Any:
    return next(one for one in practice.asked() if str(one.id) == entry.object_id)


def _is_asked(practice: Practice, _: set[Role], person: Any, __: Any, entry: Any) -> bool:
    return bool(_question(practice, entry).to_id == person.id)


def _asks(practice: Practice, _: set[Role], person: Any, __: Any, entry: Any) -> bool:
    return bool(_question(practice, entry).asker_id == person.id)


def _takes_back(practice: Practice, roles: set[Role], person: Any, task: Any, entry: Any) -> bool:
    return bool(roles & LEADS) or _asks(practice, roles, person, task, entry)


RULES: Mapping[str, Rule] = {
    "task.claim": lambda _, roles, person, task, __: task.state == "ready" and _eligible(roles, person, task),
    "task.release": _holds_or_leads,
    "task.wait": _holds_or_leads,
    "task.resume": _holds_or_leads,
    "task.done": _finishes,
    "task.skip": _skips,
    "task.waive": lambda _, roles, __, ___, ____: Role.LEAD in roles,
    "task.reopen": lambda _, roles, person, task, __: bool(roles & LEADS) or task.closed_by == person.id,
    "task.assign": lambda _, roles, __, ___, ____: bool(roles & LEADS),
    "handoff.offer": lambda _, __, person, task, ___: task.holder_id == person.id,
    "handoff.accept": lambda _, __, person, task, ___: task.offered_to == person.id,
    "handoff.decline": lambda _, __, person, task, ___: task.offered_to == person.id,
    "task.extend": lambda _, roles, __, ___, ____: bool(roles & LEADS),
    "task.snooze": _holds_or_leads,
    "task.wake": _holds_or_leads,
    "task.remind": _holds_or_leads,
    "task.escalate": _concerned,
    "task.undo": lambda _, __, person, task, ___: person.id in (task.holder_id, task.closed_by),
    "breach.reason": _concerned,
    "question.ask": _asks,
    "question.answer": _is_asked,
    "question.pass": _is_asked,
    "question.take_back": _takes_back,
    "shift.end": lambda _, __, person, ___, entry: entry.object_id == str(person.id),
    "absence.plan": _about_a_person,
    "absence.end": _about_a_person,
    "staff.digest": _about_oneself,
    "staff.report": _about_oneself,
    "staff.quiet": _about_oneself,
    calendars.HOURS: _keeps,
    calendars.HOLIDAYS: _keeps,
    escalations.ESCALATION: _keeps,
    persons.PERSON: _keeps,
    "case.open": _plans,
    "case.surgeon": _plans,
    "case.lead": _plans,
    "case.close": lambda _, roles, __, ___, ____: bool(roles & (LEADS | {Role.ADMIN})),
    "case.reopen": lambda _, roles, __, ___, ____: bool(roles & (LEADS | {Role.ADMIN})),
    "track.details": lambda *_: True,
    "staff.welcome": _about_oneself,
    "component.add": _plans,
    "component.change": _plans,
    "component.withdraw": _plans,
    "date.set": _dates,
    "date.clear": _dates,
    "date.confirm": _dates,
}
"""Who may do what, as docs/commands.md says it; templates are those of the tests, whose gates a lead waives."""


def _formatted(given: object) -> Iterator[str]:
    """The texts in which Slack sees mentions and links: a message's own, and those of its formatted text objects."""
    if isinstance(given, Mapping):
        if given.get("type") == "plain_text":
            return
        for key, value in given.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from _formatted(value)
    elif isinstance(given, (list, tuple)):
        for one in given:
            yield from _formatted(one)


def fuzz(engine: Engine, *, cases: int, seed_: int, shorten: bool = True) -> dict[str, Any]:
    """Play stories until there were so many deliveries; the first that breaks a promise ends it, shortened."""
    tally, failures = Tally(), Failures()
    logger = logging.getLogger("caseboard")
    logger.addHandler(failures)

    @seed(seed_)
    @settings(
        max_examples=max(cases // 4, 1), deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if shorten else (Phase.generate,), report_multiple_bugs=False,
    )  # fmt: skip
    @given(story=stories)
    def play(story: list[Step]) -> None:
        if tally.deliveries >= cases and not tally.broke:
            return
        tally.stories += 1
        practice = Practice(engine, tally, failures)
        try:
            for step in story:
                practice.take(step)
        except Exception:
            tally.broke = True  # what follows shortens it, however many deliveries that takes
            raise

    broken: list[str] = []
    try:
        play()
    except (AssertionError, Exception) as error:  # noqa: BLE001 - whatever breaks is what is looked for
        notes = getattr(error, "__notes__", [])
        broken.append(f"{type(error).__name__}: {error} {' '.join(notes)}"[:4000])
    finally:
        logger.removeHandler(failures)
    return {
        "broken": broken,
        "seed": seed_,
        "deliveries": tally.deliveries,
        "stories": tally.stories,
        "changes": dict(sorted(tally.changes.items())),
        "posts_drawn": tally.drawn,
        "forms_opened": tally.opened,
    }


def main(argv: Sequence[str]) -> int:
    """Run it; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="./dev soak fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=20_000, help="so many deliveries")
    parser.add_argument("--seed", type=int, default=1)
    given_ = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="cb-fuzz-") as folder:
        Path(folder).chmod(0o755)
        with embedded(Path(folder), throwaway=True) as url:
            engine = make_engine(url)
            migrate(engine)
            began = time.perf_counter()
            report = fuzz(engine, cases=given_.cases, seed_=given_.seed)
            engine.dispose()
    print(json.dumps(report | {"seconds": round(time.perf_counter() - began, 1)}))
    return 0 if not report["broken"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
