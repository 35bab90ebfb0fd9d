"""Versions compared: one line for each difference, with what it would mean for a running track."""

import pytest

from app.checklists.diff import Change, DifferentTemplates, diff
from app.checklists.loader import load_text

OLD = """\
id: implants
version: 1
title: Implants
scope: component
starts:
  - component_added: true
defaults:
  remind: 4 business hours
items:
  - id: IM1
    title: Listed
    roles: [va]
    due: 20 business days before surgery proposed
    evidence: {kind: reference, label: List}
    how: Do it.
    source: Local policy
  - id: IM2
    title: Coded
    roles: [coder]
    due: 2 business days after ready
    sla: {target: 2 business days}
    needs: [IM1]
"""


def changes(new: str) -> list[Change]:
    return diff(load_text(OLD, "old"), load_text(new, "new"))


def test_nothing_changed() -> None:
    assert changes(OLD + "# a comment\n") == []


KEEP = "an open task gets the new due moment, a done one keeps its own"
LINES = [
    ("version", "version: 1", "version: 2", None, "version: 1 → 2", "keeps its own until it is upgraded"),
    ("title", "title: Implants", "title: Components", None, "title: Implants → Components", "shown from then on"),
    ("match", "starts:", "match: component.custom\nstarts:", None, "match: all → component.custom",
     "goes on, whether its component matches or not"),
    ("starts", "  - component_added: true\n", "  - component_added: true\n  - key_date: board\n", None,
     "starts: when a component is added → when a component is added or when board is set",
     "nothing, it has started"),
    ("gates_waiver", "starts:", "gates_waiver: [lead]\nstarts:", None, "gates_waiver: none → lead",
     "holds from then on"),
    ("due", "20 business days", "25 business days", "IM1",
     "IM1 due: 20 business days before surgery proposed → 25 business days before surgery proposed", KEEP),
    ("due", "    title: Coded", "    title: Coded\n    due_when: [{when: component.custom, due: on surgery}]", "IM2",
     "IM2 due: 2 business days after ready"
     " → 2 business days after ready, or on surgery if component.custom", KEEP),
    ("roles", "roles: [va]", "roles: [va, surgeon]", "IM1", "IM1 roles: va → va, surgeon",
     "who holds it keeps it; the next claim goes by the new roles"),
    ("sla", "sla: {target: 2 business days}", "sla: {target: 3 business days, warn: 1 business day}", "IM2",
     "IM2 sla: 2 business days → 3 business days, warning 1 business day before its end",
     "a running clock gets the new target and keeps the time that it has run"),
    ("evidence", "evidence: {kind: reference, label: List}",
     "evidence: {kind: attestation, by: [surgeon], label: Signed}", "IM1",
     "IM1 evidence: reference “List” → attestation by surgeon “Signed”",
     "asked for when an open task is finished; a done one keeps what it has"),
    ("evidence", "evidence: {kind: reference, label: List}", "evidence: {kind: choice, choices: [a, b]}", "IM1",
     "IM1 evidence: reference “List” → choice “Choice” (a, b)",
     "asked for when an open task is finished; a done one keeps what it has"),
    ("evidence", "evidence: {kind: reference, label: List}",
     "evidence: {kind: number, label: Parts, min: 0, max: 5, reference: List}", "IM1",
     "IM1 evidence: reference “List” → number “Parts” from 0 to 5, with reference “List”",
     "asked for when an open task is finished; a done one keeps what it has"),
    ("evidence", "evidence: {kind: reference, label: List}",
     "evidence: {kind: date, label: Expiry, after: [surgery, board]}", "IM1",
     "IM1 evidence: reference “List” → date “Expiry” after surgery, else board",
     "asked for when an open task is finished; a done one keeps what it has"),
    ("needs", "    needs: [IM1]\n", "", "IM2", "IM2 needs: IM1 → none",
     "an open task may become blocked or free"),
    ("when", "    title: Coded", "    title: Coded\n    when: component.custom", "IM2",
     "IM2 when: always → component.custom", "the task appears, or is withdrawn, where the condition says so"),
    ("gate", "    title: Coded", "    title: Coded\n    gate: {waiver: [lead]}", "IM2",
     "IM2 gate: none → waived by lead", "holds from then on"),
    ("gates", "    title: Coded", "    title: Coded\n    gates: [surgery]", "IM2", "IM2 gates: none → surgery",
     "holds from then on; a key date that is set stays set"),
    ("pauses", "    title: Coded", "    title: Coded\n    pauses: [payer]", "IM2", "IM2 pauses: none → payer",
     "holds from the next wait on"),
    ("skill", "    title: Coded", "    title: Coded\n    skill: boards", "IM2", "IM2 skill: none → boards",
     "who holds it keeps it; the next claim goes by the new skill"),
    ("escalate", "    title: Coded", "    title: Coded\n    escalate: [{after: 1 day, to: lead}]", "IM2",
     "IM2 escalate: to nobody → lead after 1 day", "steps that have not been taken are planned anew"),
    ("how", "how: Do it.", "how: Do it well.", "IM1", "IM1 how: Do it. → Do it well.", "shown from then on"),
    ("verified_by", "source: Local policy", "source: Local policy\n    verified_by: L. Brandt 2026-11-02", "IM1",
     "IM1 verified_by: nobody → L. Brandt 2026-11-02", "nothing"),
    ("source", "source: Local policy", "source: The board", "IM1", "IM1 source: Local policy → The board",
     "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "before", "after", "item", "text", "running"), LINES, ids=[f"{row[0]} {row[2]!r}" for row in LINES]
)
def test_one_change_is_one_line(what: str, before: str, after: str, item: str | None, text: str, running: str) -> None:
    assert before in OLD

    assert changes(OLD.replace(before, after)) == [Change(item, what, text, running)]


def test_another_scope_cannot_reach_a_running_track() -> None:
    new = OLD.replace("scope: component", "scope: case").replace("component_added", "case_opened")

    assert changes(new)[0] == Change(
        None, "scope", "scope: one track for each component → one track for the case", "cannot be upgraded"
    )


def test_a_changed_default_is_said_for_each_item_that_it_reaches() -> None:
    found = changes(OLD.replace("remind: 4 business hours", "remind: 1 business day"))

    assert [change.text for change in found] == [
        "IM1 remind: 4 business hours before → 1 business day before",
        "IM2 remind: 4 business hours before → 1 business day before",
    ]


def test_items_that_come_and_go() -> None:
    renamed = OLD.replace("id: IM2", "id: IM3").replace("    needs: [IM1]", "    when: component.custom")

    assert [str(change) for change in changes(renamed)] == [
        "IM3 new: Coded (running track: gets this task if component.custom)",
        "IM2 gone: Coded (running track: an open task is withdrawn, a done one stays in the record)",
    ]


def test_another_order_is_said_once() -> None:
    head, first, second = OLD.partition("  - id: IM1")[0], *OLD.partition("  - id: IM1")[2].split("  - id: IM2")

    found = changes(f"{head}  - id: IM2{second}  - id: IM1{first}")

    assert [change.text for change in found] == ["items stand in another order"]


def test_two_templates_are_not_compared() -> None:
    other = load_text(OLD.replace("id: implants", "id: grafts"), "other")

    with pytest.raises(DifferentTemplates, match="implants and grafts are different templates"):
        diff(load_text(OLD, "old"), other)
