"""What Slack has not got yet, and why: for the command line and for whoever looks after an installation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session

from app.audit import service as audit
from app.checklists.vocabulary import Role
from app.kernel.clock import moment_words
from app.notices.models import NOTICE_STATES
from app.programs.actor import Actor, NotAllowed
from app.refusals import Refusal
from app.store.uow import UnitOfWork

OPEN = ("pending", "sending", "unknown", "held")
_SELECT = (
    "SELECT n.id, n.seq, n.kind, n.state, n.attempts, n.error, n.created_at, n.delivered_at, n.ts,"
    " greatest(extract(epoch FROM n.not_before - clock_timestamp()), 0)::float8 AS wait,"
    " extract(epoch FROM clock_timestamp() - n.sent_at)::float8 AS sent_ago,"
    " h.id AS channel_id, h.state AS channel_state, h.name AS channel_name,"
    " greatest(extract(epoch FROM h.not_before - clock_timestamp()), 0)::float8 AS channel_wait,"
    " (h.lease IS NOT NULL AND h.lease_until > clock_timestamp()) AS leased,"
    " c.code, s.name AS person, s.active IS FALSE AS switched_off,"
    " (SELECT count(*) FROM notices f WHERE f.channel_id = n.channel_id AND f.seq < n.seq AND f.kind <> 'card'"
    " AND f.state IN ('pending', 'sending', 'unknown', 'held')) AS before"
    " FROM notices n JOIN channels h ON h.id = n.channel_id"
    " LEFT JOIN cases c ON c.id = h.case_id LEFT JOIN staff s ON s.id = h.staff_id"
)
_LIST = text(
    f"{_SELECT} WHERE n.state = ANY(:states) AND (CAST(:program AS bigint) IS NULL OR n.program_id = :program)"
    " ORDER BY n.seq LIMIT :limit"
)
_ONE = text(f"{_SELECT} WHERE n.id = :id AND (CAST(:program AS bigint) IS NULL OR n.program_id = :program)")
_REPLAY = text(
    "UPDATE notices SET state = 'pending', error = NULL, not_before = NULL, ts = NULL, attempts = 0"
    " WHERE id = :id AND program_id = :program AND state = 'dead'"
    " AND NOT (kind = 'card' AND EXISTS (SELECT 1 FROM notices w WHERE w.channel_id = notices.channel_id"
    " AND w.kind = 'card' AND w.state = 'pending')) RETURNING channel_id"
)
_DEAD = (
    "SELECT id, channel_id, kind, seq FROM notices WHERE program_id = :program AND state = 'dead'"
    " AND (CAST(:code AS text) IS NULL OR position('(' || :code || ')' IN error) > 0)"
)
_COUNT_DEAD = text(f"SELECT count(*) FROM ({_DEAD}) AS dead")  # noqa: S608 - constants only
# Of a channel's cards only one may wait, and the newest shows everything.
_REPLAY_ALL = text(
    f"WITH dead AS ({_DEAD}) UPDATE notices n"  # noqa: S608 - constants only
    " SET state = 'pending', error = NULL, not_before = NULL, ts = NULL, attempts = 0 FROM dead d"
    " WHERE n.id = d.id AND n.state = 'dead' AND (d.kind <> 'card' OR NOT EXISTS (SELECT 1 FROM dead newer"
    " WHERE newer.kind = 'card' AND newer.channel_id = d.channel_id AND newer.seq > d.seq)"
    " AND NOT EXISTS (SELECT 1 FROM notices w WHERE w.channel_id = d.channel_id AND w.kind = 'card'"
    " AND w.state = 'pending')) RETURNING n.id, n.channel_id"
)


class UnknownNotice(Refusal):
    """There is no such notice in the program."""


class UnknownState(Refusal):
    """A state that no notice has."""


class NotDead(Refusal):
    """Only what was given up can be sent again."""


@dataclass(frozen=True)
class Entry:
    """A notice as the outbox lists it. Waits and ages are seconds of real time.

    `place` says where it goes: a case's code, or a person's name, who may be `switched_off`; `before` how many posts
    wait in front of it.
    """

    id: UUID
    seq: int
    kind: str
    state: str
    place: str
    channel: str | None
    attempts: int
    error: str | None
    created_at: datetime
    delivered_at: datetime | None
    wait: float
    sent_ago: float | None
    before: int
    channel_state: str
    channel_wait: float
    leased: bool
    switched_off: bool


def listing(
    session: Session, *, program_id: int | None = None, state: str | None = None, limit: int = 100
) -> Sequence[Entry]:
    """Notices of a state, oldest first; without one, all that are neither delivered nor closed: dead ones too.

    `program_id` None is every program. Raises `UnknownState`.
    """
    if state is not None and state not in NOTICE_STATES:
        raise UnknownState(f"No notice is ever {state!r}. Use one of: {', '.join(NOTICE_STATES)}.")
    states = [state] if state else [*OPEN, "dead"]
    rows = session.execute(_LIST, {"states": states, "program": program_id, "limit": limit})
    return [_entry(row) for row in rows]


def entry(session: Session, notice_id: str | UUID, *, program_id: int | None = None) -> Entry:
    """One notice by its id. Raises `UnknownNotice`."""
    row = None
    found = _parsed(notice_id)
    if found is not None:
        row = session.execute(_ONE, {"id": found, "program": program_id}).one_or_none()
    if row is None:
        raise UnknownNotice(f"There is no notice {notice_id}. See: caseboard outbox list")
    return _entry(row)


def explain(notice: Entry) -> str:
    """Where a notice stands, why, and what will happen next, in plain words."""
    what = f"{notice.kind} for {notice.place}: "
    return what + {
        "delivered": _delivered,
        "dead": _dead,
        "unknown": _unknown,
        "sending": _sending,
        "held": _held,
        "pending": _pending,
    }[notice.state](notice)


@dataclass(frozen=True)
class Replayed:
    """How many notices go out once more, and how many edits of cards do not, since a newer one shows the same."""

    again: int
    passed_over: int


def replay_all(uow: UnitOfWork, actor: Actor, code: str | None = None) -> Replayed:
    """Send everything that was given up once more, or only what was for one error; each audited.

    `code` is Slack's or our own, as it stands in brackets at the end of the error. Who may, and what becomes of the
    notices, is as with `replay`. Raises `NotAllowed`.
    """
    _may_replay(actor)
    values = {"program": actor.program_id, "code": code}
    dead: int = uow.session.execute(_COUNT_DEAD, values).scalar_one()
    again = uow.session.execute(_REPLAY_ALL, values).all()
    for row in again:
        audit.record(uow, actor, "notice.replay", "notice", str(row.id), fields=("state",))
        uow.channels_to_wake.add(row.channel_id)
    return Replayed(len(again), dead - len(again))


def _may_replay(actor: Actor) -> None:
    if actor.staff_id is not None and not actor.has(Role.ADMIN, Role.MANAGER):
        raise NotAllowed("Only an admin or a manager sends notices again. Nothing changed. Ask your manager.")


def replay(uow: UnitOfWork, actor: Actor, notice_id: str | UUID) -> Entry:
    """Send a notice that was given up once more. Only admins, managers and the system; audited.

    It goes back to its old place in the line. Raises `UnknownNotice`, `NotDead` or `NotAllowed`.
    """
    _may_replay(actor)
    notice = entry(uow.session, notice_id, program_id=actor.program_id)
    values = {"id": notice.id, "program": actor.program_id}
    channel: int | None = uow.session.execute(_REPLAY, values).scalar_one_or_none()
    if channel is None:
        if notice.state == "dead":
            raise NotDead("A newer edit of the card waits already. Nothing changed. Nothing needs to be done.")
        raise NotDead(f"The notice is {notice.state}, not dead. Nothing changed. Only dead ones can be sent again.")
    audit.record(uow, actor, "notice.replay", "notice", str(notice.id), fields=("state",))
    uow.channels_to_wake.add(channel)
    return entry(uow.session, notice.id, program_id=actor.program_id)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        seq=row.seq,
        kind=row.kind,
        state=row.state,
        place=row.code or row.person or "",
        channel=row.channel_name,
        attempts=row.attempts,
        error=row.error,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        wait=row.wait or 0.0,
        sent_ago=row.sent_ago,
        before=row.before,
        channel_state=row.channel_state,
        channel_wait=row.channel_wait or 0.0,
        leased=row.leased,
        switched_off=row.switched_off,
    )


def _delivered(notice: Entry) -> str:
    assert notice.delivered_at is not None
    remark = f" {notice.error}." if notice.error else ""
    return f"it is in Slack since {moment_words(notice.delivered_at, UTC)}.{remark}"


def _dead(notice: Entry) -> str:
    if notice.switched_off:
        return f"given up: {notice.error}. {notice.place} is switched off, so nothing needs to be done."
    return f"given up: {notice.error}. Mend the cause, then: caseboard outbox replay {notice.id}"


def _unknown(notice: Entry) -> str:
    return (
        f"sent, but nobody knows whether it arrived ({notice.error}). It is looked for in Slack {_in(notice.wait)}, "
        "and sent again only if it is not there."
    )


def _sending(notice: Entry) -> str:
    if notice.leased:
        return "being sent right now."
    return "its worker died while sending it. It is looked for in Slack before it is sent again."


def _held(notice: Entry) -> str:
    return f"not in Slack: {notice.error or 'it has to be sent again'}. Tried again {_in(_longest(notice))}."


def _pending(notice: Entry) -> str:
    if notice.before and notice.kind != "card":
        posts = "1 post" if notice.before == 1 else f"{notice.before} posts"
        return f"waits behind {posts} of its channel, which keep their order."
    if _longest(notice) > 0:
        return f"waits for its turn, so that Slack is not asked too fast; it comes {_in(_longest(notice))}."
    if notice.channel_state != "open":
        return "its channel is made or mended first; a worker does that next."
    return "ready; a worker takes it next. If it stays so, no worker and no scheduler is running."


def _longest(notice: Entry) -> float:
    return max(notice.wait, notice.channel_wait)


def _in(seconds: float) -> str:
    return "now" if seconds < 1 else f"in {seconds:.0f} s"


def _parsed(notice_id: str | UUID) -> UUID | None:
    if isinstance(notice_id, UUID):
        return notice_id
    try:
        return UUID(notice_id)
    except ValueError:
        return None
