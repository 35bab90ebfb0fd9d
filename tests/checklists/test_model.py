"""What a template holds once it is loaded: parsed rules, merged defaults, a body that comes back the same."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checklists.loader import load_text
from app.checklists.model import Gate, Item, Sla, Step, Template, UnknownItem, parse_body
from app.checklists.problems import TemplateErrors
from app.checklists.vocabulary import Awaited, EvidenceKind, Role, Scope, Told
from app.kernel.due import Anchor
from app.kernel.durations import Duration
from tests.checklists.rows import COMPONENT_TOP, ITEM, TB2, TOP

FULL = """\
id: implants
version: 3
title: Implants
scope: component
match: "component.kind in [plate, endoprosthesis]"
starts:
  - component_added: true
  - task_done: board_packet/TB9
    when: key_date.board
gates_waiver: [lead]
defaults:
  remind: 4 business hours
  escalate: [{after: 1 business day, to: lead}]
items:
  - id: IM1
    title: Listed
    roles: [va, surgeon]
    skill: implants
    due: 20 business days before surgery proposed at 12:00
    sla: {target: 2 business days, warn: 4 business hours}
    remind: 1 business day
    escalate: [{after: 0 minutes, to: lead}, {after: 2 business days, to: manager}]
    pauses: [vendor, payer]
    evidence: {kind: choice, label: Result, choices: ["yes", query needed]}
    gates: [surgery]
    how: |
      First this.
      Then that.
    source: Local policy
  - id: IM2
    title: Coded
    when: 'evidence.IM1 = "query needed" and not component.custom'
    due: 2 business days after done of IM1
    needs: [IM1]
    gate: {waiver: [lead, manager]}
  - id: IM3
    title: Filed
    evidence: {kind: attestation, by: [coder]}
