"""Reading the commands about deadlines: the SLA report, why a task is late, more time, calling the lead. Pure."""

import difflib
import re
from collections.abc import Mapping
from datetime import time
from typing import Final

from app.digests.rules import WEEKDAYS
from app.reports.ranges import take_range
from app.reports.reasons import WORDS, Reason
from app.reports.weekly import DEFAULT_AT, DEFAULT_DAY
from app.slack import asked
from app.slack.verbs import Verb
from app.slack.when import WEEKDAYS as NAMES
from app.slack.when import read_time, read_when
from app.slack.words import PERSON, REASON_LEAD, Words, lacking, prose, usage

_REASONS: Final[Mapping[str, Reason]] = {
    **{words: reason for reason, words in WORDS.items()},
    **{reason.value.replace("_", " "): reason for reason in Reason},
    "insurance": Reason.PAYER,
    "insurer": Reason.PAYER,
    "rep": Reason.VENDOR,
    "bank": Reason.TISSUE_BANK,
    "hospital": Reason.CLINIC,
    "papers": Reason.DOCUMENTS,
    "papers missing": Reason.DOCUMENTS,
    "another task": Reason.UPSTREAM,
    "other task": Reason.UPSTREAM,
    "workload": Reason.LOAD,
    "us": Reason.MISSED,
    "our fault": Reason.MISSED,
    "forgotten": Reason.MISSED,
    "not known": Reason.UNKNOWN,
}
_OFF: Final = ("off", "never", "stop", "none")


def read_sla(words: Words) -> asked.Asked:
    """`sla last week`, `sla authorization this month`, `sla @bo`, `sla what`, `sla weekly mon 8:00`."""
    if words.peek() in ("what", "how", "define") and " " not in words.left:
        return asked.DefineSla()
    if words.drop("weekly"):
        return _weekly(words)
    named = PERSON.search(words.left)
    person = None if named is None else named[0]
    left = words.left if named is None else f"{words.left[: named.start()]} {words.left[named.end() :]}"
    days, track = take_range(" ".join(left.split()))
    if track.casefold() in ("me", "mine", "my own"):
        return asked.ShowSla(days, None, "me")
    return asked.ShowSla(days, prose(track) or None, person)


def _weekly(words: Words) -> asked.Asked:
    if not words:
        return asked.ShowWeekly()
    if words.drop(*_OFF):
        day, at = None, DEFAULT_AT
    else:
        words.drop("on", "every")
        day = DEFAULT_DAY if words.peek() not in NAMES else WEEKDAYS[NAMES[words.word().casefold().strip(",;")]]
        words.drop("at")
        at = _time(words)
    if words:
        raise usage(Verb.SLA, "I do not understand when.", f"{Verb.SLA} weekly")
    return asked.SetWeekly(day, at)


def _time(words: Words) -> time:
    at, used = read_time(words.left.split())
    for _ in range(used):
        words.word()
    return at or DEFAULT_AT


def read_late(words: Words) -> asked.Asked:
    """`late 12 payer slow`."""
    task = words.task(Verb.LATE)
    words.drop(*REASON_LEAD)
    words.drop("of")
    written = " ".join(re.sub(r"[^\w ]", " ", words.rest().casefold()).split()).removeprefix("the ")
    first, second = written.partition(" ")[0], " ".join(written.split()[:2])
    reason = _REASONS.get(written) or _REASONS.get(second) or _REASONS.get(first)
    if reason is None:
        near = difflib.get_close_matches(second[:20], _REASONS, n=1, cutoff=0.75)
        near = near or difflib.get_close_matches(first[:20], _REASONS, n=1, cutoff=0.75)
        meant = f" Did you mean {WORDS[_REASONS[near[0]]]}?" if near else ""
        raise lacking(Verb.LATE, f"Say why with one of: {', '.join(WORDS.values())}.{meant}", task=task)
    return asked.Late(task, reason)


def read_extend(words: Words) -> asked.Asked:
    """`extend 12 fri 5pm payer asked for records`. Whether the day can be is said before that no reason is given."""
    task = words.task(Verb.EXTEND)
    words.drop("to", "until", "till", "by")
    if not words:
        raise lacking(Verb.EXTEND, "Until when, and why?", task=task)
    when, used = read_when(words.left.split())
    for _ in range(used):
        words.word()
    words.drop(*REASON_LEAD)
    return asked.Extend(task, when, words.rest())


def read_escalate(words: Words) -> asked.Asked:
    """`escalate 12`."""
    return asked.Escalate(words.whole_task(Verb.ESCALATE))
