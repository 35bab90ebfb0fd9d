"""docs/errors.md names every error that a person can meet, in the words that the code has."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import app
from app.cli.edge import _SPOKEN
from app.cli.out import CannotDo
from app.notices.outcomes import ChannelLost, NotSent, Refused
from app.refusals import Refusal
from app.settings import ROOT
from app.slack import errors

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def rows(heading: str, cells: int) -> list[list[str]]:
    """The rows of the table below a heading, or of the next one below a table's first line."""
    table = PAGE.partition(heading)[2].partition("| --- |")[2].partition("\n\n")[0]
    found = [line.strip("| ").split(" | ") for line in table.splitlines()[1:]]
    assert found
    assert {len(row) for row in found} == {cells}
    return found


def subclasses(of: type[Any]) -> Iterator[type[Any]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def named(of: type[Any]) -> set[str]:
    """The names of all our exceptions of a kind, wherever they stand."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {each.__name__ for each in subclasses(of) if each.__module__.startswith("app.")}


def texts() -> str:
    """Every text of the code, `…` where a value stands in it."""
    found = []
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append(
                    "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def test_every_refusal_stands_in_the_table_once_in_words_that_are_said() -> None:
    told = rows("## Answers in Slack", 4)
    names = [row[3].strip("`") for row in told]
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app" / "slack").rglob("*.py"))
    aside = set(re.findall(r'refused="([A-Za-z]+)"', code))  # answers that are refusals without an exception
    assert sorted(names) == sorted(named(Refusal) | aside)
    said = texts()
    assert [row[0] for row in told if row[0].strip("“”") not in said] == []


def test_every_exception_of_slack_says_what_becomes_of_a_post() -> None:
    told = [row[0].strip("`") for row in rows("## When a post does not go through", 3)]
    assert sorted(told) == sorted(named(NotSent) - {ChannelLost.__name__})


def test_every_code_of_slack_stands_there_with_its_words_and_its_exception() -> None:
    told = rows("| code | what the outbox says | exception |", 3)
    ours = {code: (words, kind.__name__) for kind, codes in errors._TYPES.items() for code, words in codes.items()}
    ours |= dict.fromkeys(errors.RATE_LIMITED, ("Slack asks to wait", "RateLimited"))
    ours |= dict.fromkeys(errors.AMBIGUOUS, ("It may have been applied", "Ambiguous"))
    assert {code.strip("`"): (words, kind.strip("`")) for code, words, kind in told} == ours
    assert len(told) == len(ours)
    assert isinstance(errors.refused("no_such_code"), Refused)


def test_everything_that_stops_a_command_stands_there() -> None:
    told = [row[1].strip("`") for row in rows("## What stops a command", 4)]
    spoken = {each.__name__ for each in _SPOKEN if each is not Refusal}

    others = named(CannotDo) | {"CannotDo", "ValidationError", "DBAPIError", "Exception"}
    assert sorted(told) == sorted(spoken | others)
