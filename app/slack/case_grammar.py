"""Reading the commands that are about a case: opening and closing it, its people, key dates, components. Pure."""

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Final, Literal

from app.checklists.vocabulary import ComponentKind, ComponentPart, Supply
from app.kernel.codes import CaseCode
from app.kernel.keydates import KEY_DATES, UnknownKeyDate, parse_key_date
from app.slack import asked
from app.slack.verbs import Verb
from app.slack.when import NoDay, read_when
from app.slack.words import NO_SUCH_CASE, REASON_LEAD, Words, lacking, nearly, usage

_NOT_CUSTOM: Final = ("standard", "noncustom", "non-custom", "not-custom", "uncustom")


_WHICH: Final = "Which component? Give its number, such as 2 or C2."
_CHANGE: Final = f"{Verb.COMPONENT} change"
_REMOVE: Final = f"{Verb.COMPONENT} remove"


def read_open(words: Words) -> asked.Asked:
    """`open @sam`, `open now`."""
    words.drop("for", "case")
    if words.drop("now"):
        if words:
            raise usage(Verb.OPEN, "I do not understand what follows.")
        return asked.OpenCase()
    if not words:
        raise lacking(Verb.OPEN, "Say who operates, or that nobody is known yet.")
    return asked.OpenCase(words.person_of(Verb.OPEN))


def read_case(words: Words) -> asked.Asked:
    """`case`, `case K7Q4`."""
    if not words:
        return asked.ShowCase()
    code = words.case()
    if code is None or words:
        raise usage(Verb.CASE, NO_SUCH_CASE)
    return asked.ShowCase(code)


def read_person(verb: Literal[Verb.SURGEON, Verb.LEAD]) -> Callable[[Words], asked.Asked]:
    """`surgeon @sam`, `lead K7Q4 Lea Brandt`, `surgeon clear`."""

    def reader(words: Words) -> asked.Asked:
        code = words.case()
        words.drop("to", "is", "=")
        if not words:
            raise lacking(verb, "Which person?", case=code)
        if words.drop("clear", "remove", "delete", "none", "unset"):
            person = None
        elif words.left.startswith(("<@", "@")):
            person = words.mention()
        else:
            person = words.rest() or words.person_of(verb)
        if words:
            raise usage(verb, "I do not understand what follows the person.")
        return asked.SetPerson(verb, person, code)

    return reader


def read_date(words: Words) -> asked.Asked:
    """`date board 2026-12-03 07:30`, with `anyway`, a waiver or `clear`; a case code may stand first."""
    code = words.case()
    if not words:
        raise lacking(Verb.DATE, f"Which date? There are: {', '.join(KEY_DATES.values())}.", case=code)
    name = _key_date(words)
    words.drop("to", "is", "=")
    if not words:
        raise lacking(Verb.DATE, "Which day?", case=code, chosen={"name": name})
    if words.drop("clear", "remove", "delete", "none", "unset"):
        if words:
            raise usage(Verb.DATE, "I do not understand what follows the day.")
        return asked.ClearDate(name, code)
    try:
        when, used = read_when(words.left.split())
    except NoDay:
        raise NoDay(nearly(words.left, ("clear",))) from None
    for _ in range(used):
        words.word()
    anyway, waiver = words.drop("anyway"), None
    if words.drop("waive", "waiver"):
        words.drop(*REASON_LEAD)
        waiver = words.rest()
        if not waiver:
            raise usage(Verb.DATE, "The reason for the waiver is missing.", f"{Verb.DATE} surgery 2026-12-10 waive")
    elif words:
        raise usage(Verb.DATE, "I do not understand what follows the day.")
    return asked.SetDate(name, when, waiver, code, anyway)


def _key_date(words: Words) -> str:
    """The key date that the next words name, the longest name first."""
    given = words.left.split()
    for count in range(min(4, len(given)), 0, -1):
        try:
            name = parse_key_date(" ".join(given[:count]).strip(":,="))
        except UnknownKeyDate:
            continue
        for _ in range(count):
            words.word()
        return name
    try:
        parse_key_date(given[0][:40])
    except UnknownKeyDate as error:
        if error.suggestion is None and words.like_case():
            raise usage(Verb.DATE, NO_SUCH_CASE) from None
        near = f" Did you mean {error.suggestion}?" if error.suggestion else ""
    raise usage(Verb.DATE, f"That is no key date.{near} There are: {', '.join(KEY_DATES.values())}.")


