"""Loading files and folders, and what is checked between the files of a folder."""

from pathlib import Path

import pytest

from app.checklists.loader import load_file, load_set, load_text
from app.checklists.problems import Problem, TemplateErrors
from app.checklists.vocabulary import Scope
from tests.checklists.rows import ITEM, TB2, TOP, problems_of

BOARD = TOP + ITEM
FOLLOW_UP = """\
id: follow_up
version: 1
title: Follow up
starts:
  - task_done: board_packet/TB1
items:
  - id: FU1
    title: Called back
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def errors_of(folder: Path) -> list[Problem]:
    with pytest.raises(TemplateErrors) as caught:
        load_set(folder)
    return caught.value.problems


def test_a_file_becomes_a_template(tmp_path: Path) -> None:
    template = load_file(write(tmp_path, board_packet=BOARD) / "board_packet.yaml")

    assert (template.id, template.version, template.title) == ("board_packet", 1, "Board packet")
    assert template.scope is Scope.CASE
    assert [item.id for item in template.items] == ["TB1"]


def test_a_set_is_by_id_and_takes_yaml_files_only(tmp_path: Path) -> None:
    write(tmp_path, board_packet=BOARD, follow_up=FOLLOW_UP)
    (tmp_path / "schema.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("not a template")

    assert sorted(load_set(tmp_path)) == ["board_packet", "follow_up"]


def test_all_problems_of_a_file_come_together_in_the_order_of_its_lines() -> None:
    text = """\
id: board_packet
version: 0
title: Board packet
starts:
  - key_date: bord
items:
  - id: TB1
    title: Listed for Mrs. Smith
    rolls: [va]
    due: 2 days before bord
    needs: [TB9]
    evidence: {kind: choice}
  - id: TB1
    title: 12
    sla: {target: 2 bananas}
    when: key_date.surgry and component.custom
    title: Again
"""
    problems = problems_of(text)

    assert [problem.line for problem in problems] == [2, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 17]
    assert problems == sorted(problems)


def test_the_exception_reads_as_one_line_a_problem() -> None:
    with pytest.raises(TemplateErrors) as caught:
        load_text(TOP.replace("1", "0") + ITEM + "    rolls: [va]\n", "checklists/board.yaml")

    assert str(caught.value).splitlines() == [
        "checklists/board.yaml:2: `version` is 0; write a whole number from 1",
        "checklists/board.yaml:9: TB1: unknown key `rolls`; did you mean `roles`?",
    ]


def test_all_files_of_a_set_are_looked_at_before_anything_is_said(tmp_path: Path) -> None:
    write(
        tmp_path,
        board_packet=BOARD + "    rolls: [va]\n",
        follow_up=FOLLOW_UP.replace("TB1", "TB7"),
        third=BOARD.replace("id: board_packet", "id: third").replace("1", "0", 1),
    )

    said = [(Path(problem.file).name, problem.line, problem.message) for problem in errors_of(tmp_path)]

    assert said == [
        ("board_packet.yaml", 9, "TB1: unknown key `rolls`"),
        ("follow_up.yaml", 5, "template board_packet has no item `TB7`"),
        ("third.yaml", 2, "`version` is 0"),
    ]


SET_ERRORS = [
    (
        "a start by an unknown template",
        {"board_packet": BOARD, "follow_up": FOLLOW_UP.replace("board_packet", "board_packets")},
        5,
        "unknown template `board_packets`",
        "did you mean `board_packet`?",
    ),
    (
        "a start by an unknown item",
        {"board_packet": BOARD + TB2, "follow_up": FOLLOW_UP.replace("TB1", "TB3")},
        5,
        "template board_packet has no item `TB3`",
        "did you mean `TB2`?",
    ),
    (
        "a start by a task of its own",
        {"follow_up": FOLLOW_UP.replace("board_packet/TB1", "follow_up/FU1")},
        5,
        "the track would have to run before it starts",
        "another template",
    ),
    (
        "an id in two files",
        {"board_packet": BOARD, "copy": BOARD},
        1,
        "the template `board_packet` is in",
        "its own id",
    ),
]


@pytest.mark.parametrize(("why", "files", "line", "said", "advice"), SET_ERRORS, ids=[row[0] for row in SET_ERRORS])
def test_what_is_wrong_between_files(
    tmp_path: Path, why: str, files: dict[str, str], line: int, said: str, advice: str
) -> None:
    (problem,) = errors_of(write(tmp_path, **files))

    assert problem.line == line
    assert said in problem.message
    assert advice in problem.fix


def test_a_start_by_a_task_of_a_file_with_errors_is_not_an_error_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, board_packet=BOARD + "    rolls: [va]\n", follow_up=FOLLOW_UP)

    (problem,) = errors_of(tmp_path)

    assert "rolls" in problem.message


UNREADABLE = [
    ("a file that is not there", None, "there is no such file"),
    ("a file that is not UTF-8", b"id: a\ntitle: B\xf6hm\n", "not UTF-8 text"),
]


@pytest.mark.parametrize(("why", "content", "said"), UNREADABLE, ids=[row[0] for row in UNREADABLE])
def test_a_file_that_cannot_be_read(tmp_path: Path, why: str, content: bytes | None, said: str) -> None:
    path = tmp_path / "board.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(TemplateErrors) as caught:
        load_file(path)

    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.line == (2 if content else 1)


def test_a_folder_in_place_of_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(TemplateErrors, match="cannot be read"):
        load_file(tmp_path)


@pytest.mark.parametrize(("name", "said"), [(".", "no template here"), ("nowhere", "there is no such folder")])
def test_a_folder_without_templates_is_an_error(tmp_path: Path, name: str, said: str) -> None:
    (problem,) = errors_of(tmp_path / name)

    assert said in problem.message
