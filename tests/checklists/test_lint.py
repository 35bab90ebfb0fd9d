"""What lint warns of: allowed, and probably not meant."""

from pathlib import Path

import pytest

from app.checklists.lint import lint_set
from app.checklists.problems import Problem

TOP = """\
id: board_packet
version: 1
title: Board packet
starts:
  - key_date: board
"""
DEFAULTS = """\
defaults:
  remind: 1 business hour
  escalate: [{after: 1 business day, to: lead}]
"""
WORDS = "    how: Do it.\n    source: Local policy\n"
ITEM = (
    """\
items:
  - id: TB1
    title: Listed
    roles: [va]
    due: 3 days before board
"""
    + WORDS
)
TB2 = (
    """\
  - id: TB2
    title: Loaded
    roles: [va]
"""
    + WORDS
)


def lint(folder: Path, **files: str) -> list[Problem]:
    for stem, text in files.items():
        (folder / f"{stem}.yaml").write_text(text, encoding="utf-8")
    return lint_set(folder)


def test_a_template_without_fault_gets_no_word(tmp_path: Path) -> None:
    assert lint(tmp_path, board_packet=TOP + DEFAULTS + ITEM) == []


WARNINGS = [
    (
        "no roles",
        TOP + DEFAULTS + ITEM.replace("    roles: [va]\n", "").replace("TB1", "TB1 #!"),
        "TB1: without `roles` anyone",
        "roles: [va]",
    ),
    (
        "no deadline",
        TOP + DEFAULTS + ITEM + TB2.replace("TB2", "TB2 #!"),
        "TB2: without `due` and `sla` nothing ever reminds",
        "write one",
    ),
    (
        "no reminder",
        TOP + DEFAULTS.replace("  remind: 1 business hour\n", "") + ITEM.replace("TB1", "TB1 #!"),
        "TB1: nobody is reminded before it is late",
        "remind: 4 business hours",
    ),
    (
        "nobody to escalate to",
        TOP + DEFAULTS + ITEM.replace("TB1", "TB1 #!") + "    escalate: []\n",
        "TB1: nobody but its holder hears",
        "escalate: [",
    ),
    (
        "steps out of order",
        TOP + DEFAULTS + ITEM.replace("TB1", "TB1 #!")
        + "    escalate: [{after: 2 hours, to: manager}, {after: 60 minutes, to: lead}]\n",
        "TB1: lead is told no later than manager",
        "order the steps",
    ),
    ("no how-to", TOP + DEFAULTS + ITEM.replace("TB1", "TB1 #!").replace("    how: Do it.\n", ""),
     "TB1: there is no `how`", "how it is done"),
    ("no source", TOP + DEFAULTS + ITEM.replace("TB1", "TB1 #!").replace("    source: Local policy\n", ""),
     "TB1: there is no `source`", "where the rule comes from"),
    ("pauses without a clock that pauses", TOP + DEFAULTS + ITEM + "    pauses: [payer] #!\n",
     "TB1: `pauses` does nothing without `sla`", "write `sla`"),
    (
        "a reminder of nothing",
        TOP + DEFAULTS + ITEM.replace("    due: 3 days before board\n", "").replace("TB1", "TB1 #!")
        + "    remind: 1 day #!\n",
        "does nothing without",
        "",
    ),
    (
        "due before what it needs",
        TOP + DEFAULTS + ITEM + TB2 + "    due: 4 days before board\n    needs: [TB1] #!\n",
        "TB2: it is due before TB1, which it needs (4 days before board against 3 days before board)",
        "move one",
    ),
    (
        "due before what it needs, whichever rule counts",
        TOP + DEFAULTS + ITEM + "    due_when: [{when: key_date.biopsy, due: 2 days before board}]\n"
        + TB2 + "    due: 4 days before board\n    needs: [TB1] #!\n",
        "TB2: it is due before TB1, which it needs",
        "move one",
    ),
    ("a gate over nothing", TOP + DEFAULTS + ITEM + "    gate: {waiver: [lead]} #!\n",
     "TB1: a gate without `needs` holds nothing back", "what it needs"),
    ("a waiver of nothing", TOP + "gates_waiver: [lead] #!\n" + DEFAULTS + ITEM,
     "no item gates a key date", "delete the line"),
    (
        "a gate that is there only once it is late",
        TOP + "gates_waiver: [lead]\n" + DEFAULTS + ITEM
        + "    when: key_date.biopsy and key_date.surgery #!\n    gates: [surgery]\n",
        "TB1: the item is there only once surgery is set",
        "an earlier key date",
    ),
    (
        "a gate that comes too late",
        TOP.replace("board\n", "surgery\n") + DEFAULTS + ITEM + "    gates: [surgery] #!\n",
        "TB1: surgery is set before this track starts",
        "start the track earlier",
    ),
    ("a file of another name", TOP.replace("id: board_packet", "id: board #!") + DEFAULTS + ITEM,
     "template `board` is in a file named board_packet", "one name"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "text", "said", "advice"), WARNINGS, ids=[row[0] for row in WARNINGS])
