"""Errors in what a template says: rules, needs, rings, conditions, evidence, gates, starts, patient data."""

import pytest

from tests.checklists.rows import COMPONENT_TOP, ITEM, TB2, TOP, Row, problems_of, said_once_on_its_line

RULES = [
    Row("an id twice", TOP + ITEM + "  - id: TB1 #!\n    title: Again\n",
        "TB1: the id stands twice (first on line 7)", "an id of its own"),
    Row("due on an unknown key date", TOP + ITEM + "    due: 2 days before bord #!\n",
        "TB1: `due`: “bord” is not a key date", "did you mean “board”?"),
    Row("due on an unknown item", TOP + ITEM + "    due: 2 days after done of TB7 #!\n",
        "TB1: `due`: this template has no item “TB7”", "did you mean TB1?"),
    Row("due before what nobody can know", TOP + ITEM + "    due: 2 days before ready #!\n",
        "TB1: `due`: “before ready” cannot be met", "write a time after it"),
    Row("due before an item is done", TOP + ITEM + TB2 + "    due: 1 day before done of TB1 #!\n",
        "TB2: `due`: “before done of TB1” cannot be met", "write a time after it"),
    Row("due with an unknown unit", TOP + ITEM + "    due: 2 bd before board #!\n",
        "TB1: `due`: “bd” is not a unit", "2 business days"),
    Row("due without a relation", TOP + ITEM + "    due: 2 days #!\n",
        "TB1: `due`: the rule does not say what it hangs on", "before or after"),
    Row("due with a wrong time", TOP + ITEM + "    due: 2 days before board at 5pm #!\n",
        "TB1: `due`: “5pm” is not a time of day", "at 17:00"),
    Row("due on what it gates", TOP + ITEM + "    gates: [surgery]\n    due: 3 days before surgery #!\n",
        "TB1: `due` cannot be met: surgery cannot be set before this is done", "an earlier key date"),
    Row("unknown need", TOP + ITEM + "    needs: [TB3] #!\n" + TB2,
        "TB1: `needs` names no item of this template: `TB3`", "did you mean `TB2`?"),
    Row("a need twice", TOP + ITEM + TB2 + "    needs: [TB1, TB1] #!\n", "TB2: `needs` says `TB1` twice",
        "keep one"),
    Row("needs itself", TOP + ITEM + "    needs: [TB1] #!\n", "TB1: waits for itself (TB1 needs TB1)",
        "take one of these out"),
    Row("two that need each other", TOP + ITEM + "    needs: [TB2] #!\n" + TB2 + "    needs: [TB1]\n",
        "TB1: TB1 → TB2 → TB1 wait for each other (TB1 needs TB2, TB2 needs TB1)", "take one"),
    Row("a ring of three",
        TOP + ITEM + "    needs: [TB3] #!\n" + TB2 + "    needs: [TB1]\n  - {id: TB3, title: Third, needs: [TB2]}\n",
        "TB1: TB1 → TB3 → TB2 → TB1 wait for each other", "take one"),
    Row("a ring by a due rule",
        TOP + ITEM + "    due: 1 day after done of TB2 #!\n" + TB2 + "    needs: [TB1]\n",
        "(TB1 is due by when TB2 was done, TB2 needs TB1)", "take one"),
    Row("due after itself", TOP + ITEM + "    due: 1 day after done of TB1 #!\n",
        "TB1: waits for itself (TB1 is due by when TB1 was done)", "take one"),
    Row("a ring by evidence",
        TOP + ITEM + "    when: evidence.TB2 #!\n" + TB2 + "    needs: [TB1]\n    evidence: {kind: date}\n",
        "(TB1 exists by the evidence of TB2, TB2 needs TB1)", "take one"),
    Row("duration without a number", TOP + ITEM + "    remind: soon #!\n",
        "TB1: `remind`: “soon” does not begin with a number", "4 business hours"),
    Row("duration of unknown unit", TOP + "defaults: {remind: 4 bananas} #!\n" + ITEM,
        "`remind`: “bananas” is not a unit", "write one of"),
    Row("duration backwards", TOP + ITEM + "    sla: {target: -2 days} #!\n", "TB1: `target`: ", "without minus"),
    Row("step with a bad duration", TOP + ITEM + "    escalate: [{after: later, to: lead}] #!\n",
        "TB1: `after`: “later”", "4 business hours"),
    Row("reminder of nothing", TOP + ITEM + "    remind: 0 hours #!\n", "TB1: a reminder of 0 says nothing",
        "delete the line"),
    Row("target of nothing", TOP + ITEM + "    sla: {target: 0 days} #!\n", "TB1: a target of 0 says nothing",
        "write a longer one"),
    Row("warning of nothing", TOP + ITEM + "    sla: {target: 1 day, warn: 0 hours} #!\n",
        "TB1: a warning of 0 says nothing", "write a longer one"),
    Row("warning longer than its target", TOP + ITEM + "    sla: {target: 1 day, warn: 25 hours} #!\n",
        "TB1: the warning (25 hours before the end) would come before the task can be claimed", "less than 1 day"),
    Row("choice without choices", TOP + ITEM + "    evidence: {kind: choice} #!\n",
        "TB1: evidence of kind choice without `choices`", "list two or more"),
    Row("one choice", TOP + ITEM + "    evidence: {kind: choice, choices: [yes]} #!\n",
        "TB1: evidence of kind choice with 1 choice", "list two or more"),
    Row("a choice twice", TOP + ITEM + "    evidence: {kind: choice, choices: [yes, Yes]} #!\n",
        "TB1: `choices` says `Yes` twice", "keep one"),
    Row("choices of a date", TOP + ITEM + "    evidence: {kind: date, choices: [yes, no]} #!\n",
        "TB1: evidence of kind date has no choices", "write `kind: choice`"),
    Row("attestation by nobody", TOP + ITEM + "    evidence: {kind: attestation} #!\n",
        "TB1: an attestation without `by`", "by: [surgeon]"),
    Row("a reference by somebody", TOP + ITEM + "    evidence: {kind: reference, by: [va]} #!\n",
        "TB1: evidence of kind reference is attested by nobody", "write `kind: attestation`"),
    Row("a range of a date", TOP + ITEM + "    evidence: {kind: date, min: 1} #!\n",
        "TB1: `min` limits a number, not evidence of kind date", "write `kind: number`"),
    Row("a number after a date", TOP + ITEM + "    evidence: {kind: number, after: [surgery]} #!\n",
        "TB1: `after` limits a date, not evidence of kind number", "write `kind: date`"),
    Row("a range of nothing", TOP + ITEM + "    evidence: {kind: number, min: 5, max: 1} #!\n",
        "TB1: no number is 5 or more and 1 or less", "exchange"),
    Row("a date after no key date", TOP + ITEM + "    evidence: {kind: date, after: [surgerry]} #!\n",
        "TB1: unknown key date `surgerry`", "did you mean `surgery`?"),
    Row("a date before one twice", TOP + ITEM + "    evidence: {kind: date, before: [surgery, surgery]} #!\n",
        "TB1: `before` says `surgery` twice", "keep one"),
    Row("a reference beside a reference", TOP + ITEM + "    evidence: {kind: reference, reference: Two} #!\n",
        "TB1: evidence of kind reference is a reference already", "delete the line"),
    Row("a reference beside nothing", TOP + ITEM + "    evidence: {kind: none, reference: Two} #!\n",
        "TB1: evidence of kind none is nothing", "delete the line"),
    Row("gates an unknown key date", TOP + ITEM + "    gates: [surgerry] #!\n",
        "TB1: unknown key date `surgerry`", "did you mean `surgery`?"),
    Row("gates a key date written as words", TOP + ITEM + "    gates: [surgery proposed] #!\n",
        "TB1: unknown key date `surgery proposed`", "did you mean `surgery_proposed`?"),
    Row("starts on an unknown key date", TOP + "  - key_date: op #!\n" + ITEM, "unknown key date `op`",
        "key dates here"),
    Row("a start that says two things", TOP + "  - {key_date: biopsy, case_opened: true} #!\n" + ITEM,
        "this start says key_date and case_opened", "exactly one of"),
    Row("a start that says nothing", TOP + '  - {when: "key_date.board"} #!\n' + ITEM,
        "this start does not say what starts it", "exactly one of"),
    Row("a start by no task", TOP + "  - task_done: TB9 #!\n" + ITEM, "`TB9` names no task", "tumor_board_packet/TB9"),
    Row("a component starts a case's track", TOP + "  - component_added: true #!\n" + ITEM,
        "a component starts nothing here", "scope: component"),
    Row("a case opens with components", COMPONENT_TOP + "  - case_opened: true #!\n" + ITEM,
        "no case has components when it is opened", "component_added: true"),
    Row("match for the case", TOP + "match: component.custom #!\n" + ITEM,
        "`match` chooses components, and this template is for the case", "scope: component"),
]  # fmt: skip

