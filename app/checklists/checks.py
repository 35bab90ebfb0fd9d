"""What a template has to keep besides its shape: rules that can be met, known names, words fit for Slack.

Every check reads the draft as it was written and skips what has the wrong type (the shape check has said
so), so that all problems of a file are found in one go.
"""

import re

from app.checklists.conditions_check import check_conditions
from app.checklists.cycles import check_cycles
from app.checklists.draft import Draft
from app.checklists.problems import one_of
from app.checklists.vocabulary import EvidenceKind, Scope
from app.checklists.yaml_tree import Path
from app.kernel.due import DueRule, DueRuleError
from app.kernel.durations import Duration, DurationError
from app.kernel.keydates import KEY_DATES
from app.kernel.textsafety import findings

START_KINDS = ("key_date", "task_done", "case_opened", "component_added")
TASK_NAME = re.compile(r"([a-z][a-z0-9_]*)/([A-Z][A-Z0-9_]*)\Z")
_NOT_ONE_LINE = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def check_template(draft: Draft) -> None:
    """Report everything in one template that its shape does not show."""
    _check_ids(draft)
    _check_starts(draft)
    _check_scope(draft)
    for path in draft.items():
        _check_due(draft, path, path)
        for other in draft.entries(*path, "due_when"):
            _check_due(draft, path, other)
        if "due_when" in draft.mapping(*path) and "due" not in draft.mapping(*path):
            said = "`due_when` says when another rule counts, and there is no `due`"
            draft.report((*path, "due_when"), said, "write `due`, the rule that counts otherwise", at_key=True)
        _check_needs(draft, path)
        _check_evidence(draft, path)
        _check_gates(draft, path)
    _check_durations(draft)
    _check_repeats(draft)
    _check_words(draft)
    check_conditions(draft)
    check_cycles(draft)


def _check_ids(draft: Draft) -> None:
    first: dict[str, Path] = {}
    for path in draft.items():
        name = draft.text(*path, "id")
        if name is None:
            continue
        if name in first:
            line = draft.tree.at_value((*first[name], "id")).line
            where = f" (first on line {line})" if line else ""
            draft.report((*path, "id"), f"the id stands twice{where}", "give each item an id of its own")
        first.setdefault(name, path)


def _check_starts(draft: Draft) -> None:
    component = draft.text("scope") == Scope.COMPONENT
    for path in draft.entries("starts"):
        start = draft.mapping(*path)
        if not start:
            continue
        named = [kind for kind in START_KINDS if kind in start]
        if len(named) != 1:
            what = f"says {' and '.join(named)}" if named else "does not say what starts it"
            draft.report(path, f"this start {what}", f"write exactly one of {', '.join(START_KINDS)}")
        _check_key_date(draft, (*path, "key_date"))
        task = draft.text(*path, "task_done")
        if task is not None and not TASK_NAME.match(task):
            draft.report(
                (*path, "task_done"),
                f"`{task}` names no task",
                "write template/ITEM, such as tumor_board_packet/TB9",
            )
        if "component_added" in start and not component:
            draft.report(
                (*path, "component_added"),
                "a component starts nothing here, because this template is for the case",
                "write `scope: component`, or start it by a key date",
                at_key=True,
            )
        if "case_opened" in start and component:
            draft.report(
                (*path, "case_opened"),
                "no case has components when it is opened",
                "write `component_added: true`",
                at_key=True,
            )


def _check_scope(draft: Draft) -> None:
    if "match" in draft.mapping() and draft.text("scope") != Scope.COMPONENT:
        draft.report(
            ("match",),
            "`match` chooses components, and this template is for the case",
            "write `scope: component`, or delete the line",
            at_key=True,
        )


def _check_key_date(draft: Draft, path: Path) -> None:
    name = draft.text(*path)
    if name is not None and name not in KEY_DATES:
        draft.report(path, f"unknown key date `{name}`", one_of(name, KEY_DATES, "key dates"))


