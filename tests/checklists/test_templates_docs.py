"""Every example in the documents about templates loads, or fails only by what it says it needs."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.checklists import shape
from app.checklists.checks import START_KINDS
from app.checklists.loader import load_text
from app.checklists.problems import Problem, TemplateErrors
from app.checklists.vocabulary import Awaited, ComponentKind, ComponentPart, EvidenceKind, Role, Supply
from app.kernel.durations import UNITS
from app.kernel.keydates import KEY_DATES

DOCS = Path(__file__).parents[2] / "docs"
GUIDE, TO_COME = DOCS / "templates.md", DOCS / "templates-to-come.md"
SKELETON = "id: example\nversion: 1\ntitle: Example\nscope: component\nstarts:\n  - component_added: true\nitems:\n"


@dataclass(frozen=True)
class Example:
    where: str
    text: str
    future: bool

    @property
    def template(self) -> str:
        """The whole template: a block that begins with an item stands in a skeleton."""
        return SKELETON + self.text if self.text.startswith("- id:") else self.text


def examples(document: Path) -> list[Example]:
    text = document.read_text(encoding="utf-8")
    return [
        Example(f"{document.name}:{text.count(chr(10), 0, found.start()) + 1}", found[2], bool(found[1]))
        for found in re.finditer(r"^```yaml( future)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def problems_of(example: Example) -> list[Problem]:
    try:
        load_text(example.template, example.where)
    except TemplateErrors as errors:
        return errors.problems
    return []


TODAY = [example for document in (GUIDE, TO_COME) for example in examples(document) if not example.future]
FUTURE = [example for example in examples(TO_COME) if example.future]


def test_there_are_examples_to_test() -> None:
    assert len(TODAY) >= 12
    assert len(FUTURE) >= 7


@pytest.mark.parametrize("example", TODAY, ids=lambda example: example.where)
def test_an_example_loads(example: Example) -> None:
    assert problems_of(example) == []


SAID = [
    (re.compile(r"unknown key `(\w+)`"), "`{}`"),
    (re.compile(r"unknown scope `(\w+)`"), "`{}`"),
    (re.compile(r"unknown key date `(\w+)`"), "{}"),
    (re.compile(r"“([\w ]+)” is not a key date"), "`{}`"),
    (re.compile(r"`(due)` has to be text, not a list"), "`{}` as a list"),
]


def named_as(problem: Problem) -> str | None:
    """How the table of needs would name what the problem is about; None for anything else."""
    for pattern, name in SAID:
        found = pattern.search(problem.message)
        if found is not None:
            return name.format(found[1].replace(" ", "_"))
    return None


def needs_table() -> str:
    text = TO_COME.read_text(encoding="utf-8")
    return text.partition("## What the format would need")[2].partition("\n## ")[0].replace("scope: consult", "consult")


@pytest.mark.parametrize("example", FUTURE, ids=lambda example: example.where)
def test_a_future_example_fails_by_what_the_table_names_and_nothing_else(example: Example) -> None:
    problems = problems_of(example)

    assert problems
    for problem in problems:
        name = named_as(problem)
        assert name is not None, str(problem)
        assert name in needs_table(), str(problem)


@pytest.mark.parametrize("key", ["repeat", "again", "requires", "reopen", "on_demand", "sets"])
def test_no_key_of_the_future_is_in_the_loader_yet(key: str) -> None:
    shapes = (shape.TemplateBody, shape.ItemBody, shape.EvidenceBody, shape.StartBody, shape.SlaBody)

    assert all(key not in one.model_fields for one in shapes)
    assert f"`{key}`" in needs_table()


def test_each_area_of_work_has_its_section() -> None:
    headings = re.findall(r"^## (1\w) ", TO_COME.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == ["1a", "1b", "1d", "1f", "1g", "1i", "1j"]


WORDS = [
    *shape.TemplateBody.model_fields,
    *shape.ItemBody.model_fields,
    *shape.EvidenceBody.model_fields,
    *shape.SlaBody.model_fields,
    *shape.StepBody.model_fields,
    *shape.GateBody.model_fields,
    *START_KINDS,
    *Role,
    *Awaited,
    *EvidenceKind,
    *ComponentKind,
    *ComponentPart,
    *Supply,
    *KEY_DATES,
    *UNITS,
]


@pytest.mark.parametrize("word", sorted(set(WORDS)))
def test_the_guide_names_every_word_of_the_format(word: str) -> None:
    assert f"`{word}`" in GUIDE.read_text(encoding="utf-8")