"""


@pytest.fixture
def template() -> Template:
    return load_text(FULL, "implants.yaml")


def test_every_key_of_an_item_arrives(template: Template) -> None:
    item = template.item("IM1")

    assert item.roles == (Role.VA, Role.SURGEON)
    assert item.skill == "implants"
    assert item.due is not None
    assert item.due.anchor == Anchor("key_date", "surgery_proposed")
    assert item.sla == Sla(Duration(2, "business days"), Duration(4, "business hours"))
    assert item.remind == Duration(1, "business days")
    assert item.escalate == (
        Step(Duration(0, "minutes"), Told.LEAD),
        Step(Duration(2, "business days"), Told.MANAGER),
    )
    assert item.pauses == (Awaited.VENDOR, Awaited.PAYER)
    assert item.evidence.kind is EvidenceKind.CHOICE
    assert item.evidence.choices == ("yes", "query needed")
    assert item.gates == ("surgery",)
    assert item.how == "First this.\nThen that."
    assert item.source == "Local policy"


def test_every_key_of_the_template_arrives(template: Template) -> None:
    assert template.scope is Scope.COMPONENT
    assert template.match is not None
    assert template.match.evaluate({"component.kind": "plate"})
    assert template.gates_waiver == (Role.LEAD,)
    added, done = template.starts
    assert added.component_added
    assert added.when is None
    assert (done.task_done, done.key_date, done.case_opened) == ("board_packet/TB9", None, False)
    assert done.when is not None


def test_starts_read_as_words(template: Template) -> None:
    assert [str(start) for start in template.starts] == [
        "when a component is added",
        "when TB9 of board_packet is done, if key_date.board",
    ]


def test_conditions_and_gates_are_parsed(template: Template) -> None:
    item = template.item("IM2")

    assert item.when is not None
    assert item.when.evaluate({"evidence.IM1": "query needed", "component.custom": False})
    assert not item.when.evaluate({"evidence.IM1": "query needed", "component.custom": None})
    assert item.gate == Gate((Role.LEAD, Role.MANAGER))
    assert item.needs == ("IM1",)


def test_defaults_are_merged_into_items_that_have_a_deadline(template: Template) -> None:
    item = template.item("IM2")

    assert item.remind == Duration(4, "business hours")
    assert item.escalate == (Step(Duration(1, "business days"), Told.LEAD),)


def test_an_item_without_a_deadline_gets_no_reminder_from_the_defaults(template: Template) -> None:
    item = template.item("IM3")

    assert (item.remind, item.escalate) == (None, ())


def test_an_empty_escalation_turns_the_default_off() -> None:
    text = TOP + "defaults: {escalate: [{after: 1 day, to: lead}]}\n" + ITEM + "    due: on board\n"

    assert len(load_text(text, "t").item("TB1").escalate) == 1
    assert load_text(text + "    escalate: []\n", "t").item("TB1").escalate == ()


def test_what_is_not_said_is_empty() -> None:
    item = load_text(TOP + ITEM, "t").item("TB1")

    assert item.evidence.kind is EvidenceKind.NONE
    assert (item.roles, item.needs, item.gates, item.pauses) == ((), (), (), ())
    assert (item.due, item.sla, item.when, item.gate, item.how, item.source, item.skill) == (None,) * 7


def test_evidence_always_has_a_label(template: Template) -> None:
    assert template.item("IM1").evidence.label == "Result"
    assert template.item("IM3").evidence.label == "Attestation"


def test_an_unknown_item_is_said_by_name(template: Template) -> None:
    with pytest.raises(UnknownItem, match="template implants has no item IM9"):
        template.item("IM9")


def test_a_body_is_json_and_comes_back_as_an_equal_template(template: Template) -> None:
    body = json.loads(json.dumps(template.body()))

    again = parse_body(body)

    assert again == template
    assert again.items == template.items
    assert again.starts == template.starts
    assert again.digest() == template.digest()


def test_a_body_is_a_copy(template: Template) -> None:
    template.body()["title"] = "Another"

    assert template.body()["title"] == "Implants"


SAME = [
    ("comments", FULL + "# the end\n"),
    ("quotes", FULL.replace("title: Listed", "title: 'Listed'")),
    ("block and flow style", FULL.replace("gates: [surgery]", "gates:\n      - surgery")),
    ("a default that is written out", FULL.replace("title: Coded", "title: Coded\n    pauses: []")),
    ("the order of keys", FULL.replace("id: implants\nversion: 3\n", "version: 3\nid: implants\n")),
]


@pytest.mark.parametrize(("why", "text"), SAME, ids=[row[0] for row in SAME])
def test_the_digest_is_of_what_is_said_and_not_how(template: Template, why: str, text: str) -> None:
    assert load_text(text, "t").digest() == template.digest()


OTHER = [
    ("a title", FULL.replace("title: Listed", "title: Listed now")),
    ("a version", FULL.replace("version: 3", "version: 4")),
    ("a how-to", FULL.replace("Then that.", "Then those.")),
    ("the order of items", FULL.replace("gates: [surgery]", "gates: [surgery, board]")),
    ("an empty escalation", FULL.replace("    title: Coded", "    title: Coded\n    escalate: []")),
]


@pytest.mark.parametrize(("why", "text"), OTHER, ids=[row[0] for row in OTHER])
def test_the_digest_tells_what_was_changed(template: Template, why: str, text: str) -> None:
    assert load_text(text, "t").digest() != template.digest()


def test_the_digest_is_sha256_of_sorted_json_without_defaults() -> None:
    # Stored versions are told apart by it: a change here would make every template in use look changed.
    canonical = (
        '{"id":"board_packet","items":[{"id":"TB1","title":"Listed for the board"}],'
        '"starts":[{"key_date":"board"}],"title":"Board packet","version":1}'
    )

    assert load_text(TOP + ITEM, "t").digest() == hashlib.sha256(canonical.encode()).hexdigest()


def test_a_bad_stored_body_is_said_without_a_line() -> None:
    body = load_text(TOP + ITEM + TB2, "t").body()
    body["version"] = 0

    with pytest.raises(TemplateErrors) as caught:
        parse_body(body, "board_packet 1")

    assert [str(problem) for problem in caught.value.problems] == [
        "board_packet 1: `version` is 0; write a whole number from 1"
    ]


_ids = st.lists(st.from_regex(r"[A-Z]{2}[0-9]{1,2}", fullmatch=True), min_size=1, max_size=6, unique=True)
_durations = st.builds(
    "{} {}".format, st.integers(1, 90), st.sampled_from(["business hours", "business days", "days", "hours"])
)


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, object]:
    """Bodies whose items need earlier ones only, so that they are free of rings."""
    names = draw(_ids)
    items: list[dict[str, object]] = []
    for index, name in enumerate(names):
        item: dict[str, object] = {"id": name, "title": f"Item {name}"}
        if index and draw(st.booleans()):
            item["needs"] = draw(st.lists(st.sampled_from(names[:index]), min_size=1, unique=True))
        anchor = draw(st.sampled_from(["board", "surgery", "ready", "start", *[f"done of {n}" for n in names[:index]]]))
        if draw(st.booleans()):
            item["due"] = f"{draw(_durations)} after {anchor}"
        if draw(st.booleans()):
            item["roles"] = draw(st.lists(st.sampled_from(list(Role)), min_size=1, unique=True))
        if draw(st.booleans()):
            item["sla"] = {"target": draw(_durations)}
        items.append(item)
    top = {"id": "made_up", "version": draw(st.integers(1, 10**6)), "title": "Made up"}
    return {**top, "starts": [{"case_opened": True}], "items": items}


@settings(max_examples=60, deadline=None)
@given(bodies())
def test_any_body_comes_back_the_same(body: dict[str, object]) -> None:
    template = parse_body(body)

    assert template.body() == body
    assert parse_body(template.body()) == template


def test_the_match_of_a_component_template_is_optional() -> None:
    template = load_text(COMPONENT_TOP + ITEM, "t")

    assert template.match is None
    assert isinstance(template.items[0], Item)
