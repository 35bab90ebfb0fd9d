"""Templates with one error each, and how they are looked at."""

from dataclasses import dataclass

import pytest

from app.checklists.loader import load_text
from app.checklists.problems import Problem, TemplateErrors

TOP = """\
id: board_packet
version: 1
title: Board packet
starts:
  - key_date: board
"""
COMPONENT_TOP = """\
id: implants
version: 1
title: Implants
scope: component
starts:
  - component_added: true
"""
ITEM = """\
items:
  - id: TB1
    title: Listed for the board
"""
TB2 = """\
  - id: TB2
    title: Images loaded
"""


@dataclass(frozen=True)
class Row:
    """A template in which each line that ends with `#!` has one error, in the order of `said` and `advice`."""

    why: str
    text: str
    said: str
    advice: str


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(TemplateErrors) as caught:
        load_text(text, "t.yaml")
    return caught.value.problems


def marked_line(text: str) -> int:
    (line,) = [number for number, line in enumerate(text.splitlines(), start=1) if line.endswith("#!")]
    return line


def said_once_on_its_line(row: Row) -> None:
    """The row's template has exactly the one error, on the marked line, with its words and its advice."""
    problems = problems_of(row.text)

    assert [problem.line for problem in problems] == [marked_line(row.text)], "\n".join(map(str, problems))
    (problem,) = problems
    assert row.said in problem.message
    assert row.advice in problem.fix
    assert problem.severity == "error"
    assert str(problem).startswith(f"t.yaml:{problem.line}: ")
