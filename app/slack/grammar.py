"""Reading the text of a command into what it asks for. Pure; forgiving where only one thing can be meant.

A text that does not read raises `NotUnderstood` or `BadWhen`, which say what would. Neither repeats what was typed:
it may hold what must not be kept.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, Literal

from app.checklists.model import EvidenceSpec
from app.checklists.vocabulary import Awaited, EvidenceKind
from app.kernel.codes import TaskRef
from app.slack import (
    ask_grammar,
    asked,
    case_grammar,
    quiet_grammar,
    settings_grammar,
    shift_grammar,
    sla_grammar,
    spread_grammar,
)
from app.slack.verbs import SYNONYMS, USAGE, Verb, main_command
from app.slack.when import BadWhen, NoDay, read_day, read_when
from app.slack.words import (
    LONGEST,
    NO_SUCH_CASE,
    PERSON,
    REASON_LEAD,
    Incomplete,
    NoteMissing,
    NotUnderstood,
    Words,
    is_slip,
    lacking,
    normal,
    usage,
    written,
)

__all__ = ["BadWhen", "Incomplete", "NotUnderstood", "NoteMissing", "evidence_and_reference", "evidence_of", "read"]

_AWAITED: Final[Mapping[str, Awaited]] = {
    "payer": Awaited.PAYER,
    "insurance": Awaited.PAYER,
    "insurer": Awaited.PAYER,
    "vendor": Awaited.VENDOR,
    "rep": Awaited.VENDOR,
    "tissue bank": Awaited.TISSUE_BANK,
    "tissue_bank": Awaited.TISSUE_BANK,
    "tissue-bank": Awaited.TISSUE_BANK,
    "clinic": Awaited.CLINIC,
    "patient": Awaited.PATIENT,
}
_AWAITED_WORD = re.compile(
    r"(?:\b(?:on|for) )?(?:\bthe )?\b("
    + "|".join(sorted(map(re.escape, _AWAITED), key=len, reverse=True))
    + r")\b[\s:,;]*",
    re.IGNORECASE,
)
# Nothing that could be the first word of an answer: "no outside records" must not be kept as "outside records".
_EVIDENCE_LEAD = re.compile(
    r"\A(?:=|(?:ref|reference|evidence)\b[\s.:#=]*(?:no[.:#]|number\b)?)[\s.:#=]*", re.IGNORECASE
)
_REFERENCE = re.compile(r"\s(?:ref|reference)[\s.:#]+", re.IGNORECASE)
_BESIDE = re.compile(r"(?:\A|\s)(?:ref|reference)\b[\s.:#]*", re.IGNORECASE)
_REASON = re.compile(r"\s(?:reason|because)\b[\s:,]*", re.IGNORECASE)
_ALL = ("all", "everything")
# Other tasks, or a person, behind a task: nothing that anybody will do.
_NO_WORDS = re.compile(r"\A(?:(?:and|from|of|[a-z0-9]{4,8}-\d+|#?\d+|[,&+])[\s,]*|<?@\S+\s*)+\Z", re.IGNORECASE)


def read(text: str, verb: Verb | None = None) -> asked.Asked:
    """What a command asks for. `verb` is given when the slash command stands for it, as `/claim` does.

    Raises `NotUnderstood` or `BadWhen`.
    """
    plain = normal(text)
    if len(plain) > LONGEST:
        raise NotUnderstood(f"That is too long for a command. Nothing changed. Write less than {LONGEST} characters.")
    words = Words(plain)
    if verb is None:
        if not words:
            return asked.Help()
        task = words.numbered()
        if task is not None:
            return _alone(task, words)
        question = _question(words)
        if question is not None:
            return question
        undo = _undo(words.left)
        if undo is not None:
            return undo
        verb = _verb(words)
    elif words.peek() == "help" and " " not in words.left:
        return asked.Help(verb)
    return _READERS[verb](words)


_WHO = re.compile(r"\Awho(?:'?s|\s+is|\s+has|\s+holds|\s+does)?(?:\s+(?:on|doing|got))?\s+(?=\S)", re.IGNORECASE)
_WHAT = re.compile(
    r"\A(?:what(?:'?s|\s+is|\s+are|\s+do\s+i\s+have|\s+can\s+i\s+(?:take|claim|do))?|show(?:\s+me)?|list)\s+(?=\S)",
    re.IGNORECASE,
)
_ASKING = re.compile(r"(?:whats?|whos?|when|where|why|how)\b")
_LATE = re.compile(r"(?:late|overdue)(?:\s+(?:in|of)\s+\S+)?[\s?!.]*\Z", re.IGNORECASE)
_ONE_WORD = re.compile(r"\S+\Z")
_LISTS: Final[Mapping[str, asked.Whose]] = {
    "late": "late", "overdue": "late", "due today": "today", "today": "today", "due": "today", "free": "free",
    "open": "here", "mine": "mine", "my tasks": "mine", "all": "all", "to do": "mine",
}  # fmt: skip


_UNDO = re.compile(r"undo\b[\s.!:]*(?:(?:it|that|last|(claim|done|skip|handoff))\b[\s.!]*)?", re.IGNORECASE)


def _undo(said: str) -> asked.Undo | None:
    """`undo`, `undo 12`; with a reason behind it, it is `reopen`."""
    found = _UNDO.match(said)
    if found is None:
        return None
    rest = Words(said[found.end() :])
    task = rest.numbered()
    return None if rest else asked.Undo(task, found[1] and found[1].casefold())


def _question(words: Words) -> asked.Asked | None:
    """`what's late`, `what is 12`, `late`, `who has 12`: what people ask in their own words."""
    who = _WHO.match(words.left)
    late = None if who is None else _LATE.match(words.left, who.end())
    if who is not None and late is None:
        return asked.ShowTask(Words(words.left[who.end() :].rstrip(" ?!.")).whole_task(Verb.SHOW))
    what = who or _WHAT.match(words.left)
    left = words.left[what.end() if what else 0 :].rstrip(" ?!.")
    task = Words(left).numbered() if what is not None and _ONE_WORD.match(left) else None
    if task is not None:
        return asked.ShowTask(task)
    rest = Words(left)
    code = rest.case()
    if code is not None and not rest and words.peek().startswith("what"):
        return asked.ShowCase(code)
    said = rest.left.casefold()
    for lead in ("here ", "the ", "tasks "):
        said = said.removeprefix(lead)
    for name in sorted(_LISTS, key=len, reverse=True):
        if name == "open" and what is None:
            continue  # a verb by itself
        if said == name or said.startswith((f"{name} in ", f"{name} of ")):
            behind = Words(rest.left[len(rest.left) - len(said) + len(name) :])
            behind.drop("in", "of")
            code = code or behind.case()
            return None if behind else asked.ShowTasks(_LISTS[name], None, code)
    if said in ("next", "next for me") and what is not None:
        return asked.ShowTasks("free", None, code)
    return None


def _verb(words: Words) -> Verb:
    name = words.word().casefold().strip(":,;.!/")
    if name == "hand" and words.drop("off", "over"):
        return Verb.HANDOFF
    if name in list(Verb):
        return Verb(name)
    if name in SYNONYMS:
        return SYNONYMS[name]
    if _ASKING.match(name):
        raise NotUnderstood(
            f"That is no question that I know. Nothing changed. I know `{main_command()} what is 12`, "
            f"`{main_command()} who has 12` and `{main_command()} what's late`; `{main_command()} help all` lists the "
            "rest."
        )
    meant = _meant(name)
    if meant is None:
        raise no_command()
    if meant is Verb.HELP:
        return meant  # it only shows something, so that there is nothing to ask first
    task, person = words.numbered(), PERSON.search(words.left)
    way = written(meant, task=task, person=person and person[0], most=1)
    raise NotUnderstood(
        f"That is no command of mine. Nothing changed. Did you mean `{main_command()} {meant}`? For example: {way}.",
        meant,
    )


def no_command() -> NotUnderstood:
    """The refusal of a word that is like no verb, or like none that the person may use."""
    return NotUnderstood(f"That is no command of mine. Nothing changed. `{main_command()} help all` lists them.")


def _alone(task: TaskRef, words: Words) -> asked.Asked:
    if words:
        raise NotUnderstood(f"The verb comes first. Nothing changed. For example: `{main_command()} claim {task}`.")
    return asked.ShowTask(task)


def _meant(name: str) -> Verb | None:
    """The verb that a word nearly is."""
    near = difflib.get_close_matches(name[:20], [*Verb, *SYNONYMS], n=1, cutoff=0.7)
    return (SYNONYMS.get(near[0]) or Verb(near[0])) if near else None


def _help(words: Words) -> asked.Asked:
    """Of a mistyped verb that of the one that is meant: it only shows something."""
    words.drop("me", "with", "on", "for")
    if not words:
        return asked.Help()
    if words.drop(*_ALL):
        return asked.Help(everything=True)
    if words.peek() == "hand":
        return asked.Help(_verb(words))
    name = words.peek().strip("/?")
    verb = Verb(name) if name in list(Verb) else SYNONYMS.get(name)
    verb = verb or (None if _ASKING.match(name) else _meant(name))
    if verb is None:
        main = main_command()
        raise NotUnderstood(
            f"There is no help on that. Nothing changed. `{main} help all` lists every verb, and `{main} help handoff` "
            "says more about one."
        )
    return asked.Help(verb)


def _tasks(words: Words) -> asked.Asked:
    code = words.case()
    words.drop("of", "for", "in", "list")
    code = code or words.case()
    if not words or words.drop("open"):
        whose: asked.Whose = "here"
    elif words.drop("all", "everything", "blocked"):
        whose = "all"
    elif words.drop("mine", "my", "me"):
        words.drop("tasks", "own")
        whose = "mine"
    elif words.drop("free", "unclaimed", "claimable", "available", "ready"):
        whose = "free"
    elif words.drop("late", "overdue"):
        whose = "late"
    elif words.drop("today", "due"):
        words.drop("today")
        whose = "today"
    elif _says_day(words):
        raise usage(Verb.TASKS, f"Of days I know today alone. What I take: {USAGE[Verb.TASKS].arguments}.")
    else:
        return asked.ShowTasks("person", words.person_of(Verb.TASKS), code)
    words.drop("of", "in")
    code = code or words.case()
    if words:
        raise usage(Verb.TASKS, f"I do not understand whose tasks. What I take: {USAGE[Verb.TASKS].arguments}.")
    return asked.ShowTasks(whose, None, code)


def _says_day(words: Words) -> bool:
    """Whether a day, a week or a month comes next instead of a person."""
    given = words.left.split()
    if given[0].casefold() in ("this", "next", "last", "week", "month", "soon"):
        return True
    try:
        read_when(given)
    except NoDay:
        return False
    except BadWhen:
        return True
    return True


def _show(words: Words) -> asked.Asked:
    return asked.ShowTask(words.whole_task(Verb.SHOW))


def _claim(words: Words) -> asked.Asked:
    if not words:
        return asked.ShowTasks("free")
    if words.peek() == "next" and " " not in words.left:
        return asked.ClaimNext()
    if is_slip(words.left, "next"):
        raise usage(Verb.CLAIM, "Did you mean next?", f"{Verb.CLAIM} next")
    return asked.OnTask(Verb.CLAIM, words.whole_task(Verb.CLAIM))


def _release(words: Words) -> asked.Asked:
    return asked.OnTask(Verb.RELEASE, words.whole_task(Verb.RELEASE))


def _resume(words: Words) -> asked.Asked:
    return asked.OnTask(Verb.RESUME, words.whole_task(Verb.RESUME))


def _done(words: Words) -> asked.Asked:
    if not words:
        return asked.ShowTasks("mine")
    task = words.numbered()
    if task is None:
        split = words.split_at(_REFERENCE)
        if split is not None and not words.left.startswith('"'):
            title, _, words = split
            task = title.whole_task(Verb.DONE)
        elif words.left.startswith('"') or ":" in words.left:
            task = words.task(Verb.DONE)
        else:
            return asked.Finish(words.whole_task(Verb.DONE))
    return asked.Finish(task, words.rest() or None)


def evidence_of(kind: EvidenceKind, written: str | None, today: date) -> str | None:
    """What was written behind `done`, as its task's kind of evidence takes it: `ref ABC-1` is `ABC-1`, `fri` a date.

    Raises `BadWhen` for a day that cannot be. What does not fit otherwise is left for the service to refuse.
    """
    if written is None or kind in (EvidenceKind.CHOICE, EvidenceKind.ATTESTATION, EvidenceKind.NONE):
        return written
    words = Words(_EVIDENCE_LEAD.sub("", written.strip()))
    if kind is EvidenceKind.DATE:
        words.drop("on")
    value = words.rest()
    day = read_day(value, today) if kind is EvidenceKind.DATE and value else None
    return value if day is None else day.isoformat()


def evidence_and_reference(spec: EvidenceSpec, written: str | None, today: date) -> tuple[str | None, str | None]:
    """Evidence, and the reference behind it where the item asks for one besides: `bundled ref ABC-1`.

    Raises what `evidence_of` raises.
    """
    if spec.reference is None or written is None:
        return evidence_of(spec.kind, written, today), None
    value, *behind = _BESIDE.split(written, maxsplit=1)
    return evidence_of(spec.kind, value.rstrip(" ,;:"), today), behind[0] if behind else None


def _with_reason(verb: Literal[Verb.SKIP, Verb.REOPEN, Verb.WAIVE, Verb.DECLINE]) -> "Reader":
    def reader(words: Words) -> asked.Asked:
        task = words.numbered()
        if task is None and verb is Verb.REOPEN:
            if (code := words.case()) is not None:
                return asked.ReopenCase(code)
            if words and " " not in words.left and not words.left.startswith('"'):
                raise usage(verb, NO_SUCH_CASE)
        if task is None:
            split = words.split_at(_REASON)
            if split is not None and not words.left.startswith('"'):
                title, _, words = split
                task = title.whole_task(verb)
            else:
                task = words.task(verb)
        words.drop(*REASON_LEAD)
        reason = words.rest()
        if not reason:
            raise lacking(verb, "The reason is missing.", task=task)
        return asked.WithReason(verb, task, reason)

    return reader


def _assign(words: Words) -> asked.Asked:
    first = words.mention()
    if first is not None:
        return asked.Assign(words.whole_task(Verb.ASSIGN), first)
    task, words = _task_then_person(words, Verb.ASSIGN)
    if not words:
        raise lacking(Verb.ASSIGN, "Which person?", task=task)
    person = words.person_of(Verb.ASSIGN, task)
    if words:
        named = person if person.startswith(("@", "<@")) else None
        raise usage(Verb.ASSIGN, "I do not understand what follows the person.", task=task, person=named)
    return asked.Assign(task, person)


def _task_then_person(words: Words, verb: Verb) -> tuple[TaskRef, Words]:
    """A task by number or title, and the words from the person on."""
    if not words:
        raise lacking(verb, "Which task?")
    task = words.numbered()
    if task is None:
        split = words.split_at(PERSON)
        if split is None:
            raise usage(verb, "Name the task by its number, and the person with @.")
        title, person, rest = split
        before = Words(re.sub(r"\s+to$", "", title.left.strip(" :,")))
        task, words = before.whole_task(verb), Words(f"{person[0]} {rest.left}")
    words.drop("to", "for", "with")
    return task, words


def _wait(words: Words) -> asked.Asked:
    task = words.numbered()
    if task is None and words.left.startswith('"'):
        task = words.task(Verb.WAIT)
    if task is not None:
        # Whom it waits for comes first, else the note's words could name somebody else.
        found = _AWAITED_WORD.match(words.left)
        note = Words(words.left[found.end() :]) if found else words
    else:
        split = words.split_at(_AWAITED_WORD)
        if split is None:
            if not words:
                raise lacking(Verb.WAIT, "Which task?")
            raise _whom(None, short=False)
        title, found, note = split
        task = title.whole_task(Verb.WAIT)
    if found is None:
        raise _whom(task, words.left, short=not words)
    return asked.Wait(task, _AWAITED[found[1].casefold()], note.rest() or None)


def _whom(task: TaskRef | None, given: str = "", *, short: bool) -> NotUnderstood:
    people = ", ".join(awaited.value.replace("_", " ") for awaited in Awaited)
    words = f"Say whom it waits for: {people}.{_nearly(given)}"
    return lacking(Verb.WAIT, words, task=task) if short else usage(Verb.WAIT, words, task=task)


def _nearly(given: str) -> str:
    """Whom the first words nearly name."""
    first = re.sub(r"\A(?:(?:on|for|the)\s+)+", "", given.casefold()).split()[:2]
    for said in (" ".join(first), *first[:1]):
        near = difflib.get_close_matches(said[:20].strip(",.;:"), _AWAITED, n=1, cutoff=0.75)
        if near:
            return f" Did you mean {_AWAITED[near[0]].value.replace('_', ' ')}?"
    return ""


def _handoff(words: Words) -> asked.Asked:
    task: TaskRef | None = None
    person = words.mention()
    if not words:
        chosen = {} if person is None else {"person": person}
        raise lacking(Verb.HANDOFF, "Which task, or all?", person=person, chosen=chosen)
    if words.drop(*_ALL):
        words.drop("tasks", "mine")
        words.drop("to")
    elif person is not None:
        task = words.task(Verb.HANDOFF)
    else:
        task, words = _task_then_person(words, Verb.HANDOFF)
    if person is None and not words and task is not None:
        raise lacking(Verb.HANDOFF, "Which person?", task=task)
    person = person or words.person_of(Verb.HANDOFF, task)
    note = words.rest()
    if not note:
        way = written(Verb.HANDOFF, f"{Verb.HANDOFF} all" if task is None else "", task=task, person=person)
        raise NoteMissing(
            f"The note is missing: what has the other person to know? Nothing changed. Write {way}.", person, task
        )
    return asked.Offer(task, person, note)


def _accept(words: Words) -> asked.Asked:
    if not words:
        raise usage(Verb.ACCEPT, "Which task, or all?")
    if not words.drop(*_ALL):
        task = words.numbered()
        if task is None and is_slip(words.left, "all"):
            raise usage(Verb.ACCEPT, "Did you mean all?", f"{Verb.ACCEPT} all")
        if task is None:
            return asked.Accept(words.whole_task(Verb.ACCEPT))
        said = words.rest()
        if said and _NO_WORDS.match(said):
            problem = "One task at a time, or all; and behind one task what you will do."
            raise usage(Verb.ACCEPT, problem, task=task)
        return asked.Accept(task, None, said or None)
    words.drop("from", "of")
    person = words.person() if words else None
    if words:
        raise usage(Verb.ACCEPT, "I do not understand what follows the person.")
    return asked.Accept(None, person)


def _digest(words: Words) -> asked.Asked:
    if words:
        raise usage(Verb.DIGEST, "Nothing comes behind that word.")
    return asked.ShowDigest()


Reader = Callable[[Words], asked.Asked]
_READERS: Final[Mapping[Verb, Reader]] = {
    Verb.HELP: _help,
    Verb.OPEN: case_grammar.read_open,
    Verb.CASE: case_grammar.read_case,
    Verb.TASKS: _tasks,
    Verb.SHOW: _show,
    Verb.CLAIM: _claim,
    Verb.RELEASE: _release,
    Verb.ASSIGN: _assign,
    Verb.WAIT: _wait,
    Verb.RESUME: _resume,
    Verb.DONE: _done,
    Verb.SKIP: _with_reason(Verb.SKIP),
    Verb.REOPEN: _with_reason(Verb.REOPEN),
    Verb.WAIVE: _with_reason(Verb.WAIVE),
    Verb.HANDOFF: _handoff,
    Verb.ACCEPT: _accept,
    Verb.DECLINE: _with_reason(Verb.DECLINE),
    Verb.SHIFT: shift_grammar.read_shift,
    Verb.AWAY: shift_grammar.read_away,
    Verb.BACK: shift_grammar.read_back,
    Verb.DATE: case_grammar.read_date,
    Verb.COMPONENT: case_grammar.read_component,
    Verb.CLOSE: case_grammar.read_close,
    Verb.DIGEST: _digest,
    Verb.SURGEON: case_grammar.read_person(Verb.SURGEON),
    Verb.LEAD: case_grammar.read_person(Verb.LEAD),
    Verb.SLA: sla_grammar.read_sla,
    Verb.LATE: sla_grammar.read_late,
    Verb.EXTEND: sla_grammar.read_extend,
    Verb.ESCALATE: sla_grammar.read_escalate,
    Verb.ASK: ask_grammar.read_ask,
    Verb.SPREAD: spread_grammar.read_spread,
    Verb.SETTINGS: settings_grammar.read_settings,
    Verb.SNOOZE: quiet_grammar.read_snooze,
    Verb.REMIND: quiet_grammar.read_remind,
    Verb.QUIET: quiet_grammar.read_quiet,
}