CONDITIONS = [
    Row("unknown key date", TOP + ITEM + "    when: key_date.surgry #!\n",
        "TB1: `when`: `key_date.surgry` is not a known fact", "did you mean `key_date.surgery`?"),
    Row("unknown family", COMPONENT_TOP + ITEM + "    when: implant.kind = plate #!\n",
        "TB1: `when`: `implant.kind` is not a known fact", "did you mean `component.kind`?"),
    Row("a bare word", TOP + ITEM + "    when: custom #!\n", "TB1: `when`: “custom” is not a known fact", "dotted"),
    Row("component in a template for the case", TOP + ITEM + "    when: component.custom #!\n",
        "TB1: `when`: `component.custom` is not known here", "scope: component"),
    Row("a kind that does not exist", COMPONENT_TOP + ITEM + "    when: component.kind = plat #!\n",
        "TB1: `when`: `component.kind` is never `plat`", "did you mean `plate`?"),
    Row("one of a list that does not exist", COMPONENT_TOP + ITEM + '    when: "component.kind in [plate, glue]" #!\n',
        "TB1: `when`: `component.kind` is never `glue`", "values here: allograft"),
    Row("a supply that does not exist", COMPONENT_TOP + ITEM + "    when: component.supply != loan #!\n",
        "TB1: `when`: `component.supply` is never `loan`", "did you mean `loaner`?"),
    Row("a flag compared", COMPONENT_TOP + ITEM + "    when: component.custom = maybe #!\n",
        "TB1: `when`: `component.custom` is either so or not, and is never `maybe`", "component.custom"),
    Row("a key date compared", TOP + ITEM + "    when: key_date.surgery = firm #!\n",
        "TB1: `when`: `key_date.surgery` is either so or not, and is never `firm`", "write key_date.surgery"),
    Row("a kind not compared", COMPONENT_TOP + ITEM + "    when: component.kind #!\n",
        "TB1: `when`: `component.kind` has to be compared with something", "component.kind = endoprosthesis"),
    Row("evidence of no item", TOP + ITEM + "    when: evidence.TB4 #!\n" + TB2 + "    evidence: {kind: date}\n",
        "TB1: `when`: `evidence.TB4` is not a known fact", "did you mean `evidence.TB2`?"),
    Row("evidence of an item without", TOP + ITEM + "    when: evidence.TB2 #!\n" + TB2,
        "TB1: `when`: TB2 asks for no evidence", "give TB2 an `evidence`"),
    Row("a choice that is not there",
        TOP + ITEM + "    when: evidence.TB2 = maybe #!\n" + TB2 + "    evidence: {kind: choice, choices: [yes, no]}\n",
        "TB1: `when`: `evidence.TB2` is never `maybe`", "values here: no, yes"),
    Row("a choice not compared",
        TOP + ITEM + "    when: evidence.TB2 #!\n"
        + TB2 + "    evidence: {kind: choice, choices: [query needed, no]}\n",
        "TB1: `when`: `evidence.TB2` has to be compared with something", 'evidence.TB2 = "query needed"'),
    Row("a reference compared",
        TOP + ITEM + "    when: evidence.TB2 = PO1 #!\n" + TB2 + "    evidence: {kind: reference}\n",
        "TB1: `when`: `evidence.TB2` is either so or not, and is never `PO1`", "write evidence.TB2"),
    Row("a number compared with a word",
        TOP + ITEM + "    when: evidence.TB2 = five #!\n" + TB2 + "    evidence: {kind: number}\n",
        "TB1: `when`: `evidence.TB2` is a number, not `five`", "whole number"),
    Row("an open parenthesis", TOP + ITEM + "    when: (key_date.board #!\n",
        "TB1: `when`: the parenthesis is not closed", "write )"),
    Row("two tests side by side", TOP + ITEM + "    when: key_date.board key_date.biopsy #!\n",
        "TB1: `when`: “key_date.biopsy” does not continue the condition", "and / or"),
    Row("match by a key date", COMPONENT_TOP + "match: key_date.board #!\n" + ITEM,
        "`match` chooses by the component alone", "`when` of an item"),
    Row("a start by evidence",
        TOP.replace("key_date: board", "{key_date: board, when: evidence.TB1} #!")
        + ITEM + "    evidence: {kind: date}\n",
        "there is no `evidence.TB1` before the track has started", "`when` of an item"),
]  # fmt: skip