def test_a_warning_stands_on_its_line(tmp_path: Path, why: str, text: str, said: str, advice: str) -> None:
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line.endswith("#!")]

    problems = lint(tmp_path, board_packet=text)

    assert [problem.line for problem in problems] == lines, "\n".join(map(str, problems))
    assert {problem.severity for problem in problems} == {"warning"}
    assert any(said in problem.message and advice in problem.fix for problem in problems)
    assert all(": warning: " in str(problem) for problem in problems)


ALLOWED = [
    ("needs something due on the same moment", "    due: 3 days before board\n    needs: [TB1]\n"),
    ("needs something on another key date", "    due: 9 days before surgery\n    needs: [TB1]\n"),
    ("an SLA with its own warning and no reminder", "    sla: {target: 2 days, warn: 1 day}\n    pauses: [payer]\n"),
    ("steps that only a calendar could order",
     "    due: on board\n    escalate: [{after: 1 business day, to: lead}, {after: 20 hours, to: manager}]\n"),
    ("a key date gated by a track that starts before it", "    due: on board\n    gates: [surgery]\n"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "more"), ALLOWED, ids=[row[0] for row in ALLOWED])
def test_no_warning_of_what_is_well_meant(tmp_path: Path, why: str, more: str) -> None:
    assert lint(tmp_path, board_packet=TOP + DEFAULTS + ITEM + TB2 + more) == []


def test_errors_and_warnings_of_all_files_come_in_order(tmp_path: Path) -> None:
    good = TOP + DEFAULTS + ITEM

    problems = lint(
        tmp_path,
        one=good.replace("board_packet", "one").replace("    roles: [va]\n", ""),
        two=good.replace("board_packet", "two").replace("1", "0", 1),
        three=good.replace("board_packet", "three").replace("key_date: board", "task_done: zz/TB1"),
    )

    assert [(Path(problem.file).stem, problem.line, problem.severity) for problem in problems] == [
        ("one", 10, "warning"),
        ("three", 5, "error"),
        ("two", 2, "error"),
    ]


def test_templates_that_only_start_each_other_never_start(tmp_path: Path) -> None:
    good = TOP + DEFAULTS + ITEM

    problems = lint(
        tmp_path,
        one=good.replace("board_packet", "one").replace("key_date: board", "task_done: two/TB1"),
        two=good.replace("board_packet", "two").replace("key_date: board", "task_done: one/TB1"),
        three=good.replace("board_packet", "three").replace("key_date: board", "task_done: four/TB1"),
        four=good.replace("board_packet", "four"),
    )

    assert [(Path(problem.file).stem, problem.line) for problem in problems] == [("one", 4), ("two", 4)]
    assert all("this track never starts" in problem.message for problem in problems)


def test_a_folder_without_templates_is_an_error(tmp_path: Path) -> None:
    (problem,) = lint_set(tmp_path)

    assert problem.severity == "error"


def test_a_rule_that_is_early_enough_when_it_counts_gets_no_word(tmp_path: Path) -> None:
    early = "    due_when: [{when: key_date.biopsy, due: 5 days before board}]\n"
    later = TB2 + "    when: key_date.biopsy\n    due: 4 days before board\n    needs: [TB1]\n"

    assert lint(tmp_path, board_packet=TOP + DEFAULTS + ITEM + early + later) == []
