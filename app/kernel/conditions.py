"""Conditions: `component.kind in [plate, cement] and not component.custom`, parsed, never run as code.

    condition  = and-part { "or" and-part }
    and-part   = not-part { "and" not-part }
    not-part   = "not" not-part | "(" condition ")" | test
    test       = name | name ("=" | "!=") value | name ["not"] "in" "[" value {"," value} "]"

What is not known is not negative: a test on an unknown fact is neither true nor false (Kleene's three
values), and so is its `not`. A condition holds only when it is certainly true.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Fact = str | bool | int | None
Facts = Mapping[str, Fact]
Operator = Literal["is set", "=", "!=", "in", "not in"]

_TOKEN = re.compile(r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<word>[A-Za-z0-9_][\w.\-]*)|(?P<mark>!=|==|[=()\[\],]))""")
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+\Z")
_RESERVED = ("and", "or", "not", "in")
_DEEPEST = 20
_LONGEST = 500


class ConditionError(ValueError):
    """A text is no condition: what is wrong, where (`column`, from 1), what would be right."""

    def __init__(self, message: str, column: int, suggestion: str) -> None:
        self.message = message
        self.column = column
        self.suggestion = suggestion
        super().__init__(f"{message} (column {column}); {suggestion}")


@dataclass(frozen=True)
class Test:
    """One question about one fact; `column` is where its name stands."""

    name: str
    operator: Operator
    values: tuple[str, ...]
    column: int

    def truth(self, facts: Facts) -> bool | None:
        fact = facts.get(self.name)
        if fact is None:
            return None
        if self.operator == "is set":
            return bool(fact)
        among = any(_same(fact, value) for value in self.values)
        return among if self.operator in ("=", "in") else not among

    def tests(self) -> Iterator["Test"]:
        yield self


@dataclass(frozen=True)
class _Not:
    part: "_Node"

    def truth(self, facts: Facts) -> bool | None:
        value = self.part.truth(facts)
        return None if value is None else not value

    def tests(self) -> Iterator[Test]:
        yield from self.part.tests()


@dataclass(frozen=True)
class _Junction:
    """Parts joined by `and` (`decisive` False) or `or` (`decisive` True): one decisive part settles it."""

    decisive: bool
    parts: tuple["_Node", ...]

    def truth(self, facts: Facts) -> bool | None:
        values = [part.truth(facts) for part in self.parts]
        if self.decisive in values:
            return self.decisive
        return None if None in values else not self.decisive

    def tests(self) -> Iterator[Test]:
        for part in self.parts:
            yield from part.tests()


_Node = Test | _Not | _Junction


@dataclass(frozen=True)
class Condition:
    """A parsed condition."""

    text: str
    _root: _Node

    @classmethod
    def parse(cls, text: str, *, names: Collection[str] | Callable[[str], bool]) -> "Condition":
        """Read a condition.

        `names` are the facts that it may ask for, or a function that says whether a name is one.

        Raises ConditionError.
        """
        root = _Reader(text, names).condition()
        return cls(" ".join(text.split()), root)

    def evaluate(self, facts: Facts) -> bool:
        """Whether the condition certainly holds. Facts that are missing or None are unknown."""
        return self.truth(facts) is True

    def truth(self, facts: Facts) -> bool | None:
        """True, False, or None where the facts do not tell."""
        return self._root.truth(facts)

    def names(self) -> set[str]:
        """The dotted names of all facts that the condition asks for."""
        return {test.name for test in self._root.tests()}

    def tests(self) -> tuple[Test, ...]:
        """Every single question, in the order of the text; for checks of its values."""
        return tuple(self._root.tests())

    def __str__(self) -> str:
        return self.text


def _same(fact: str | bool | int, value: str) -> bool:
    if isinstance(fact, bool):
        return value.casefold() in (("true", "yes") if fact else ("false", "no"))
    if isinstance(fact, int):
        return value.lstrip("-").isdecimal() and int(value) == fact
    return fact.strip().casefold() == value.casefold()


@dataclass(frozen=True)
class _Token:
    kind: Literal["word", "quoted", "mark", "end"]
    text: str
    column: int

    def says(self, *words: str) -> bool:
        return self.kind in ("word", "mark") and self.text.casefold() in words