WORDS = [
    Row("a birth date in a title", TOP + "items:\n  - id: TB1\n    title: Born 04/05/1961 #!\n",
        "TB1: `title` may appear in Slack, and it holds a full date", "for any patient"),
    Row("a name in a title", TOP.replace("Board packet", "Mr. Miller's packet #!") + ITEM,
        "`title` may appear in Slack, and it seems to name a person", "for any patient"),
    Row("a diagnosis in a title", TOP + "items:\n  - id: TB1\n    title: Osteosarcoma listed #!\n",
        "TB1: `title` may appear in Slack, and it names a diagnosis", "for any patient"),
    Row("a site in a choice", TOP + ITEM + "    evidence: {kind: choice, choices: [femur, other]} #!\n",
        "TB1: `choices` may appear in Slack, and it names a part of the body", "for any patient"),
    Row("a site beside a choice",
        TOP + ITEM + "    evidence: {kind: choice, choices: [yes, no], reference: Femur list} #!\n",
        "TB1: `reference` may appear in Slack", "any patient"),
    Row("a phone in a label", TOP + ITEM + "    evidence: {kind: date, label: Call 555-867-5309} #!\n",
        "TB1: `label` may appear in Slack, and it holds what looks like a phone number", "for any patient"),
    Row("a tab inside a title", TOP + 'items:\n  - id: TB1\n    title: "Listed\\tfor it" #!\n',
        "TB1: `title` holds a line break or control character", "on one line"),
    Row("a space before a title", TOP + "items:\n  - id: TB1\n    title: ' Listed' #!\n",
        "TB1: `title` begins or ends with a space", "take it out"),
]  # fmt: skip


