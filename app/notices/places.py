"""What people do in Slack to the channel of a case, as we hear of it; delivery heals what it can at its next post."""

import json
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from app.notices.service import touch_card
from app.store.uow import UnitOfWork

_FIND = text(
    "SELECT h.id, h.state, h.absent, h.case_id, c.state AS case_state FROM channels h JOIN cases c ON c.id = h.case_id"
    " WHERE h.program_id = :program AND h.slack_id = :slack FOR NO KEY UPDATE OF h"
)
_STATE = text("UPDATE channels SET state = :state WHERE id = :channel")
_NAME = text("UPDATE channels SET name = :name WHERE id = :channel")
_MOVED = text("UPDATE channels SET slack_id = :new WHERE id = :channel")
_ABSENT = text("UPDATE channels SET absent = CAST(:absent AS jsonb) WHERE id = :channel")
_PERSON = text("SELECT name FROM staff WHERE program_id = :program AND slack_user_id = :user AND active")
# Asked into at least one, and into none that they could come to. It is read every few seconds: of the channels only
# those few are looked at on whose card anybody is absent, and all of them of these people alone. What was said before
# ids were kept is known by its words.
_OUTSIDE = text(
    "WITH few AS MATERIALIZED (SELECT h.invited, h.absent FROM channels h JOIN cases c ON c.id = h.case_id"
    "  WHERE h.program_id = :program AND h.absent <> '[]' AND c.state = 'open'),"
    " said AS MATERIALIZED (SELECT DISTINCT s.id, s.slack_user_id, said.entry, said.words FROM few"
    "  JOIN staff s ON s.program_id = :program AND s.slack_user_id = ANY(few.invited), LATERAL (SELECT"
    "   jsonb_build_array(jsonb_build_object('user', s.slack_user_id, 'why', CAST(:why AS text))) AS entry,"
    "   s.name || ' (' || :why || ')' AS words) said"
    "  WHERE few.absent @> said.entry OR jsonb_exists(few.absent, said.words))"
    " SELECT id FROM said WHERE NOT EXISTS (SELECT 1 FROM cases c JOIN channels h ON h.case_id = c.id"
    "  WHERE c.program_id = :program AND c.state = 'open' AND said.slack_user_id = ANY(h.invited)"
    "  AND NOT (h.absent @> said.entry OR jsonb_exists(h.absent, said.words)))"
)
LEFT = "left the channel"
OUTSIDE = "not in the workspace"
"""Why somebody is absent whom Slack does not know there, in the words of `app.slack.errors`."""


def absence(user: str, name: str, why: str) -> dict[str, str]:
    """What a channel keeps of a person who is not in it; `user` is their Slack id."""
    return {"user": user, "name": name, "why": why}


def absence_words(kept: object) -> str:
    """What the card says of it; before ids were kept, these words were what was kept."""
    return f"{kept['name']} ({kept['why']})" if isinstance(kept, dict) else str(kept)


def is_absence_of(user: str, name: str, kept: object) -> bool:
    """Whether it is of that person."""
    return bool(kept["user"] == user) if isinstance(kept, dict) else str(kept).startswith(f"{name} (")


def outside(session: Session, program_id: int) -> frozenset[int]:
    """Who is known not to be in the workspace, by staff id: that was the answer in every channel of an open case."""
    return frozenset(session.execute(_OUTSIDE, {"program": program_id, "why": OUTSIDE}).scalars())


def archived(uow: UnitOfWork, program_id: int, slack_id: str) -> None:
    """Somebody archived the channel. While its case is open, the next post brings it back or makes a new one."""
    _lost(uow, program_id, slack_id, "archived")


def gone(uow: UnitOfWork, program_id: int, slack_id: str) -> None:
    """The channel was deleted, or the app was removed from it: an open case goes on in a new one."""
    _lost(uow, program_id, slack_id, "lost")


def back(uow: UnitOfWork, program_id: int, slack_id: str) -> None:
    """Somebody brought the channel back: topic and people are seen to before the next post."""
    channel = _find(uow, program_id, slack_id)
    if channel is not None and channel.state == "archived" and channel.case_state == "open":
        uow.session.execute(_STATE, {"channel": channel.id, "state": "wanted"})
        touch_card(uow, channel.case_id)


def renamed(uow: UnitOfWork, program_id: int, slack_id: str, name: str) -> None:
    """Somebody renamed the channel: the new name is as good."""
    channel = _find(uow, program_id, slack_id)
    if channel is not None:
        uow.session.execute(_NAME, {"channel": channel.id, "name": name})


def moved(uow: UnitOfWork, program_id: int, slack_id: str, new_id: str) -> None:
    """Slack gave the channel another id."""
    channel = _find(uow, program_id, slack_id)
    if channel is not None and _find(uow, program_id, new_id) is None:
        uow.session.execute(_MOVED, {"channel": channel.id, "new": new_id})


def left(uow: UnitOfWork, program_id: int, slack_id: str, user: str) -> None:
    """A person left the channel, or was removed: the card says so, since their mentions do not reach them."""
    _absent(uow, program_id, slack_id, user, away=True)


def joined(uow: UnitOfWork, program_id: int, slack_id: str, user: str) -> None:
    """A person is in the channel: the card does not call them absent any more."""
    _absent(uow, program_id, slack_id, user, away=False)


def _lost(uow: UnitOfWork, program_id: int, slack_id: str, state: str) -> None:
    channel = _find(uow, program_id, slack_id)
    if channel is None or channel.state in ("lost", state):
        return
    uow.session.execute(_STATE, {"channel": channel.id, "state": state})
    if channel.case_state == "open":
        touch_card(uow, channel.case_id)


def _absent(uow: UnitOfWork, program_id: int, slack_id: str, user: str, *, away: bool) -> None:
    channel = _find(uow, program_id, slack_id)
    name = uow.session.execute(_PERSON, {"program": program_id, "user": user}).scalar_one_or_none()
    if channel is None or name is None or channel.case_state != "open":
        return
    others = [each for each in channel.absent if not is_absence_of(user, name, each)]
    absent = [*others, absence(user, name, LEFT)] if away else others
    if absent != channel.absent:
        uow.session.execute(_ABSENT, {"channel": channel.id, "absent": json.dumps(absent)})
        touch_card(uow, channel.case_id)


def _find(uow: UnitOfWork, program_id: int, slack_id: str) -> Row[Any] | None:
    return uow.session.execute(_FIND, {"program": program_id, "slack": slack_id}).one_or_none()