def _check_due(draft: Draft, path: Path, where: Path) -> None:
    """The rule that stands at `where`, which is the item at `path` or one of its `due_when`."""
    text = draft.text(*where, "due")
    if not text:
        return
    try:
        rule = DueRule.parse(text, key_dates=KEY_DATES, items=draft.by_id())
    except DueRuleError as error:
        draft.report((*where, "due"), f"`due`: {error.message}", error.suggestion, offset=error.column - 1)
        return
    gated = {name for _, name in draft.texts(*path, "gates")}
    if rule.anchor.kind == "key_date" and rule.anchor.name in gated:
        words = KEY_DATES[rule.anchor.name]
        draft.report(
            (*where, "due"),
            f"`due` cannot be met: {words} cannot be set before this is done, and the rule hangs on it",
            "hang it on an earlier key date, on ready, or on done of another item",
        )


def _check_needs(draft: Draft, path: Path) -> None:
    known = draft.by_id()
    named = {name for _, name in draft.texts(*path, "needs")} | {draft.text(*path, "id")}
    for entry, name in draft.texts(*path, "needs"):
        if name not in known:
            draft.report(
                entry, f"`needs` names no item of this template: `{name}`", one_of(name, set(known) - named, "items")
            )


def _check_evidence(draft: Draft, path: Path) -> None:
    evidence, here = draft.mapping(*path, "evidence"), (*path, "evidence")
    kind = draft.text(*here, "kind")
    if kind is None:
        return
    choices = list(draft.entries(*here, "choices"))
    if kind == EvidenceKind.CHOICE and len(choices) < 2:
        had = f"with {len(choices)} choice" if choices else "without `choices`"
        draft.report((*here, "kind"), f"evidence of kind choice {had}", "list two or more: `choices: [yes, no]`")
    if kind != EvidenceKind.CHOICE and "choices" in evidence:
        draft.report(
            (*here, "choices"),
            f"evidence of kind {kind} has no choices",
            "write `kind: choice`, or delete the line",
            at_key=True,
        )
    if kind == EvidenceKind.ATTESTATION and not list(draft.entries(*here, "by")):
        draft.report((*here, "kind"), "an attestation without `by`", "say who may attest: `by: [surgeon]`")
    if kind != EvidenceKind.ATTESTATION and "by" in evidence:
        draft.report(
            (*here, "by"),
            f"evidence of kind {kind} is attested by nobody",
            "write `kind: attestation`, or delete the line",
            at_key=True,
        )
    _check_limits(draft, here, kind)


_LIMITS_OF = {"min": EvidenceKind.NUMBER, "max": EvidenceKind.NUMBER, "after": EvidenceKind.DATE,
              "before": EvidenceKind.DATE}  # fmt: skip


def _check_limits(draft: Draft, here: Path, kind: str) -> None:
    """A reference besides, and limits of numbers and dates, stand where they mean something."""
    evidence = draft.mapping(*here)
    for key, wanted in _LIMITS_OF.items():
        if key in evidence and kind != wanted:
            message = f"`{key}` limits a {wanted}, not evidence of kind {kind}"
            draft.report((*here, key), message, f"write `kind: {wanted}`, or delete the line", at_key=True)
    if "reference" in evidence and kind in (EvidenceKind.REFERENCE, EvidenceKind.NONE):
        said = "is a reference already" if kind == EvidenceKind.REFERENCE else "is nothing, so nothing stands beside it"
        draft.report((*here, "reference"), f"evidence of kind {kind} {said}", "delete the line", at_key=True)
    if "seal" in evidence and not list(draft.entries(*here[:-1], "needs")):
        draft.report((*here, "seal"), "a seal without `needs` seals nothing", "say what the item needs", at_key=True)
    if "seal" in evidence and kind == EvidenceKind.NONE:
        message = "evidence of kind none has no place for a seal"
        draft.report((*here, "seal"), message, "ask for evidence of another kind", at_key=True)
    least, most = evidence.get("min"), evidence.get("max")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        draft.report((*here, "max"), f"no number is {least} or more and {most} or less", "exchange `min` and `max`")
    for key in ("after", "before"):
        for entry in draft.entries(*here, key):
            _check_key_date(draft, entry)


