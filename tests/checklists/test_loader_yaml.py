"""What is not YAML, or not the part of it that templates use."""

import pytest

from tests.checklists.rows import ITEM, TOP, problems_of

YAML_ERRORS = [
    ("nothing", "", 1, "the file is empty", "write a template"),
    ("comments only", "# to do\n", 1, "the file is empty", "write a template"),
    ("a colon in a text", "id: a\ntitle: Board: packet\n", 2, "mapping values are not allowed", "into quotes"),
    ("an open bracket", "id: a\nstarts: [a\nb: c\n", 2, "expected ',' or ']'", "close the bracket"),
    ("an open quote", "id: a\ntitle: 'Board\nversion: 1\n", 2, "quoted scalar", "close the bracket or quote"),
    ("a bad indentation", "id: a\n  version: 1\n", 2, "mapping values are not allowed", "check the indentation"),
    ("a reserved character", "id: @board\n", 1, "cannot start any token", "into quotes"),
    ("a star", "title: *bold*\n", 1, "not YAML", "begins with * into quotes"),
    ("two documents", TOP + ITEM + "---\nid: b\n", 9, "another document", "one template to a file"),
    ("a tab", TOP + "items:\n\t- id: TB1\n", 7, "a tab in the indentation", "use spaces"),
    ("a control character", "id: a\x01\n", 1, "not readable as YAML", "plain text"),
    ("no mapping", "- id: TB1\n", 1, "the template has to be keys with values, not a list", "indented below"),
    ("a bare word", "board\n", 1, "the template has to be keys with values, not a text", "indented below"),
    ("a key twice", TOP + "title: Again\n" + ITEM, 6, "`title` stands twice (first on line 3)", "keep one"),
    ("a key of an item twice", TOP + ITEM + "    id: TB2\n", 9, "`id` stands twice (first on line 7)", "keep one"),
    ("a key that is a list", TOP + ITEM + "    [a, b]: c\n", 9, "a key that is not a word", "into quotes"),
    ("an anchor", TOP + ITEM + "    roles: &who [va]\n", 9, "an anchor (&who)", "write the value out"),
    ("a tag", TOP + ITEM + "    due: !!python/name:os.system x\n", 9, "of a kind that templates do not use", "plain"),
    ("not a number", TOP.replace("1", ".nan") + ITEM, 2, "of a kind that templates do not use", "whole number"),
]


@pytest.mark.parametrize(("why", "text", "line", "said", "advice"), YAML_ERRORS, ids=[row[0] for row in YAML_ERRORS])
def test_what_is_not_yaml_is_said_with_its_line(why: str, text: str, line: int, said: str, advice: str) -> None:
    (problem, *rest) = problems_of(text)

    assert rest == []
    assert problem.line == line
    assert said in problem.message
    assert advice in problem.fix


def test_an_alias_bomb_is_refused_without_being_built() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )

    problems = problems_of(bomb)

    assert sum("an anchor" in problem.message for problem in problems) == 9


def test_deep_nesting_is_refused() -> None:
    problems = problems_of("id: " + "[" * 40 + "]" * 40 + "\n")

    assert "nested too deeply" in {problem.message for problem in problems}
