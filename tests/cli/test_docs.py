"""What the documents say of settings, commands and mappings is so."""

import ast
import re
from pathlib import Path

import pytest

from app.reports.measures import RANGE_WORDS, definitions
from app.reports.reasons import WORDS
from app.settings import ROOT, Settings
from app.slack.manifest import SCOPES
from app.slack.verbs import COMMANDS, SYNONYMS, USAGE
from tests.cli.conftest import Run
from tests.cli.test_help import commands

DOCS = [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md"]
INSTALL = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")


def test_every_setting_stands_in_the_table_and_nothing_else() -> None:
    told = re.findall(r"^\| `([A-Z_]+)` \|", INSTALL, re.MULTILINE)
    assert sorted(told) == sorted(str(field.alias) for field in Settings.model_fields.values())


def test_every_scope_stands_in_the_page_with_its_reason() -> None:
    table = INSTALL.partition("| scope | needed to |\n| --- | --- |\n")[2].partition("\n\n")[0]
    assert table.splitlines() == [f"| `{scope.name}` | {scope.reason} |" for scope in SCOPES]


def test_the_example_of_the_import_says_what_it_says(practice: Run, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^```(csv|yaml|text)\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    export, mapping = tmp_path / "export.csv", tmp_path / "map.yaml"
    export.write_text(blocks["csv"], encoding="utf-8")
    mapping.write_text(blocks["yaml"], encoding="utf-8")
    ran = practice("import", "cases", str(export), "--map", str(mapping))
    assert (ran.code, ran.out) == (1, blocks["text"])
    codes = [case["code"] for case in _cases(practice)]
    shown = "\n".join(practice("case", "show", code).out for code in codes)
    assert "last two-way contact: Thu 12 Nov 2026" in shown  # ten days after the referral


def _cases(practice: Run) -> list[dict[str, str]]:
    answer = practice("case", "list", "--json").answer
    assert isinstance(answer, dict)
    found: list[dict[str, str]] = answer["cases"]
    return found


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name)
def test_every_command_that_is_named_exists(path: Path) -> None:
    known = {
        words[0]: {inner[1] for inner in commands() if inner[0] == words[0] and len(inner) > 1} for words in commands()
    }
    for line in re.findall(r"caseboard ([a-z][a-z ]*[a-z])", path.read_text(encoding="utf-8")):
        first, *rest = line.split()
        if first not in known or not known[first] or not rest:
            assert first in known or first in ("up", "demo"), f"{path.name}: caseboard {line}"
        else:
            assert rest[0] in known[first], f"{path.name}: caseboard {line}"


def test_the_readme_says_where_the_data_is(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    assert f"`{Settings().data.relative_to(ROOT)}`" in text
    assert f"`{(Settings().data / 'demo').relative_to(ROOT)}`" in text
    named = set(re.findall(r"`((?:CASEBOARD|DATABASE)_[A-Z]+)`", text))
    assert named == {"CASEBOARD_DATA", "DATABASE_URL"}
    assert named < {str(field.alias) for field in Settings.model_fields.values()}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_procfile_has_a_line_for_each_process_type() -> None:
    lines = dict(
        line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if not line.startswith("#")
    )
    assert lines == {name: f"./dev {name}" for name in ("release", "web", "worker", "scheduler")}


def test_every_verb_stands_in_the_table_as_help_has_it() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for verb, usage in USAGE.items():
        examples = "<br>".join(f"`{example}`" for example in usage.examples)
        assert f"| `{verb}` | {usage.arguments} | {examples} | {usage.does} |\n" in text
    for synonym, verb in SYNONYMS.items():
        assert re.search(rf"^\| `{verb}` \| .*`{re.escape(synonym)}`", text, re.MULTILINE), synonym
    for command in COMMANDS:
        assert f"`{command}" in text


def driven_by_people() -> set[str]:
    """Names of the tests in which people act in the sandbox against the real app: those that are given an office."""
    found = set()
    for path in (ROOT / "tests" / "slack").glob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                given = [each.annotation for each in node.args.args]
                if any(isinstance(each, ast.Name) and each.id == "Office" for each in given):
                    found.add(node.name)
    return found


def test_every_verb_has_its_ways_each_with_a_test_that_is_there() -> None:
    """Command and button are driven for every verb; a shortcut or a form may be none, with its reason."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").partition("## Every verb, each way")[2]
    rows = re.findall(r"^\| `([a-z]+)` \| (.*) \|$", text.partition("\n## ")[0], re.MULTILINE)
    assert sorted(verb for verb, _ in rows) == sorted(USAGE)
    driven = driven_by_people()
    assert set(re.findall(r"`(test_\w+)`", text.partition("\n## ")[0])) <= driven
    for verb, cells in rows:
        command, button, shortcut, form = cells.split(" | ")
        assert all(cell.startswith(("`test_", "none: ")) for cell in (shortcut, form)), verb
        for name in (command, button, *(cell for cell in (shortcut, form) if cell.startswith("`"))):
            assert name.strip("`") in driven, f"{verb}: {name}"


def test_the_definitions_of_the_report_stand_in_its_page_as_they_are_kept() -> None:
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    table = text.partition("| what | unit | definition |\n| --- | --- | --- |\n")[2].partition("\n\n")[0]
    assert table.splitlines() == [f"| {title} | {unit} | {means} |" for title, unit, means in definitions()]
    assert RANGE_WORDS in text
    assert ", ".join(WORDS.values()) in text
