"""A task as it stands in a notice: patient-free words and ids, JSON-safe."""

from collections.abc import Sequence
from typing import Any

from app.tasks.rows import TaskRow


def line_of(task: TaskRow, holder: str | None, clock: str = "due", *, waits_for: Sequence[str] = ()) -> dict[str, Any]:
    """The task for a notice's payload; `holder` is the holder's Slack user id, `waits_for` what a blocked one needs."""
    evidence = task.item.evidence
    return {
        "id": task.id,
        "no": task.no,
        "title": task.title,
        "item": task.item.id,
        "clock": clock,
        "which": task.which,
        "deadline": None if task.due_at is None else task.due_at.isoformat(),
        "holder": holder,
        "state": task.state,
        "waiting_on": task.waiting_on,
        "waits_for": list(waits_for),
        "roles": sorted(role.value for role in task.roles),
        "evidence": {
            "kind": evidence.kind.value,
            "label": evidence.label,
            "choices": list(evidence.choices),
        },
    }