def _check_gates(draft: Draft, path: Path) -> None:
    for entry in draft.entries(*path, "gates"):
        _check_key_date(draft, entry)


def _check_durations(draft: Draft) -> None:
    places = [(("defaults",), "remind"), *((path, "remind") for path in draft.items())]
    for owner, key in places:
        _read_duration(draft, (*owner, key), zero_is="a reminder of 0")
    for owner in (("defaults",), *draft.items()):
        for step in draft.entries(*owner, "escalate"):
            _read_duration(draft, (*step, "after"), zero_is=None)
    for path in draft.items():
        target = _read_duration(draft, (*path, "sla", "target"), zero_is="a target of 0")
        warn = _read_duration(draft, (*path, "sla", "warn"), zero_is="a warning of 0")
        if target is not None and warn is not None and longer_or_equal(warn, target):
            draft.report(
                (*path, "sla", "warn"),
                f"the warning ({warn} before the end) would come before the task can be claimed",
                f"write less than {target}",
            )


def _read_duration(draft: Draft, path: Path, *, zero_is: str | None) -> Duration | None:
    text = draft.text(*path)
    if not text:
        return None
    try:
        found = Duration.parse(text)
    except DurationError as error:
        draft.report(path, f"`{path[-1]}`: {error.message}", error.suggestion, offset=error.column - 1)
        return None
    if found.amount == 0 and zero_is is not None:
        draft.report(path, f"{zero_is} says nothing", "write a longer one, or delete the line")
        return None
    return found


_MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080}
_OPEN_MINUTES = {"business minutes": 1, "business hours": 60}


def longer_or_equal(one: Duration, other: Duration) -> bool:
    """Whether `one` is certainly as long as `other`; False where only a calendar could tell."""
    for minutes in (_MINUTES, _OPEN_MINUTES, {"business days": 1}):
        if one.unit in minutes and other.unit in minutes:
            return one.amount * minutes[one.unit] >= other.amount * minutes[other.unit]
    return False


def _check_repeats(draft: Draft) -> None:
    """No list of words says one of them twice."""
    lists: list[Path] = [("gates_waiver",)]
    for path in draft.items():
        lists += [(*path, key) for key in ("roles", "pauses", "needs", "gates")]
        lists += [(*path, "evidence", "choices"), (*path, "evidence", "by"), (*path, "gate", "waiver")]
        lists += [(*path, "evidence", "after"), (*path, "evidence", "before")]
    for where in lists:
        seen: set[str] = set()
        for entry, word in draft.texts(*where):
            if word.casefold() in seen:
                draft.report(entry, f"`{where[-1]}` says `{word}` twice", "keep one of them")
            seen.add(word.casefold())


def _check_words(draft: Draft) -> None:
    """What people read may appear in Slack: on one line where it is a line, and without patient data."""
    _check_text(draft, ("title",), line=True)
    for path in draft.items():
        _check_text(draft, (*path, "title"), line=True)
        _check_text(draft, (*path, "how"), line=False)
        _check_text(draft, (*path, "evidence", "label"), line=True)
        _check_text(draft, (*path, "evidence", "reference"), line=True)
        for entry in draft.entries(*path, "evidence", "choices"):
            _check_text(draft, entry, line=True)


def _check_text(draft: Draft, path: Path, *, line: bool) -> None:
    text = draft.text(*path)
    if not text:
        return
    name = next(step for step in reversed(path) if isinstance(step, str))
    broken = _NOT_ONE_LINE.search(text) if line else None
    if broken is not None:
        draft.report(path, f"`{name}` holds a line break or control character", "write it on one line")
    elif text != text.strip() and line:
        draft.report(path, f"`{name}` begins or ends with a space", "take it out")
    offset = 0
    for part in text.split("\n"):
        for finding in findings(part):
            draft.report(
                path,
                f"`{name}` may appear in Slack, and {finding.why.partition(';')[0]}",
                "say what is to be done, for any patient",
                offset=offset,
            )
        offset += len(part) + 1
