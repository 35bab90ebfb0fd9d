"""The words of a command, taken one by one, as Slack sends them. Pure."""

import difflib
import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from app.kernel.codes import BadCaseCode, BadTaskRef, CaseCode, TaskRef, parse_task_ref
from app.refusals import Refusal
from app.slack.verbs import EXAMPLE_TASK, USAGE, Verb, main_command
from app.slack.when import When

LONGEST: Final = 2000
"""More characters than any command needs; what is longer was pasted by mistake."""

NO_SUCH_CASE: Final = "No case here has that code: it is in the name of the case's channel."

REASON_LEAD: Final = ("reason", "because", "since")
"""Words that may stand before a reason and are no part of it."""

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'"})
_MENTION = re.compile(r"<@([A-Za-z0-9]+)(?:\|([^>]*))?>")
_ENTITY = re.compile(r"<([^>|]*)(?:\|([^>]*))?>")
PERSON: Final = re.compile(r"<@[A-Za-z0-9]+(?:\|[^>]*)?>|@[^\s:,;]+")
_QUOTED = re.compile(r'"([^"]*)"')
_END = r"(?=[\s:,;]|[.!?](?:\s|\Z)|\Z)"
_NUMBERED = re.compile(rf"#?(?P<no>\d+){_END}")
_CASE_NUMBERED = re.compile(rf"(?P<case>[^\W_]{{4,10}})(?:\s*[-–—#/]\s*#?|\s+#)(?P<no>\d+){_END}")
# Capitals, or letters and digits together.
_CODE_LIKE = re.compile(r"#?(?:[A-Z0-9]{4,10}|(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{4,10})")
# A dash or a point belongs to what it touches: -3, .5
_BETWEEN = re.compile(r"\A(?:[\s:,;]|[.!?–—-](?=\s|\Z))+")
_FIRST_WORD = re.compile(r"\S+")
_EXAMPLE_PERSON = re.compile(r"@\w+")
_EXAMPLE_COMPONENT = re.compile(r"(?<=change |remove )2\b")
_SHOWN_NAME: Final = 40


class NotUnderstood(Refusal):
    """A command that does not read as any of ours; the message says what would, `meant` being the verb of that."""

    def __init__(self, message: str, meant: Verb | None = None) -> None:
        self.meant = meant
        super().__init__(message)


class Incomplete(NotUnderstood):
    """A command that lacks what its form asks for. What was said already is kept, for the form.

    `chosen` are inputs of the form by name, `when` is until when, not resolved yet.
    """

    def __init__(
        self,
        message: str,
        verb: Verb,
        task: TaskRef | None = None,
        case: CaseCode | None = None,
        chosen: Mapping[str, str] | None = None,
        when: When | None = None,
    ) -> None:
        self.verb, self.task, self.case, self.chosen, self.when = verb, task, case, dict(chosen or {}), when
        super().__init__(message)


class NoteMissing(Incomplete):
    """A handoff without a note; `person` is whom it was for, as written: whether they exist comes first."""

    def __init__(self, message: str, person: str, task: TaskRef | None) -> None:
        self.person = person
        super().__init__(message, Verb.HANDOFF, task, chosen={"person": person})


def lacking(
    verb: Verb,
    problem: str,
    beginning: str = "",
    *,
    task: TaskRef | None = None,
    case: CaseCode | None = None,
    chosen: Mapping[str, str] | None = None,
    person: str | None = None,
    component: int | None = None,
    when: When | None = None,
) -> Incomplete:
    """The refusal of a text that stops short of what `verb` needs; a form asks for the rest."""
    way = written(verb, beginning, task=task, person=person, component=component)
    return Incomplete(f"{problem} Nothing changed. Write {way}.", verb, task, case, chosen, when)


