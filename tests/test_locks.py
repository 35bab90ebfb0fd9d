"""What is installed: each package is pinned with its hashes, and nothing to run stands among what tests take."""

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


def pinned(lock: str) -> set[str]:
    """The packages of a lock, each of whose entries (one for some Pythons, one for others) has hashes."""
    entries = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    found = [
        (re.split("==", entry, maxsplit=1)[0], entry.count("--hash=sha256:")) for entry in entries if entry.strip()
    ]
    assert all(hashes for _, hashes in found), [name for name, hashes in found if not hashes]
    return {name for name, _ in found}


def names(wanted: Iterable[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;\s]", one, maxsplit=1)[0]).lower() for one in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_what_the_project_asks_for_is_pinned_with_hashes(lock: str) -> None:
    assert names(LOCKS[lock]) <= pinned(lock)


def test_what_runs_and_what_tests_it_have_nothing_in_common() -> None:
    assert not pinned("requirements.lock") & pinned("requirements-dev.lock")
