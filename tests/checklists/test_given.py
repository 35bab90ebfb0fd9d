"""Facts that a person gives for a preview: what a template can know is taken, everything else refused with what is."""

import pytest

from app.checklists.given import BadFact, read_facts
from app.checklists.loader import load_text
from app.checklists.model import Template

TEXT = """\
id: parts
version: 1
title: Parts
scope: {scope}
starts:
  - {starts}
items:
  - id: P1
    title: Ask
    evidence: {{kind: choice, label: Answer, choices: [Bundled, not required]}}
  - id: P2
    title: Count
    evidence: {{kind: number, label: Present}}
  - id: P3
    title: File
    evidence: {{kind: reference, label: Number}}
  - id: P4
    title: Look
"""
PARTS = load_text(TEXT.format(scope="component", starts="component_added: true"), "parts.yaml")
CASE = load_text(TEXT.format(scope="case", starts="key_date: board"), "parts.yaml")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("component.kind=plate", "component.kind", "plate"),
        (" component.kind = Plate ", "component.kind", "plate"),
        ("component.custom=true", "component.custom", True),
        ("component.custom=no", "component.custom", False),
        ("component.supply=unknown", "component.supply", None),
        ("evidence.P1=bundled", "evidence.P1", "Bundled"),
        ("evidence.P1=Not required", "evidence.P1", "not required"),
        ("evidence.P2=-3", "evidence.P2", "-3"),
        ("evidence.P3=true", "evidence.P3", True),
    ],
)
def test_what_a_template_can_know_is_taken(text: str, name: str, value: object) -> None:
    assert read_facts(PARTS, [text]) == {name: value}


@pytest.mark.parametrize(
    ("template", "texts", "why", "right"),
    [
        (PARTS, ["component.kind=banana"], "never “banana”", "plate"),
        (PARTS, ["component.kind=plat"], "never “plat”", "did you mean `plate`?"),
        (PARTS, ["component.custom=perhaps"], "either so or not", "component.custom=true"),
        (PARTS, ["weather.sky=red"], "not a fact of parts", "component.kind"),
        (PARTS, ["component.knd=plate"], "not a fact of parts", "did you mean `component.kind`?"),
        (PARTS, ["evidence.P1=perhaps"], "never “perhaps”", "Bundled, not required"),
        (PARTS, ["evidence.P2=three"], "is a number", "a whole number"),
        (PARTS, ["evidence.P3=ABC"], "either so or not", "evidence.P3=true"),
        (PARTS, ["evidence.P4=true"], "not a fact of parts", "did you mean"),
        (PARTS, ["key_date.board=true"], "follows from the key dates", "--date"),
        (PARTS, ["component.kind=plate", "component.kind=mesh"], "given twice", "once"),
        (PARTS, ["plate"], "is no fact", "component.kind=plate"),
        (CASE, ["component.kind=plate"], "for the whole case", "leave component.kind out"),
    ],
)
def test_anything_else_is_refused(template: Template, texts: list[str], why: str, right: str) -> None:
    with pytest.raises(BadFact) as caught:
        read_facts(template, texts)
    assert why in str(caught.value)
    assert right in str(caught.value)