def usage(
    verb: Verb,
    problem: str,
    beginning: str = "",
    *,
    task: TaskRef | None = None,
    person: str | None = None,
    component: int | None = None,
) -> NotUnderstood:
    """The refusal of a text that names `verb` and does not go on as it has to.

    With `beginning`, such as `component remove`, only examples that begin so are shown.
    """
    way = written(verb, beginning, task=task, person=person, component=component)
    return NotUnderstood(f"{problem} Nothing changed. Write {way}.")


def written(
    verb: Verb,
    beginning: str = "",
    *,
    task: TaskRef | None = None,
    person: str | None = None,
    component: int | None = None,
    most: int = 2,
) -> str:
    """How a verb is written, by an example or two, about the task, person or component that was named already."""
    examples = [example for example in USAGE[verb].examples if example.startswith(beginning)]
    if task is not None:
        # Words of a title are not repeated: they could be anything.
        name = "TASK" if task.number is None else str(task).removeprefix("#")
        examples = [EXAMPLE_TASK.sub(name, example) for example in examples]
    if person is not None:
        called = _called(person)
        examples = [_EXAMPLE_PERSON.sub(lambda _: called, example) for example in examples]
    if component is not None:
        examples = [_EXAMPLE_COMPONENT.sub(str(component), example) for example in examples]
    return " or ".join(f"`{main_command()} {example}`" for example in [*dict.fromkeys(examples)][:most])


def closest(said: str, known: Iterable[str]) -> str | None:
    """The one of these words that a word nearly is."""
    return next(iter(difflib.get_close_matches(said[:20].casefold().strip(",.;:!?"), known, n=1, cutoff=0.75)), None)


def is_slip(said: str, meant: str) -> bool:
    """Whether one word nearly is another, of which it may miss or double a letter: it may be of a title otherwise."""
    word = said.casefold()
    return word != meant and word[:1] == meant[0] and closest(word, (meant,)) is not None and set(word) <= set(meant)


def nearly(said: str, known: Iterable[str]) -> str:
    """The same, as a question behind a refusal; nothing where that is none."""
    near = closest(said, known)
    return f" Did you mean {near}?" if near else ""


def _called(person: str) -> str:
    """A person as they can be written again: by name, or else by the id of the mention."""
    mention = _MENTION.fullmatch(person)
    if mention is None:
        name = person if person.startswith("@") else f"@{person}"
    else:
        name = f"@{mention[2]}" if mention[2] else mention[1]
    return name if len(name) <= _SHOWN_NAME and "`" not in name else "@person"


