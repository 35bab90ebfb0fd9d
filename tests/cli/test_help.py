"""Help: at once, with examples first, and of everything there is."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from typer.main import get_command

from app.cli.overview import OVERVIEW
from app.cli.tree import tree
from tests.cli.conftest import Run


def commands() -> Iterator[tuple[str, ...]]:
    """Every command there is, as its words."""
    root = get_command(tree())
    for name, command in sorted(root.commands.items()):  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        if below is None:
            yield (name,)
        else:
            yield from ((name, inner) for inner in sorted(below))


def test_the_overview_names_every_command() -> None:
    named = {line.split()[0] for line in OVERVIEW.splitlines() if line.startswith("  ") and line[2] != " "}
    assert {words[0] for words in commands()} <= named
    for words in commands():
        if len(words) == 2:
            line = next(line for line in OVERVIEW.splitlines() if line.startswith(f"  {words[0]} "))
            assert words[1] in line or words[0] in ("keys", "import"), words


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_teaches_by_example(caseboard: Run, words: tuple[str, ...]) -> None:
    ran = caseboard(*words, "--help")
    assert ran.code == 0
    said, _, options = ran.out.partition("Options:")
    assert options
    if words[0] not in ("web", "worker", "scheduler"):  # they have nothing to choose
        examples = [line for line in said.splitlines()[1:] if f"caseboard {' '.join(words)}" in line]
        assert examples, said


def test_every_command_with_an_answer_has_it_as_json() -> None:
    silent = {("up",), ("web",), ("worker",), ("scheduler",), ("slack", "manifest"), ("checklist", "schema")}
    root = get_command(tree())
    for words in commands():
        command = root
        for word in words:
            command = command.commands[word]  # type: ignore[attr-defined]
        options = {option for parameter in command.params for option in parameter.opts}
        assert ("--json" in options) != (words in silent), words


def test_help_costs_little_more_than_python_itself() -> None:
    """Beside a bare interpreter in the same minute, since a busy machine makes both slow."""

    def best(*arguments: str) -> float:
        took = []
        for _ in range(7):
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            took.append(time.perf_counter() - began)
        return min(took)

    assert best("-m", "app.cli.main", "--help") - best("-c", "pass") < 0.15


@pytest.mark.parametrize("words", [(), ("case",), ("case", "nonsense"), ("--nonsense",)])
def test_without_a_command_it_is_wrong_usage(caseboard: Run, words: tuple[str, ...]) -> None:
    ran = caseboard(*words)
    assert ran.code == 2
    assert "caseboard" in ran.out + ran.err
