"""The home tab: what is offered to a person, what they hold, what they could take, each with its buttons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.slack.answer import Answer
from app.slack.views import blocks as draw
from app.slack.views import replies
from app.slack.views.blocks import Block
from app.tasks.queries import OfferLine, TaskLine

READ: Final = 100
"""Tasks of a part that are worth reading: they are counted up to here."""
SHOWN: Final = 10
"""Tasks of a part that are shown: each takes two of the 100 blocks of a view, and nobody scrolls through more."""


def desk(
    offers: Sequence[OfferLine],
    held: Sequence[TaskLine],
    free: Sequence[TaskLine],
    *,
    zone: str,
    now: datetime,
    staff_id: int | None,
    said: str = "",
) -> Answer:
    """A person's desk as of `now`. `said` is the answer to what they pressed here, already safe to show."""
    claimable = {line.id for line in free}

    def items(lines: Sequence[TaskLine]) -> list[list[Block]]:
        return [_named(replies.item(line, zone, now, staff_id, claimable), line.id) for line in lines[:SHOWN]]

    said_first: list[Block] = [draw.section(said), {"type": "divider"}] if said else []
    blocks = [
        *said_first,
        *_part("Offered to you", [_offer(line, zone) for line in offers[:SHOWN]], len(offers), ""),
        *(_part("Yours", items(held), len(held), "/tasks mine") or [draw.section("You hold nothing.")]),
        *(_part("You could take", items(free), len(free), "/tasks free") or [draw.section("Nothing is free for you.")]),
        draw.context(f"As of {draw.moment(now, ZoneInfo(zone))}. Open this tab again for how things stand then."),
    ]
    text = f"{_count(len(held))} yours, {_count(len(free))} free for you, {_count(len(offers))} offered to you"
    return Answer(text, tuple(dict(block) for block in blocks))


def _part(title: str, items: Sequence[Sequence[Block]], total: int, command: str) -> list[Block]:
    """A heading with the tasks beneath it; nothing when there are none. `command` lists those that are left out."""
    if not items:
        return []
    where = f"`{command}` shows more" if command else "they stand in their channels"
    more = [draw.context(f"… and {_count(total - len(items))} more: {where}.")] if total > len(items) else []
    return [draw.header(f"{title}: {_count(total)}"), *(block for item in items for block in item), *more]


def _count(number: int) -> str:
    return str(number) if number < READ else f"{READ} or more"


def _offer(line: OfferLine, zone: str) -> list[Block]:
    due = f" · due {draw.moment(line.due_at, ZoneInfo(zone))}" if line.due_at else ""
    words = f"*{draw.safe(line.name)}* {draw.safe(line.title, draw.TITLE)}{due} · from {draw.safe(line.giver, 60)}"
    buttons = draw.actions(*draw.answer_buttons(line.id, line.name))
    return _named([draw.section(f"{words}\n> {draw.safe(line.note)}"), buttons], line.task_id)


def _named(rows: Sequence[Block], task_id: int) -> list[Block]:
    """With a name of its own for the row of buttons, so that one pressed while the tab is drawn anew is still known."""
    return [row | {"block_id": draw.task_value(task_id)} if row["type"] == "actions" else row for row in rows]
