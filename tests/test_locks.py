"""What is installed: each package is pinned once with its hashes, and nothing to run stands among what tests take."""

import re
import tomllib
from collections.abc import Iterable

import pytest

from app.settings import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["clone"]],
    "requirements-dev.lock": EXTRAS["dev"],
}


def pinned(lock: str) -> dict[str, int]:
    """How many hashes each package of a lock has."""
    entries = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {re.split("==", entry, maxsplit=1)[0]: entry.count("--hash=sha256:") for entry in entries if entry.strip()}


def names(wanted: Iterable[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;\s]", one, maxsplit=1)[0]).lower() for one in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_what_the_project_asks_for_is_pinned_with_hashes(lock: str) -> None:
    assert names(LOCKS[lock]) <= set(pinned(lock))
    assert all(pinned(lock).values())


def test_what_runs_and_what_tests_it_have_nothing_in_common() -> None:
    assert not set(pinned("requirements.lock")) & set(pinned("requirements-dev.lock"))
