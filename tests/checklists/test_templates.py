"""The templates that come with the product: in order, complete, and meaning what the practice means."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from app.checklists.diff import evidence_words
from app.checklists.lint import lint_set
from app.checklists.loader import load_set
from app.checklists.model import Template, parse_body
from app.checklists.preview import preview
from app.checklists.schema import schema, schema_text
from app.checklists.vocabulary import EvidenceKind, Role
from app.kernel.business import BusinessCalendar
from app.kernel.due import Moment

FOLDER = Path(__file__).parents[2] / "checklists"
NAMES = ("implant_authorization", "post_op_billing", "tumor_board_packet")
HOURS = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = BusinessCalendar.from_config({"hours": HOURS}, "UTC")
Facts = Mapping[str, str | bool | int | None]


@pytest.fixture(scope="module")
def templates() -> dict[str, Template]:
    return load_set(FOLDER)


def existing(template: Template, facts: Facts) -> set[str]:
    """The items that exist for these facts, before any work is done."""
    return {item.id for item in template.items if item.when is None or item.when.evaluate(facts)}


def test_the_three_templates_load_and_lint_has_nothing_to_say(templates: dict[str, Template]) -> None:
    assert tuple(sorted(templates)) == NAMES
    assert lint_set(FOLDER) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_item_tells_who_does_it_how_and_by_what_rule(templates: dict[str, Template], name: str) -> None:
    for item in templates[name].items:
        assert item.roles, item.id
        assert item.how is not None
        assert 2 <= len(item.how.splitlines()) <= 5, item.id
        assert item.source is not None
        assert any(mark in item.source for mark in ("[D]", "[V", "[K]")), item.id
        assert item.due is not None
        assert item.remind is not None
        assert item.escalate
        assert item.evidence.kind is not EvidenceKind.NONE, item.id


@pytest.mark.parametrize("name", NAMES)
def test_each_comes_back_from_its_stored_body(templates: dict[str, Template], name: str) -> None:
    again = parse_body(json.loads(json.dumps(templates[name].body())))

    assert again == templates[name]
    assert again.items == templates[name].items


def test_only_a_licensed_or_certified_role_attests(templates: dict[str, Template]) -> None:
    licensed = {Role.SURGEON, Role.CLINICIAN, Role.CODER}

    for template in templates.values():
        for item in template.items:
            if item.evidence.kind is EvidenceKind.ATTESTATION:
                assert set(item.evidence.by) <= licensed, item.id
                assert set(item.evidence.by) & set(item.roles), item.id


BOARD_DAY = Moment.of_day(date(2026, 6, 18))  # A Thursday; no holidays in this calendar.
BOARD_DUE = [
    ("TB1", "2026-06-11T17:00+00:00", "five business days before"),
    ("TB2", "2026-06-15T17:00+00:00", "three before"),
    ("TB3", "2026-06-15T17:00+00:00", "three before"),
    ("TB4", "2026-06-15T17:00+00:00", "three before"),
    ("TB5", "2026-06-16T12:00+00:00", "two before, at noon, so that the lock has an afternoon"),
    ("TB6", "2026-06-16T12:00+00:00", "two before, at noon"),
    ("TB7", "2026-06-16T17:00+00:00", "48 hours before"),
    ("TB8", "2026-06-19T10:00+00:00", "the morning after, when it has met"),
    ("TB9", "2026-06-19T17:00+00:00", "the next business day"),
    ("TB10", "2026-06-22T17:00+00:00", "two business days after, over a weekend"),
]


@pytest.mark.parametrize(("item", "due_at", "why"), BOARD_DUE, ids=[row[0] for row in BOARD_DUE])
def test_tumor_board_dates(templates: dict[str, Template], item: str, due_at: str, why: str) -> None:
    found = preview(templates["tumor_board_packet"], {"board": BOARD_DAY}, CALENDAR, {}, zone=UTC)

    assert {row.item.id: row.due_at for row in found}[item] == datetime.fromisoformat(due_at)


def test_the_packet_lock_needs_everything_before_it_and_only_a_lead_waives(templates: dict[str, Template]) -> None:
    lock = templates["tumor_board_packet"].item("TB7")

    assert lock.needs == ("TB1", "TB2", "TB3", "TB4", "TB5", "TB6")
    assert lock.gate is not None
    assert lock.gate.waiver == (Role.LEAD,)


KINDS: list[tuple[str, Facts, set[str]]] = [
    (
        "a stock part of an endoprosthesis",
        {"component.kind": "endoprosthesis", "component.custom": False, "component.supply": "stock"},
        {"IM1", "IM2", "IM2R", "IM3", "IM4", "IM7", "IV1", "IV2"},
    ),
    (
        "a custom part on loan",
        {"component.kind": "endoprosthesis", "component.custom": True, "component.supply": "loaner"},
        {"IM1", "IM2", "IM2R", "IM3", "IM4", "IM5", "IM5S", "IM6", "IM7", "IV1", "IV2"},
    ),
    (
        "a plate on consignment",
        {"component.kind": "plate", "component.custom": False, "component.supply": "consignment"},
        {"IM1", "IM2", "IM2R", "IM3", "IM4", "IM7P", "IV1", "IV2"},
    ),
    (
        "a plate on loan",
        {"component.kind": "plate", "component.custom": False, "component.supply": "loaner"},
        {"IM1", "IM2", "IM2R", "IM3", "IM4", "IM6", "IM7P", "IV1", "IV2"},
    ),
    (
        "cement, which has no order, trays, drawing or representative",
        {"component.kind": "cement", "component.custom": False, "component.supply": "stock"},
        {"IM1", "IM2", "IM2R", "IM3", "IV1"},
    ),
    (
        "cement, whatever is said of it",
        {"component.kind": "cement", "component.custom": True, "component.supply": "loaner"},
        {"IM1", "IM2", "IM2R", "IM3", "IV1"},
    ),
    (
        "an allograft, with its donor",
        {"component.kind": "allograft", "component.custom": False, "component.supply": None},
        {"IM1", "IM2", "IM2R", "IM3", "IM4", "AL1", "AL2", "AL3", "AL4", "AL5", "IV1", "IV2"},
    ),
    (
        "a mesh",
        {"component.kind": "mesh", "component.custom": None, "component.supply": None},
        {"IM1", "IM2", "IM2R", "IM3", "IM4", "IV1", "IV2"},
    ),
    (
        "a part of which nobody has said how it comes",
        {"component.kind": "endoprosthesis", "component.custom": None, "component.supply": None},
        {"IM1", "IM2", "IM2R", "IM3", "IM4", "IM7", "IV1", "IV2"},
    ),
]


@pytest.mark.parametrize(("why", "facts", "items"), KINDS, ids=[row[0] for row in KINDS])
def test_each_component_gets_its_own_items(
    templates: dict[str, Template], why: str, facts: Facts, items: set[str]
) -> None:
    assert existing(templates["implant_authorization"], facts) == items


@pytest.mark.parametrize(
    ("custom", "kind", "due_at"),
    [
        (False, "plate", date(2026, 5, 21)),
        (None, "plate", date(2026, 5, 21)),
        (True, "plate", date(2026, 4, 23)),
        (True, "cement", date(2026, 5, 21)),
    ],
    ids=[
        "twenty business days",
        "as long as nobody says",
        "forty for a custom part",
        "cement is never made to measure",
    ],
)
def test_the_list_of_a_custom_part_is_due_earlier(
    templates: dict[str, Template], custom: bool | None, kind: str, due_at: date
) -> None:
    facts: Facts = {"component.kind": kind, "component.custom": custom}
    proposed = {"surgery_proposed": Moment.of_day(date(2026, 6, 18))}

    found = {
        row.item.id: row for row in preview(templates["implant_authorization"], proposed, CALENDAR, facts, zone=UTC)
    }

    listed = found["IM1"].due_at
    assert listed is not None
    assert listed.date() == due_at


EVIDENCE = [
    ("tumor_board_packet", "TB2", "number “Studies loaded and listed” from 1"),
    ("tumor_board_packet", "TB7", "reference “Lock record”, with a seal"),
    ("tumor_board_packet", "TB8", "number “Disciplines present, of five” from 0 to 5, with reference “Attendee list”"),
    (
        "implant_authorization",
        "IM1",
        "attestation by surgeon “The component is as planned”, with reference “Signed list and catalogue number”",
    ),
    (
        "implant_authorization",
        "IM2",
        "attestation by coder “The code is right”, with reference “Code, or: no separate code, with the reason”",
    ),
    (
        "implant_authorization",
        "IM3",
        "choice “What the payer says of this component” (separate, bundled, not required),"
        " with reference “Payer's reference of the call or transaction”",
    ),
    (
        "implant_authorization",
        "AL3",
        "date “Expiry date of the graft” after surgery, else surgery_proposed,"
        " with reference “Registration on file, and the graft's lot”",
    ),
    (
        "implant_authorization",
        "AL4",
        "date “Expiry on the label” after surgery, with reference “Receipt log entry”",
    ),
    (
        "post_op_billing",
        "BI6L",
        "date “Last day for filing by the contract” after claim_filed, with reference “Contract or payer manual”",
    ),
]


@pytest.mark.parametrize(("name", "item", "said"), EVIDENCE, ids=[row[1] for row in EVIDENCE])
def test_evidence_is_what_the_practice_has_to_show(
    templates: dict[str, Template], name: str, item: str, said: str
) -> None:
    assert evidence_words(templates[name].item(item).evidence) == said


def test_coder_and_biller_each_have_their_part_of_a_component_s_code(templates: dict[str, Template]) -> None:
    template = templates["implant_authorization"]

    assert (template.item("IM2").roles, template.item("IM2R").roles) == ((Role.CODER,), (Role.BILLER,))


def test_what_holds_the_claim_back(templates: dict[str, Template]) -> None:
    gating = {
        name: {item.id for item in template.items if "claim_filed" in item.gates}
        for name, template in templates.items()
    }

    assert gating == {
        "tumor_board_packet": set(),
        "implant_authorization": {"IM2R", "IV1", "IV2C"},
        "post_op_billing": {"BI4", "BI5"},
    }
    assert all(template.gates_waiver == (Role.LEAD,) for template in templates.values())


def test_an_invoice_holds_the_claim_back_only_where_the_contract_pays_apart(templates: dict[str, Template]) -> None:
    template = templates["implant_authorization"]
    plate: dict[str, str | bool | int | None] = {"component.kind": "plate"}

    assert "IV2C" in existing(template, plate | {"evidence.IM2R": "paid apart"})
    assert "IV2C" not in existing(template, plate | {"evidence.IM2R": "in the case rate"})
    assert template.item("IV2C").needs == ("IV2",)


def test_an_invoice_is_matched_after_the_usage_card(templates: dict[str, Template]) -> None:
    assert "AL5" in templates["implant_authorization"].item("IV2").needs


def test_nothing_starts_from_an_unsigned_recommendation(templates: dict[str, Template]) -> None:
    assert templates["tumor_board_packet"].item("TB9").gates == ("recommendation_signed",)


def test_a_separate_authorization_is_asked_for_only_where_the_payer_wants_one(
    templates: dict[str, Template],
) -> None:
    template = templates["implant_authorization"]
    cement: dict[str, str | bool | int | None] = {"component.kind": "cement"}

    assert "IM3A" in existing(template, cement | {"evidence.IM3": "separate"})
    assert "IM3A" not in existing(template, cement | {"evidence.IM3": "bundled"})


@pytest.mark.parametrize("kind", ["endoprosthesis", "plate", "cement", "allograft", "mesh", "other"])
def test_no_surgery_date_is_firm_before_code_and_determination_of_every_component(
    templates: dict[str, Template], kind: str
) -> None:
    template = templates["implant_authorization"]
    facts: Facts = {"component.kind": kind, "component.custom": None, "component.supply": None}

    gating = {name for name in existing(template, facts) if "surgery" in template.item(name).gates}

    assert gating >= {"IM2", "IM2R", "IM3"}
    assert template.gates_waiver == (Role.LEAD,)


def test_nothing_that_gates_the_surgery_date_waits_for_something_due_after_it(
    templates: dict[str, Template],
) -> None:
    template = templates["implant_authorization"]

    def before(name: str) -> set[str]:
        needs = set(template.item(name).needs)
        return needs.union(*(before(need) for need in needs))

    for item in template.items:
        if "surgery" in item.gates:
            for name in {item.id} | before(item.id):
                due = template.item(name).due
                assert due is None or due.anchor.name != "surgery", f"{item.id} needs {name}"


def test_component_dates_hang_on_the_proposed_date_until_it_is_firm(templates: dict[str, Template]) -> None:
    facts: Facts = {"component.kind": "allograft", "component.custom": False, "component.supply": None}
    proposed = {"surgery_proposed": Moment.of_day(date(2026, 6, 18))}

    found = preview(templates["implant_authorization"], proposed, CALENDAR, facts, zone=UTC)

    dated = {row.item.id for row in found if row.state == "dated"}
    assert dated == {"IM1", "IM2", "IM4", "AL1", "AL2", "AL3"}
    assert {row.item.id for row in found if row.state == "estimated"} == {"IM2R", "IM3"}
    assert {row.item.id for row in found if row.state == "undated"} == {"AL4", "AL5", "IV1", "IV2"}


def test_billing_has_one_open_task_before_the_note_is_signed(templates: dict[str, Template]) -> None:
    template = templates["post_op_billing"]

    assert [item.id for item in template.items if not item.needs] == ["BI1"]
    assert template.item("BI1").sla is None
    surgery = {"surgery": Moment.of_day(date(2026, 6, 18))}
    dated = {row.item.id: row.due_at for row in preview(template, surgery, CALENDAR, {}, zone=UTC) if row.due_at}
    assert set(dated) == {"BI1", "BI6L"}, "and the payer's limit, which waits for no note"
    assert dated["BI6L"].date() == date(2026, 8, 17)


def test_billing_dates_follow_the_note_and_the_claim(templates: dict[str, Template]) -> None:
    dates = {
        "surgery": Moment.of_day(date(2026, 6, 18)),
        "operative_note_signed": Moment.of_day(date(2026, 6, 19)),
        "claim_filed": Moment.of_day(date(2026, 6, 30)),
    }
    facts: Facts = {"evidence.BI2": "query needed", "evidence.BI7A": "pending"}

    found = preview(templates["post_op_billing"], dates, CALENDAR, facts, zone=ZoneInfo("UTC"))

    assert {row.item.id: row.due_at.date() if row.due_at else None for row in found} == {
        "BI1": date(2026, 6, 19),
        "BI2": date(2026, 6, 22),
        "BI3": date(2026, 6, 24),
        "BI4": date(2026, 6, 24),
        "BI5": date(2026, 6, 29),
        "BI6": date(2026, 6, 30),
        "BI6L": date(2026, 8, 17),
        "BI7A": date(2026, 7, 14),
        "BI7B": date(2026, 7, 30),
        "BI7": date(2026, 8, 14),
    }


def test_a_query_is_a_branch(templates: dict[str, Template]) -> None:
    template = templates["post_op_billing"]

    assert "BI3" in existing(template, {"evidence.BI2": "query needed"})
    assert "BI3" not in existing(template, {"evidence.BI2": "complete"})
    assert "BI3" not in existing(template, {})


def test_the_editors_schema_is_current() -> None:
    kept = (FOLDER / "schema.json").read_text(encoding="utf-8")

    assert kept == schema_text(), "write it again: caseboard checklist schema > checklists/schema.json"


def test_the_schema_is_a_schema_with_a_word_on_every_key() -> None:
    found = schema()

    Draft202012Validator.check_schema(found)
    definitions = found["$defs"]
    assert isinstance(definitions, dict)
    for shape in [found, *definitions.values()]:
        assert isinstance(shape, dict)
        properties = shape.get("properties", {})
        assert isinstance(properties, dict)
        for key, described in properties.items():
            assert isinstance(described, dict)
            # A key whose words are those of its own shape leaves them there.
            referred = definitions.get(str(described.get("$ref", "")).rpartition("/")[2], {})
            assert isinstance(referred, dict)
            assert described.get("description") or referred.get("description"), f"{shape.get('title')}.{key}"


@pytest.mark.parametrize("name", NAMES)
def test_each_file_names_the_schema_and_keeps_it(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")

    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    Draft202012Validator(schema()).validate(YAML(typ="safe").load(text))


REFUSED_BY_SCHEMA = [
    ("an unknown key", {"rolls": ["va"]}),
    ("no value", {"due": None}),
    ("a word for a list", {"roles": "va"}),
    ("an unknown role", {"roles": ["surgon"]}),
    ("an unknown key date", {"gates": ["surgerry"]}),
    ("an unknown kind", {"evidence": {"kind": "ref"}}),
]


@pytest.mark.parametrize(("why", "keys"), REFUSED_BY_SCHEMA, ids=[row[0] for row in REFUSED_BY_SCHEMA])
def test_editors_are_told_of_wrong_shapes(why: str, keys: dict[str, object]) -> None:
    good: dict[str, object] = {"id": "TB1", "title": "Listed"}
    top: dict[str, object] = {"id": "board", "version": 1, "title": "Board", "starts": [{"case_opened": True}]}
    validator = Draft202012Validator(schema())

    assert validator.is_valid({**top, "items": [good]})
    assert not validator.is_valid({**top, "items": [{**good, **keys}]})
    assert not validator.is_valid({**top, "starts": [{"case_opened": True, "key_date": "board"}], "items": [good]})