class _Reader:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, names: Collection[str] | Callable[[str], bool]) -> None:
        if len(text) > _LONGEST:
            raise ConditionError(
                f"the condition has {len(text)} characters",
                _LONGEST,
                f"write it in {_LONGEST} at most, or split the item",
            )
        self._known = names
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def condition(self) -> _Node:
        if self._at_end():
            raise ConditionError("the condition is empty", 1, "write for example component.custom, or leave it out")
        root = self._either()
        if not self._at_end():
            raise ConditionError(
                f"“{self._next.text}” does not continue the condition",
                self._next.column,
                "join two tests with and / or",
            )
        return root

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _at_end(self) -> bool:
        return self._next.kind == "end"

    def _take(self) -> _Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _accept(self, *words: str) -> bool:
        if self._next.says(*words):
            self._take()
            return True
        return False

    def _either(self) -> _Node:
        parts = [self._both()]
        while self._accept("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else _Junction(True, tuple(parts))

    def _both(self) -> _Node:
        parts = [self._negatable()]
        while self._accept("and"):
            parts.append(self._negatable())
        return parts[0] if len(parts) == 1 else _Junction(False, tuple(parts))

    def _negatable(self) -> _Node:
        opened = self._next
        if not opened.says("not", "("):
            return self._test()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ConditionError(
                f"more than {_DEEPEST} levels of not and parentheses",
                opened.column,
                "write it flatter, or split the item",
            )
        self._take()
        node: _Node
        if opened.text == "(":
            node = self._either()
            if not self._accept(")"):
                raise ConditionError("the parenthesis is not closed", opened.column, "write ) where it ends")
        else:
            node = _Not(self._negatable())
        self._depth -= 1
        return node

    def _test(self) -> Test:
        name = self._take()
        if name.kind != "word" or name.says(*_RESERVED):
            what = f"“{name.text}”" if name.text else "the end"
            raise ConditionError(f"a name is missing before {what}", name.column, "write for example component.kind")
        self._check_name(name)
        if self._accept("=", "=="):
            return Test(name.text, "=", (self._value(),), name.column)
        if self._accept("!="):
            return Test(name.text, "!=", (self._value(),), name.column)
        if self._accept("in"):
            return Test(name.text, "in", self._values(), name.column)
        following = self._next
        if self._accept("not"):
            if not self._accept("in"):
                raise ConditionError(
                    "“not” stands behind a name",
                    following.column,
                    f"write {name.text} not in […], or not {name.text}",
                )
            return Test(name.text, "not in", self._values(), name.column)
        if self._next.says("is", "equals"):
            raise ConditionError(f"“{self._next.text}” is not a comparison", self._next.column, "write =")
        return Test(name.text, "is set", (), name.column)

    def _check_name(self, token: _Token) -> None:
        known = self._known(token.text) if callable(self._known) else token.text in self._known
        if known:
            return
        if isinstance(self._known, Collection):
            near = difflib.get_close_matches(token.text, list(self._known), n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(self._known))}"
        elif _NAME.match(token.text):
            hint = "use a known name, such as component.kind or key_date.surgery"
        else:
            hint = "names are dotted, such as component.kind"
        raise ConditionError(f"“{token.text}” is not a known fact", token.column, hint)

    def _value(self) -> str:
        token = self._take()
        if token.kind == "quoted":
            return token.text[1:-1]
        if token.kind == "word" and not token.says(*_RESERVED):
            return token.text
        if token.says("["):
            raise ConditionError("a list needs “in”", token.column, "write in […], or = with one value")
        raise ConditionError("a value is missing", token.column, "write a word, a number or a text in quotes")

    def _values(self) -> tuple[str, ...]:
        opened = self._next
        if not self._accept("["):
            raise ConditionError("“in” needs a list", opened.column, "write for example in [plate, cement]")
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        if not self._accept("]"):
            raise ConditionError("the list is not closed", opened.column, "separate values with , and end with ]")
        return tuple(values)


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            column = at + len(text[at:]) - len(text[at:].lstrip())
            raise ConditionError(
                f"“{text[column]}” has no meaning here", column + 1, "use = != in, and, or, not, ( ) and [ ]"
            )
        if found["quoted"] is not None:
            yield _Token("quoted", found["quoted"], found.start("quoted") + 1)
        elif found["word"] is not None:
            yield _Token("word", found["word"], found.start("word") + 1)
        else:
            yield _Token("mark", found["mark"], found.start("mark") + 1)
        at = found.end()
    yield _Token("end", "", end + 1)
