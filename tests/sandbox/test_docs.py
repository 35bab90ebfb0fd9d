"""What docs/sandbox.md says of methods, settings and faults is what there is."""

import re
from dataclasses import fields

from app.sandbox import contract
from app.sandbox.faults import KINDS
from app.sandbox.rates import RateConfig
from app.sandbox.world import Settings
from app.settings import ROOT
from tests.sandbox.provoked import SLACKS_OWN, WAYS

DOCS = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, cell by cell."""
    _, _, below = DOCS.partition(f"{heading}\n")
    table = next(part for part in below.strip().split("\n\n") if part.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def coded(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def test_the_table_of_methods_is_the_registry() -> None:
    listed = {row[0].strip("`"): coded(row[1]) for row in rows("## Methods")}

    assert list(listed) == list(contract.methods())
    for method, codes in listed.items():
        assert codes == {code for of, code in {*WAYS, *SLACKS_OWN} if of == method}, method


def test_the_table_of_settings_is_what_can_be_set() -> None:
    table = rows("settings while it runs.")
    named = set().union(*(coded(row[0]) for row in table))

    assert named == {field.name for field in fields(Settings)} | {"rate"}
    [rate] = [row for row in table if row[0] == "`rate`"]
    assert {field.name for field in fields(RateConfig)} <= coded(rate[1])


def test_the_table_of_faults_is_what_can_be_asked_for() -> None:
    named = {name.partition(":")[0] for row in rows("## Faults") for name in coded(row[0])}

    assert named == set(KINDS)