def read_component(words: Words) -> asked.Asked:
    """`component add …`, `change`, `remove`, `list`; a case code may stand first."""
    code = words.case()
    if not words or words.peek() in ("list", "show"):
        return asked.ListComponents(code)
    if words.drop("add", "new"):
        return _added(words, code)
    if words.drop("change", "set", "edit", "update"):
        if not words:
            raise lacking(Verb.COMPONENT, _WHICH, _CHANGE, case=code, chosen={"what": "change"})
        number = _number(words, _CHANGE)
        kind, part, custom, supply = _traits(words)
        if kind is not None and part is None and kind.value in list(ComponentPart):
            part, kind = ComponentPart(kind.value), None
        if kind is not None:
            problem = "The kind of a component cannot change: remove it, and add another."
            raise usage(Verb.COMPONENT, problem, _CHANGE, component=number)
        if part is None and custom is None and supply is None:
            chosen = {"what": "change", "number": str(number)}
            problem = "Say what is to change."
            raise lacking(Verb.COMPONENT, problem, _CHANGE, case=code, chosen=chosen, component=number)
        return asked.ChangeComponent(number, part, custom, supply, code)
    if words.drop("remove", "withdraw", "delete", "drop"):
        if not words:
            raise lacking(Verb.COMPONENT, _WHICH, _REMOVE, case=code, chosen={"what": "remove"})
        number = _number(words, _REMOVE)
        words.drop(*REASON_LEAD)
        reason = words.rest()
        if not reason:
            chosen = {"what": "remove", "number": str(number)}
            problem = "The reason is missing."
            raise lacking(Verb.COMPONENT, problem, _REMOVE, case=code, chosen=chosen, component=number)
        return asked.RemoveComponent(number, reason, code)
    known = ("add", "change", "remove", "list")
    raise usage(Verb.COMPONENT, f"I know add, change, remove and list.{nearly(words.word(), known)}")


def _added(words: Words, code: CaseCode | None) -> asked.Asked:
    kind, part, custom, supply = _traits(words)
    if kind is None:
        raise lacking(
            Verb.COMPONENT, f"Which kind? There are: {', '.join(ComponentKind)}.", case=code, chosen={"what": "add"}
        )
    return asked.AddComponent(kind, part, custom, supply, code)


def _number(words: Words, beginning: str) -> int:
    found = re.fullmatch(r"[cC]?#?(\d{1,4})", words.word().strip(":,;"))
    if found is None:
        raise usage(Verb.COMPONENT, _WHICH, beginning)
    return int(found[1])


Traits = tuple[ComponentKind | None, ComponentPart | None, bool | None, Supply | None]


def _traits(words: Words) -> Traits:
    """Kind, part, whether custom, and supply, in any order. What is not said stays unknown."""
    kind: ComponentKind | None = None
    part: ComponentPart | None = None
    custom: bool | None = None
    supply: Supply | None = None
    while words:
        word = _full(words.word().casefold().strip(":,;."))
        if word in ("and", "a", "an", ""):
            continue
        if word in list(ComponentKind) and kind is None:
            kind = ComponentKind(word)
        elif word in list(ComponentPart) and part is None:
            part = ComponentPart(word)
        elif word in list(Supply) and supply is None:
            supply = Supply(word)
        elif custom is None and word == "custom":
            custom = True
        elif custom is None and (word in _NOT_CUSTOM or (word == "not" and words.drop("custom"))):
            custom = False
        else:
            raise usage(Verb.COMPONENT, _trait_hint(word))
    return kind, part, custom, supply


def _full(word: str) -> str:
    """The one trait that a word of four letters or more begins, or else the word itself."""
    begun = {trait for trait in (*ComponentKind, *ComponentPart, *Supply) if trait.startswith(word)}
    return begun.pop() if len(word) >= 4 and len(begun) == 1 else word


def _trait_hint(word: str) -> str:
    known: Sequence[str] = [*ComponentKind, *ComponentPart, *Supply, "custom"]
    if word in known or word in ("not", *_NOT_CUSTOM):
        return "That says the same thing twice."
    near = difflib.get_close_matches(word[:20], known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"I know: {', '.join(dict.fromkeys(known))}, not custom."
    return f"I do not understand how that component is. {hint}"


def read_close(words: Words) -> asked.Asked:
    """`close`, `close K7Q4 reason`, `close because DUPLICATE`."""
    code = words.case()
    if not words.drop(*REASON_LEAD) and words.like_case() and " " not in words.left:
        # Taken for a reason, it would close the case of the channel.
        raise usage(Verb.CLOSE, f"{NO_SUCH_CASE} A reason that looks like one has `because` before it.")
    return asked.CloseCase(code, words.rest() or None)