def normal(text: str) -> str:
    """The text with one kind of quotation mark and space, without invisible characters."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.replace("\0", " "))).translate(_QUOTES)
    return " ".join(plain.split())


def prose(text: str) -> str:
    """Free text as a person reads it: mentions and links by their names, `&amp;` as `&`."""
    named = _MENTION.sub(lambda found: f"@{found[2] or found[1]}", text)
    shown = _ENTITY.sub(lambda found: found[2] or found[1].removeprefix("mailto:").lstrip("#!"), named)
    return " ".join(html.unescape(shown).split())


class Words:
    """What is left of a command's text; every method takes something off its front or leaves it as it is."""

    def __init__(self, text: str) -> None:
        self.left = text.strip()

    def __bool__(self) -> bool:
        return bool(self.left)

    def word(self) -> str:
        """The next word, or nothing."""
        found = _FIRST_WORD.match(self.left)
        if found is None:
            return ""
        self._cut(found.end())
        return found[0]

    def peek(self) -> str:
        """The next word in small letters without punctuation, not taken."""
        found = _FIRST_WORD.match(self.left)
        return "" if found is None else found[0].casefold().strip(":,;.!")

    def drop(self, *words: str) -> bool:
        """Take the next word if it is one of these."""
        if self.peek() in words:
            self.word()
            return True
        return False

    def rest(self) -> str:
        """All that is left, as free text."""
        text, self.left = self.left, ""
        return prose(_BETWEEN.sub("", text))

    def case(self) -> CaseCode | None:
        """A case code, if the next word is one."""
        found = _FIRST_WORD.match(self.left)
        if found is None:
            return None
        try:
            code = CaseCode.parse(found[0])
        except BadCaseCode:
            return None
        if not any(character.isdigit() for character in found[0]):
            return None
        self._cut(found.end())
        return code

    def like_case(self) -> bool:
        """Whether the next word is written as a code is: no word of a sentence, though it may be no code of ours."""
        found = _FIRST_WORD.match(self.left)
        return found is not None and (_CODE_LIKE.fullmatch(found[0]) is not None)

    def numbered(self) -> TaskRef | None:
        """A task by number, with or without its case, if that is what comes next. Raises `NotUnderstood`."""
        found = _CASE_NUMBERED.match(self.left)
        if found is not None and _mixed(found["case"]):
            self._cut(found.end())
            return _reference(f"{found['case']}-{found['no']}")
        found = _NUMBERED.match(self.left)
        if found is not None:
            self._cut(found.end())
            return _reference(found["no"])
        return None

    def task(self, verb: Verb) -> TaskRef:
        """A task before other words: by number, or by words of its title in quotation marks or before a colon."""
        found = self.numbered()
        if found is not None:
            return found
        if not self.left:
            raise lacking(verb, "Which task?")
        title = _QUOTED.match(self.left)
        if title is not None:
            self._cut(title.end())
            return _reference(title[1])
        head, colon, tail = self.left.partition(":")
        if colon and head.strip():
            self.left = tail.strip()
            return _reference(prose(head))
        raise usage(verb, 'Name the task by its number, or put words of its title between " and ".')

    def whole_task(self, verb: Verb) -> TaskRef:
        """A task that is all that is left: by number, or by words of its title."""
        if not self.left:
            raise lacking(verb, "Which task?")
        if re.fullmatch(r"#?\d+(?:[\s,&+]+(?:and\s+)?#?\d+)+", self.left):
            raise usage(verb, "One task at a time, please.", task=self.numbered())
        found = self.numbered()
        if found is not None:
            if self.left.strip(" .!"):
                raise usage(verb, "I do not understand what follows the task.", task=found)
            return found
        return _reference(prose(self.left.replace('"', " ")))

    def person(self) -> str | None:
        """A person: a mention or `@name`, or else the next word."""
        found = PERSON.match(self.left)
        if found is None:
            return self.word().strip(":,;") or None
        self._cut(found.end())
        return found[0]

    def person_of(self, verb: Verb, task: TaskRef | None = None) -> str:
        """A person, who has to be named; `task` is what was named already."""
        found = self.person()
        if not found:
            raise lacking(verb, "Which person?", task=task)
        return found

    def mention(self) -> str | None:
        """A mention or `@name`, if that is what comes next."""
        return self.person() if self.left.startswith(("<@", "@")) else None

    def split_at(self, pattern: re.Pattern[str]) -> "tuple[Words, re.Match[str], Words] | None":
        """What stands before the first match that something stands before, the match, and what follows it."""
        found = next((each for each in pattern.finditer(self.left) if self.left[: each.start()].strip()), None)
        if found is None:
            return None
        return Words(self.left[: found.start()]), found, Words(self.left[found.end() :])

    def _cut(self, end: int) -> None:
        self.left = _BETWEEN.sub("", self.left[end:])


def _mixed(text: str) -> bool:
    return any(character.isdigit() for character in text) and not text.isdigit()


def _reference(text: str) -> TaskRef:
    """As `parse_task_ref`, with messages that repeat nothing of what was typed."""
    try:
        return parse_task_ref(text)
    except BadCaseCode:
        raise NotUnderstood(
            "That case code seems mistyped. Nothing changed. Look at the name of the case's channel; a task reads like "
            "K7Q4-12."
        ) from None
    except BadTaskRef:
        raise NotUnderstood(
            "That is no task. Nothing changed. Give its number, such as 12 or K7Q4-12, or words of its title."
        ) from None
