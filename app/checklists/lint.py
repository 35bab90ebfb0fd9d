"""Looks through templates for what is allowed and yet probably not meant: the warnings of `checklist lint`."""

from datetime import date, datetime, time
from pathlib import Path as FilePath
from zoneinfo import ZoneInfo

from app.checklists.checks import TASK_NAME, longer_or_equal
from app.checklists.draft import Draft
from app.checklists.loader import check_set, examine_folder
from app.checklists.model import Item, Template
from app.checklists.problems import Problem
from app.checklists.yaml_tree import Path
from app.kernel.business import BusinessCalendar
from app.kernel.due import Anchor, Moment
from app.kernel.keydates import KEY_DATES

# Compares two rules on one key date: a week of plain office hours in the middle of plain weeks tells.
_PROBE = BusinessCalendar(zone=ZoneInfo("UTC"), hours={weekday: ((time(8), time(17)),) for weekday in range(5)})
_PROBE_DAY = Moment.of_day(date(2026, 6, 17))


def lint_set(folder: FilePath | str) -> list[Problem]:
    """Every error and warning of a folder's templates, in the order of files and lines.

    A file with errors is not looked through for warnings: most would be echoes.
    """
    examined = examine_folder(FilePath(folder))
    problems = [problem for one in examined for problem in one.errors] + check_set(examined)
    templates: list[tuple[Draft, Template]] = []
    for one in examined:
        if one.template is not None:
            templates.append((Draft(one.draft.tree), one.template))
    for draft, template in templates:
        lint_template(draft, template)
    _warn_of_endless_starts(templates)
    return sorted(problems + [problem for draft, _ in templates for problem in draft.problems])


def lint_template(draft: Draft, template: Template) -> None:
    """Report the warnings of one template that is free of errors."""
    _warn_of_name(draft, template)
    _warn_of_gates(draft, template)
    for path, item in zip(draft.items(), template.items, strict=True):
        _warn_of_silence(draft, path, item)
        _warn_of_useless_keys(draft, path, item)
        _warn_of_missing_words(draft, path, item)
        _warn_of_order(draft, path, template, item)


def _warn(draft: Draft, path: Path, message: str, fix: str, *, at_key: bool = False) -> None:
    draft.report(path, message, fix, at_key=at_key, severity="warning")


def _warn_of_name(draft: Draft, template: Template) -> None:
    stem = FilePath(draft.tree.file).stem
    if stem != template.id:
        _warn(draft, ("id",), f"template `{template.id}` is in a file named {stem}", "give both one name")


def _warn_of_gates(draft: Draft, template: Template) -> None:
    gated = {name for item in template.items for name in item.gates}
    if template.gates_waiver and not gated:
        _warn(
            draft,
            ("gates_waiver",),
            "no item gates a key date, so there is nothing to waive",
            "delete the line, or write `gates` on an item",
            at_key=True,
        )
    starting = {start.key_date for start in template.starts}
    for path, item in zip(draft.items(), template.items, strict=True):
        for name in item.gates:
            if starting == {name}:
                _warn(
                    draft,
                    (*path, "gates"),
                    f"{KEY_DATES[name]} is set before this track starts, so this gate comes too late",
                    "start the track earlier, or take the gate out",
                    at_key=True,
                )
            if item.when is not None and item.when.truth({f"key_date.{name}": False}) is False:
                _warn(
                    draft,
                    (*path, "when"),
                    f"the item is there only once {KEY_DATES[name]} is set, so its gate on that comes too late",
                    "ask for an earlier key date, or take the gate out",
                )
        if item.gate is not None and not item.needs:
            _warn(
                draft,
                (*path, "gate"),
                "a gate without `needs` holds nothing back",
                "say what it needs, or delete the line",
                at_key=True,
            )


def _warn_of_silence(draft: Draft, path: Path, item: Item) -> None:
    here = (*path, "id")
    if not item.roles:
        _warn(draft, here, "without `roles` anyone on the staff may claim it", "write for example `roles: [va]`")
    if item.due is None and item.sla is None:
        _warn(draft, here, "without `due` and `sla` nothing ever reminds of it", "write one of them")
        return
    if item.remind is None and (item.sla is None or item.sla.warn is None):
        _warn(draft, here, "nobody is reminded before it is late", "write `remind: 4 business hours`")
    if not item.escalate:
        fix = "write `escalate: [{after: 4 business hours, to: lead}]`"
        _warn(draft, here, "nobody but its holder hears when it is late", fix)
    for earlier, later in zip(item.escalate, item.escalate[1:], strict=False):
        if longer_or_equal(earlier.after, later.after):
            message = f"{later.to} is told no later than {earlier.to}, who comes first in the list"
            _warn(draft, here, message, "order the steps by their delay")


def _warn_of_useless_keys(draft: Draft, path: Path, item: Item) -> None:
    timed = item.due is not None or item.sla is not None
    own = draft.mapping(*path)
    for key in ("remind", "escalate"):
        if key in own and not timed:
            message = f"`{key}` does nothing without `due` or `sla`"
            _warn(draft, (*path, key), message, "delete the line, or write a deadline", at_key=True)
    if item.pauses and item.sla is None:
        message = "`pauses` does nothing without `sla`, because a due moment never pauses"
        _warn(draft, (*path, "pauses"), message, "write `sla`, or delete the line", at_key=True)


def _warn_of_missing_words(draft: Draft, path: Path, item: Item) -> None:
    if item.how is None:
        _warn(draft, (*path, "id"), "there is no `how`", "say in a few lines how it is done")
    if item.source is None:
        _warn(draft, (*path, "id"), "there is no `source`", "say where the rule comes from, or who decided it")


def _warn_of_order(draft: Draft, path: Path, template: Template, item: Item) -> None:
    """An item due before one that it needs can be in time only if that one is early."""
    if item.due is None or item.due.anchor.kind != "key_date":
        return
    for entry, needed in zip(draft.entries(*path, "needs"), item.needs, strict=True):
        other = template.item(needed)
        if other.due is None or other.due.anchor != item.due.anchor:
            continue
        # Where either has several rules, only a pair that can never be kept is worth a word.
        if min(_probed(other, item.due.anchor)) > max(_probed(item, item.due.anchor)):
            message = f"it is due before {needed}, which it needs ({item.due} against {other.due})"
            _warn(draft, entry, message, "move one of the two")


def _probed(item: Item, anchor: Anchor) -> list[datetime]:
    """When each of the item's rules that hang on the anchor would be due."""
    rules = [item.due, *(rule for _, rule in item.due_when)]
    return [rule.resolve(_PROBE_DAY, _PROBE) for rule in rules if rule is not None and rule.anchor == anchor]


def _warn_of_endless_starts(templates: list[tuple[Draft, Template]]) -> None:
    """Templates that start each other, and that nothing else starts."""
    startable: set[str] = set()
    while True:
        more = {
            template.id
            for _, template in templates
            if template.id not in startable
            and any(
                start.task_done is None or start.task_done.partition("/")[0] in startable for start in template.starts
            )
        }
        if not more:
            break
        startable |= more
    known = {template.id for _, template in templates}
    for draft, template in templates:
        named = {found[1] for start in template.starts if (found := TASK_NAME.match(start.task_done or "")) is not None}
        if template.id not in startable and named <= known:
            _warn(
                draft,
                ("starts",),
                f"this track never starts, because {', '.join(sorted(named))} waits for it in turn",
                "give one of them another start",
                at_key=True,
            )
