"""Errors of shape: unknown, missing and empty keys, wrong types, words that are not in a list."""

import pytest

from tests.checklists.rows import COMPONENT_TOP, ITEM, TOP, Row, said_once_on_its_line

SHAPE = [
    Row("a misspelt key", TOP + ITEM + "    tilte: x #!\n", "TB1: unknown key `tilte`", "keys here: due"),
    Row("near a free key", TOP + ITEM + "    rolls: [va] #!\n", "TB1: unknown key `rolls`", "did you mean `roles`?"),
    Row("unknown at the top", TOP + "scop: case #!\n" + ITEM, "unknown key `scop`", "did you mean `scope`?"),
    Row(
        "unknown inside evidence",
        TOP + ITEM + "    evidence: {kind: date, lable: Day} #!\n",
        "TB1: unknown key `lable` in `evidence`",
        "did you mean `label`?",
    ),
    Row(
        "unknown in a start",
        TOP + "  - {key_date: biopsy, wen: key_date.board} #!\n" + ITEM,
        "unknown key `wen` in `starts[2]`",
        "did you mean `when`?",
    ),
    Row(
        "no title",
        TOP + ITEM + "  - id: TB2 #!\n    roles: [va]\n",
        "TB2: `title` is missing",
        "add `title:` with its text",
    ),
    Row(
        "no evidence kind",
        TOP + ITEM + "    evidence: {label: Agenda line} #!\n",
        "TB1: `kind` is missing",
        "add `kind:`",
    ),
    Row("no items", TOP.replace("id: board_packet", "id: board_packet #!"), "`items` is missing", "a list of items"),
    Row("empty items", TOP + "items: [] #!\n", "`items` is an empty list", "at least one entry"),
    Row(
        "no start",
        TOP.replace("  - key_date: board\n", "").replace("starts:", "starts: [] #!") + ITEM,
        "`starts` is an empty list",
        "at least one entry",
    ),
    Row("a key without a value", TOP + ITEM + "    due: #!\n", "TB1: `due` has no value", "delete the line"),
    Row(
        "an entry without a value", TOP + ITEM + "    needs:\n      - #!\n", "TB1: `needs[1]` has no value", "write one"
    ),
    Row(
        "a comma in a text within braces",
        TOP + ITEM + "    evidence: {kind: date, label: Sent, or not} #!\n",
        "TB1: `or not` is read as a key of its own",
        "put text that holds a comma into quotes",
    ),
    Row("an empty text", TOP + ITEM + "    due: '' #!\n", "TB1: `due` is empty", "write one"),
    Row("version 0", TOP.replace("1", "0 #!") + ITEM, "`version` is 0", "a whole number from 1"),
    Row("version -3", TOP.replace("1", "-3 #!") + ITEM, "`version` is -3", "a whole number from 1"),
    Row(
        "version 1.5",
        TOP.replace("1", "1.5 #!") + ITEM,
        "`version` has to be a whole number, not the number 1.5",
        "such as 1",
    ),
    Row(
        "version as text",
        TOP.replace("1", "'1' #!") + ITEM,
        "`version` has to be a whole number, not a text",
        "such as 1",
    ),
    Row(
        "version true", TOP.replace("1", "true #!") + ITEM, "`version` has to be a whole number, not true", "such as 1"
    ),
    Row(
        "a number as title",
        TOP + "items:\n  - id: TB1\n    title: 12 #!\n",
        "TB1: `title` has to be text, not the number 12",
        'write "12" in quotes',
    ),
    Row(
        "a list as title",
        TOP + "items:\n  - id: TB1\n    title: [a] #!\n",
        "TB1: `title` has to be text, not a list",
        "write a text",
    ),
    Row(
        "a word for a list",
        TOP + ITEM + "    roles: va #!\n",
        "TB1: `roles` has to be a list, not a text",
        "write [va]",
    ),
    Row(
        "a mapping for a list",
        TOP + ITEM + "    roles: {va: lead} #!\n",
        "TB1: `roles` has to be a list, not keys with values",
        "behind -",
    ),
    Row(
        "a text for a mapping",
        TOP + ITEM + "    sla: 2 business days #!\n",
        "TB1: `sla` has to be keys with values, not a text",
        "`target`",
    ),
    Row(
        "a start that is a word",
        TOP + "  - board #!\n" + ITEM,
        "`starts[2]` has to be keys with values",
        "each key with its value",
    ),
    Row("items that are words", TOP + "items:\n  - TB1 #!\n", "item 1: ", "indented below"),
    Row(
        "false where only true is",
        COMPONENT_TOP.replace("true", "false #!") + ITEM,
        "`starts[1].component_added` can only be true",
        "delete the line",
    ),
    Row(
        "unknown role",
        TOP + ITEM + "    roles: [va, surgon] #!\n",
        "TB1: unknown role `surgon`",
        "did you mean `surgeon`?",
    ),
    Row(
        "unknown role, none near",
        TOP + ITEM + "    roles: [xyzzy] #!\n",
        "TB1: unknown role `xyzzy`",
        "roles here: admin, biller",
    ),
    Row(
        "unknown role to escalate to",
        TOP + ITEM + "    escalate: [{after: 1 day, to: boss}] #!\n",
        "TB1: unknown role `boss`",
        "roles here",
    ),
    Row(
        "unknown role that waives",
        TOP + "gates_waiver: [leed] #!\n" + ITEM,
        "unknown role `leed`",
        "did you mean `lead`?",
    ),
    Row(
        "unknown role that attests",
        TOP + ITEM + "    evidence: {kind: attestation, by: [surgery]} #!\n",
        "TB1: unknown role `surgery`",
        "did you mean `surgeon`?",
    ),
    Row(
        "unknown role at a gate",
        TOP + ITEM + "    gate: {waiver: [leader]} #!\n",
        "TB1: unknown role `leader`",
        "did you mean `lead`?",
    ),
    Row(
        "unknown party",
        TOP + ITEM + "    pauses: [vendors] #!\n",
        "TB1: unknown party to wait for `vendors`",
        "did you mean `vendor`?",
    ),
    Row(
        "unknown kind",
        TOP + ITEM + "    evidence: {kind: ref} #!\n",
        "TB1: unknown kind of evidence `ref`",
        "kinds here",
    ),
    Row(
        "unknown scope",
        TOP + "scope: components #!\n" + ITEM,
        "unknown scope `components`",
        "did you mean `component`?",
    ),
    Row(
        "template id with capitals",
        TOP.replace("board_packet", "Board #!") + ITEM,
        "`id` cannot be `Board`",
        "small letters",
    ),
    Row(
        "template id of one letter",
        TOP.replace("board_packet", "a #!") + ITEM,
        "`id` cannot be `a`",
        "use 2 to 60 small letters",
    ),
    Row(
        "item id in small letters",
        TOP + "items:\n  - id: tb1 #!\n    title: Listed\n",
        "tb1: `id` cannot be `tb1`",
        "use capitals",
    ),
    Row(
        "skill with spaces",
        TOP + ITEM + "    skill: Tumor boards #!\n",
        "TB1: `skill` cannot be `Tumor boards`",
        "small letters",
    ),
    Row(
        "title too long",
        TOP + "items:\n  - id: TB1\n    title: " + "long " * 17 + "#!\n",
        "TB1: `title` has 84 characters",
        "in 80 at most",
    ),
    Row(
        "choice too long",
        TOP + ITEM + "    evidence: {kind: choice, choices: [yes, " + "n" * 41 + "]} #!\n",
        "TB1: `evidence.choices[2]` has 41 characters",
        "in 40 at most",
    ),
]


@pytest.mark.parametrize("row", SHAPE, ids=lambda row: row.why)
def test_an_error_of_shape_is_said_once_on_its_line(row: Row) -> None:
    said_once_on_its_line(row)