@pytest.mark.parametrize("row", RULES + CONDITIONS + WORDS, ids=lambda row: row.why)
def test_an_error_in_a_rule_is_said_once_on_its_line(row: Row) -> None:
    said_once_on_its_line(row)


COLUMNS = [
    ("an unquoted rule", "    due: 2 days before bord", "bord"),
    ("a quoted rule", '    due: "2 days before bord"', "bord"),
    ("an unknown key", "    rolls: [va]", "rolls"),
    ("a word in a list", "    roles: [va, surgon]", "surgon"),
    ("a fact within a condition", "    when: not key_date.bord", "key_date.bord"),
    ("the unit of a duration", "    remind: 4  bananas", "bananas"),
]


@pytest.mark.parametrize(("why", "line", "word"), COLUMNS, ids=[row[0] for row in COLUMNS])
def test_the_column_is_where_the_wrong_word_begins(why: str, line: str, word: str) -> None:
    (problem,) = problems_of(TOP + ITEM + line + "\n")

    assert (problem.line, problem.column) == (9, line.index(word) + 1)


def test_patient_data_in_a_how_to_is_found_on_its_own_line() -> None:
    text = TOP + ITEM + "    how: |\n      First this.\n      Then call 555-867-5309.\n"

    (problem,) = {problem.line for problem in problems_of(text)}

    assert problem == 11
