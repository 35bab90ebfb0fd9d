"""Finds items that wait for each other: by `needs`, by a due rule's `done of`, or by evidence in a `when`."""

from app.checklists.draft import Draft
from app.checklists.yaml_tree import Path
from app.kernel.conditions import Condition, ConditionError
from app.kernel.due import DueRule, DueRuleError
from app.kernel.keydates import KEY_DATES

Edges = dict[str, dict[str, tuple[Path, str]]]
"""For each item what it waits for, with the place that says so and how a message puts it."""


def check_cycles(draft: Draft) -> None:
    """Report each ring of items once, at the place in its first item that closes it."""
    edges = _edges(draft)
    order = {name: index for index, name in enumerate(edges)}
    told: set[frozenset[str]] = set()
    for name in edges:
        ring = _ring(edges, name)
        if ring is None or frozenset(ring) in told or min(ring, key=order.__getitem__) != name:
            continue
        told.add(frozenset(ring))
        _report(draft, edges, ring)


def _edges(draft: Draft) -> Edges:
    known = draft.by_id()
    edges: Edges = {name: {} for name in known}
    for name, path in known.items():
        waits = edges[name]
        for entry, needed in draft.texts(*path, "needs"):
            waits.setdefault(needed, (entry, f"{name} needs {needed}"))
        for where in (path, *draft.entries(*path, "due_when")):
            counted = _due_after(draft.text(*where, "due"), known)
            if counted is not None:
                waits.setdefault(counted, ((*where, "due"), f"{name} is due by when {counted} was done"))
        for asked in _asked(draft.text(*path, "when")):
            waits.setdefault(asked, ((*path, "when"), f"{name} exists by the evidence of {asked}"))
    return {name: {to: why for to, why in waits.items() if to in edges} for name, waits in edges.items()}


def _due_after(text: str | None, known: dict[str, Path]) -> str | None:
    try:
        rule = DueRule.parse(text or "", key_dates=KEY_DATES, items=known)
    except DueRuleError:
        return None
    return rule.anchor.name if rule.anchor.kind == "done" else None


def _asked(text: str | None) -> list[str]:
    try:
        names = Condition.parse(text or "", names=lambda name: "." in name).names()
    except ConditionError:
        return []
    return sorted(name.partition(".")[2] for name in names if name.startswith("evidence."))


def _ring(edges: Edges, start: str) -> list[str] | None:
    """The shortest way from `start` back to itself, `start` first."""
    came_from: dict[str, str] = {}
    frontier = [start]
    while frontier:
        following: list[str] = []
        for name in frontier:
            for to in edges[name]:
                if to == start:
                    return _way(came_from, start, name)
                if to not in came_from:
                    came_from[to] = name
                    following.append(to)
        frontier = following
    return None


def _way(came_from: dict[str, str], start: str, last: str) -> list[str]:
    way = [last]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


def _report(draft: Draft, edges: Edges, ring: list[str]) -> None:
    steps = [edges[name][to] for name, to in zip(ring, [*ring[1:], ring[0]], strict=True)]
    said = ", ".join(why for _, why in steps)
    message = "waits for itself" if len(ring) == 1 else f"{' → '.join([*ring, ring[0]])} wait for each other"
    draft.report(steps[0][0], f"{message} ({said})", "take one of these out")
