"""Reading the commands about being left alone: quiet hours, a snooze, and how early a task reminds. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from app.kernel.durations import Duration, DurationError
from app.programs.quiet import Hours
from app.slack import asked
from app.slack.verbs import Verb
from app.slack.when import NoDay, When, read_moment, read_time
from app.slack.words import REASON_LEAD, NotUnderstood, Words, lacking, nearly, prose, usage

OFF: Final = ("off", "none", "never", "no", "end", "stop")
STANDARD: Final = ("standard", "default", "normal", "usual", "checklist")
_TO: Final = ("to", "until", "till")
_DASH = re.compile(r"(?<=[\dm])\s*[-–—]\s*(?=\d)", re.IGNORECASE)
_ZONE = re.compile(r"(?:\A|\s)(?:time\s*zone|zone|tz|in)\b[\s:=]*", re.IGNORECASE)
_COUNT: Final[Mapping[str, int]] = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_UNIT: Final[Mapping[str, str]] = {
    "h": "hours", "hr": "hours", "hrs": "hours", "m": "minutes", "min": "minutes", "mins": "minutes", "d": "days",
    "workday": "business days", "workdays": "business days",
}  # fmt: skip
_SPAN = re.compile(
    r"(?P<half>half\s+an?\s+hour\b)|(?P<amount>\d{1,7}|[a-z]+)\s*(?P<unit>(?:business|working|work)\s+[a-z]+|[a-z]+)\b",
    re.IGNORECASE,
)


def read_quiet(words: Words) -> asked.Asked:
    """`quiet 18:00 to 8:00`, `quiet 6pm-8am zone Berlin`, `quiet zone Europe/Berlin`, `quiet off`."""
    words.drop("hours")
    if not words:
        raise lacking(Verb.QUIET, "From when to when?")
    before, *behind = _ZONE.split(words.left, maxsplit=1)
    zone = prose(behind[0]) if behind else None
    if behind and not zone:
        raise usage(Verb.QUIET, "Which time zone?", f"{Verb.QUIET} zone")
    return asked.Quiet(_hours(Words(_DASH.sub(" to ", before))), zone)


def _hours(words: Words) -> Hours:
    if not words:
        return None
    if words.peek() in OFF:
        words.word()
        if words:
            raise usage(Verb.QUIET, "I do not understand what follows.")
        return "off"
    words.drop("from", "between")
    found = []
    for _ in range(2):
        at, used = read_time([word.casefold().strip(",;") for word in words.left.split()])
        if at is None:
            meant = nearly(words.word(), ("off", "zone"))
            raise usage(Verb.QUIET, f"I need two times, such as 18:00 or 6pm.{meant}")
        for _ in range(used):
            words.word()
        words.drop(*_TO, "and")
        found.append(at)
    if words:
        raise usage(Verb.QUIET, "I do not understand what follows the times.")
    return found[0], found[1]


def read_snooze(words: Words) -> asked.Asked:
    """`snooze 12 until tomorrow 9:00 waiting for the fax`, `snooze 12 for 2 hours on the phone`, `snooze 12 off`.

    Whether the moment can be is said before that no reason is given.
    """
    task = words.task(Verb.SNOOZE)
    if not words:
        raise lacking(Verb.SNOOZE, "Until when, and why?", task=task)
    if words.peek() in OFF and " " not in words.left:
        return asked.Wake(task)
    until = _until(words)
    if until is None:
        raise usage(Verb.SNOOZE, "For how long?", task=task)
    words.drop(*REASON_LEAD)
    return asked.Snooze(task, until, words.rest())


def _until(words: Words) -> When | Duration | None:
    """A moment, or a length of time; None where one has to come and does not."""
    if words.drop("for", "in"):
        return _span(words)
    span = None if words.drop("by", *_TO) else _span(words)
    if span is not None:
        return span
    try:
        until, used = read_moment(words.left.split())
    except NoDay:
        raise NoDay(nearly(words.left, ("off",))) from None
    for _ in range(used):
        words.word()
    return until


def read_remind(words: Words) -> asked.Asked:
    """`remind 12 2 hours before`, `remind 12 1 business day`, `remind 12 off`, `remind 12 standard`."""
    words.drop("me")
    words.drop("of", "about")
    task = words.task(Verb.REMIND)
    if not words:
        raise lacking(Verb.REMIND, "How long before its deadline?", task=task)
    try:
        return asked.Remind(task, read_lead(words))
    except NotUnderstood as error:
        raise usage(Verb.REMIND, str(error), task=task) from None


def read_lead(words: Words) -> asked.Lead:
    """How long before a deadline: `2 hours before`, `off`, `standard`. Raises `NotUnderstood`, of one sentence."""
    words.drop("me")
    if words.peek() in OFF and " " not in words.left:
        return "off"
    if words.peek() in STANDARD and " " not in words.left:
        return "standard"
    words.drop("at")
    span = _span(words)
    words.drop("before", "ahead")
    words.drop("of")
    words.drop("the", "its")
    words.drop("deadline", "due")
    if span is None or words:
        meant = nearly(words.left, ("off", "standard"))
        raise NotUnderstood(f"I need a time such as 2 hours, 30 minutes or 1 business day; or off, or standard.{meant}")
    return span


def _span(words: Words) -> Duration | None:
    """A length of time at the front, taken; None when there is none, and nothing is taken."""
    found = _SPAN.match(words.left)
    if found is None:
        return None
    if found["half"]:
        span = Duration(30, "minutes")
    else:
        said, unit = found["amount"].casefold(), " ".join(found["unit"].casefold().split())
        amount = _COUNT.get(said, int(said) if said.isdecimal() else None)
        if amount is None:
            return None
        unit = re.sub(r"\Awork(?:ing)? ", "business ", _UNIT.get(unit, unit))
        try:
            span = Duration.parse(f"{amount} {unit}")
        except DurationError:
            return None
    words.left = words.left[found.end() :].strip(" ,;:")
    return span
