"""Reading a question to a person: to whom, about what, by when, and the question itself. Pure.

What stands before the question may stand in any order. A colon ends it, and lets a question begin with a number, and
a day or a time stand without `by`.
"""

import re
from dataclasses import dataclass
from typing import Final

from app.kernel.codes import CaseCode, TaskRef
from app.questions.rules import choices_of
from app.slack import asked
from app.slack.verbs import Verb
from app.slack.when import BadWhen, NoDay, When, is_nearly_day, read_moment
from app.slack.words import Words, lacking, prose

_BY: Final = ("by", "until", "till", "before", "due")
_MOST_OF_A_DAY: Final = 2
"""Words behind `by` that are no question yet."""
_COLON = re.compile(r":(?=\s|\Z)")
_CHOICES = re.compile(r"\s*(?:\(([^()]*/[^()]*)\)|\[([^\[\]]*/[^\[\]]*)\])\s*\Z")
NAME_WORDS: Final = 2
"""Words of a name that is written without its @, before a colon."""
_NAME_ENDS = re.compile(
    r"\s+(?=#?\d|(?:by|until|till|before|due|about|on|this|next|today|tomorrow|tmrw|noon"
    # Not sun, mon and sat: these are names, too.
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tues?|wed|thu(?:rs?)?|fri)\b|[^\W_]*\d)",
    re.IGNORECASE,
)
# Behind a whole question only: "do they ship by friday?" asks for it.
_TRAILING = re.compile(r"(?<=[?.!,;)\]])\s+(?:by|until|till|before|due)\s+([^?]+)\Z", re.IGNORECASE)


@dataclass
class _Head:
    person: str | None = None
    task: TaskRef | None = None
    case: CaseCode | None = None
    when: When | None = None


def read_ask(words: Words) -> asked.Asked:
    """`ask @sam 12 by friday: is the stem custom? (yes / no)`, `ask @sam may we move the board? by fri 14:00`.

    Raises `Incomplete` for what stops short, `BadWhen`, and `BadChoices`.
    """
    head, question = _split(words)
    if head.when is None:
        question, head.when = _trailing(question)
    found = _CHOICES.search(question)
    choices: tuple[str, ...] = ()
    if found is not None and found.start():
        choices, question = choices_of(prose(found[1] or found[2])), question[: found.start()]
    if head.when is None:
        question, head.when = _trailing(question)
    if head.when is None:
        head.when = _whole(question)
        question = "" if head.when else question
    question = prose(question)
    if head.person is None or not question:
        problem = "Which person?" if head.person is None else "The question is missing."
        kept = {"person": head.person, "question": question}
        chosen = {name: value for name, value in kept.items() if value}
        # A bare name is not repeated: who it is has not been looked up.
        person = head.person if head.person is None or head.person.startswith(("@", "<@")) else "@person"
        raise lacking(Verb.ASK, problem, task=head.task, case=head.case, chosen=chosen, person=person, when=head.when)
    return asked.Ask(head.person, question, head.task, head.case, head.when, choices)


def _split(words: Words) -> tuple[_Head, str]:
    """What stands before the question, and the question as it was typed."""
    for colon in _COLON.finditer(words.left):
        before = Words(words.left[: colon.start()])
        head = _head(before, strict=True)
        if head.person is None and before and len(name := _NAME_ENDS.split(before.left)[0].split()) <= NAME_WORDS:
            head.person = " ".join(before.word() for _ in name).strip(",;")
            head = _head(before, strict=True, begun=head)
        if not before:
            return head, words.left[colon.end() :].strip()
    return _head(words, strict=False), words.left


def _head(words: Words, *, strict: bool, begun: _Head | None = None) -> _Head:
    """Take off what is no part of the question; `strict` where all of it has to be, and a bad day is said so."""
    head = begun or _Head()
    while words:
        left = words.left
        words.drop("about", "to")
        if head.person is None and (person := words.mention()) is not None:
            head.person = person
        elif not (strict and head.when is None and _take_bare_when(words, head)) and (
            not _take_about(words, head) and (head.when is not None or not _take_when(words, head, strict=strict))
        ):
            words.left = left
            break
    return head


def _take_about(words: Words, head: _Head) -> bool:
    """Take off the task or the case that it is about, if that comes next."""
    if head.task is not None or head.case is not None:
        return False
    head.task = words.numbered()
    head.case = None if head.task is not None else words.case()
    return head.task is not None or head.case is not None


def _take_when(words: Words, head: _Head, *, strict: bool) -> bool:
    """Take off until when an answer is wanted, if that is said next."""
    if not words.drop(*_BY):
        return False
    given = words.left.split()
    try:
        head.when, used = read_moment([word.rstrip(":") for word in given])
    except NoDay:
        if strict or is_nearly_day(given) or (len(given) <= _MOST_OF_A_DAY and "?" not in words.left):
            raise
        return False
    _cut(words, used)
    return True


def _take_bare_when(words: Words, head: _Head) -> bool:
    """Take off a day or a time that stands there without `by`: only before a colon."""
    given = [word.rstrip(":") for word in words.left.split()]
    try:
        head.when, used = read_moment(given)
    except NoDay:
        return False
    except BadWhen:
        if len(given) == 1:
            raise
        return False
    _cut(words, used)
    return True


def _cut(words: Words, used: int) -> None:
    for _ in range(used):
        words.word()
    words.left = words.left.lstrip(" :,;")


def _whole(question: str) -> When | None:
    """The day or the time that is all there is instead of a question."""
    given = question.rstrip(" .!:").split()
    try:
        when, used = read_moment(given)
    except BadWhen:
        return None
    return when if used == len(given) else None


def _trailing(question: str) -> tuple[str, When | None]:
    """The question without the due time that stands behind it, if one does."""
    found = _TRAILING.search(question)
    if found is None:
        return question, None
    given = found[1].rstrip(" .!").split()
    try:
        when, used = read_moment(given)
    except NoDay:
        if is_nearly_day(given):
            raise
        return question, None
    return (question[: found.start()], when) if used == len(given) else (question, None)
