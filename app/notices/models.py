"""Tables of the outbox: channels (where) and notices (what)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.store.types import identity, json, link, moment, one_of, text

CHANNEL_STATES = ("wanted", "open", "archived", "lost")
NOTICE_STATES = ("pending", "sending", "delivered", "unknown", "held", "dead")
NOTICE_KINDS = (
    "opened",
    "reminder",
    "breach",
    "escalation",
    "handoff",
    "assigned",
    "answer",
    "declined",
    "replan",
    "catch_up",
    "trouble",
    "card",
    "closed",
    "digest",
    "extended",
    "called",
    "report",
    "question",
    "asked",
    "settled",
    "replied",
    "released",
    "covered",
    "away",
    "digested",
    "track",
    "welcome",
    "given",
    "held_back",
)
LANES = ("post", "edit", "create", "home")


class Channel(SQLModel, table=True):
    """Where notices go: the Slack channel of a case, or a person's direct messages.

    The lease says which worker posts here now, so that posts keep their order; it is measured by the database's
    own clock (`clock_timestamp()`), never by a clock that can be moved; so are the other moments here. `not_before`
    holds a whole channel back after Slack said 429, `paced_to` is how far its pace is used up, `card_at` when the
    card was last drawn. `last_ts` is our newest post here: what is looked for is newer. `invited` are the Slack user
    ids of those who were asked in, whatever came of it; `absent` says who of them is not there, and why,
    each as `{"user", "name", "why"}`; rows of old have the words of the card instead.
    """

    __tablename__ = "channels"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "case_id"], ["cases.program_id", "cases.id"]),
        ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        CheckConstraint("(case_id IS NULL) <> (staff_id IS NULL)", name="channels_one_owner"),
        CheckConstraint(one_of("state", CHANNEL_STATES), name="channels_state"),
        CheckConstraint("state <> 'open' OR slack_id IS NOT NULL", name="channels_open_has_id"),
        UniqueConstraint("case_id", name="channels_case"),
        UniqueConstraint("staff_id", name="channels_staff"),
        UniqueConstraint("slack_id", name="channels_slack_id"),
        UniqueConstraint("program_id", "id", name="channels_program_id_id"),
    )

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    case_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    staff_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    state: str = Field(default="wanted", sa_column=text())
    slack_id: str | None = Field(default=None, sa_column=text(nullable=True))
    name: str | None = Field(default=None, sa_column=text(nullable=True))
    card_ts: str | None = Field(default=None, sa_column=text(nullable=True))
    absent: list[Any] = Field(default_factory=list, sa_column=json())
    invited: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    lease: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    lease_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    not_before: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    paced_to: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    card_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    last_ts: str | None = Field(default=None, sa_column=text(nullable=True))


class Pace(SQLModel, table=True):
    """How far a workspace's pace for one kind of call is used up, for all processes together.

    `used_to` is the moment at which the last call that was let in would be due at the sustained rate.
    """

    __tablename__ = "paces"
    __table_args__ = (CheckConstraint(one_of("lane", LANES), name="paces_lane"),)

    program_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("programs.id"), primary_key=True, autoincrement=False)
    )
    lane: str = Field(sa_column=Column(Text, primary_key=True))
    used_to: datetime = Field(sa_column=moment())


class Notice(SQLModel, table=True):
    """Something that has to appear in Slack, written in the transaction of the change that causes it.

    `id` is opaque and travels as message metadata, so that a post can be looked for. `payload` holds ids and
    patient-free words only. At most one card edit waits per channel: a second one coalesces into it.

    States: `pending` to be sent; `sending` under the channel's lease; `delivered` seen in Slack; `unknown` may or
    may not have been applied, and is looked for before anything is sent again; `held` waits for `not_before`;
    `dead` refused for good with its reason in `error`, until somebody replays it.

    `files` are the Slack ids of uploaded files, noted before they are shown: by them a post with files is looked for.
    """

    __tablename__ = "notices"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "channel_id"], ["channels.program_id", "channels.id"]),
        CheckConstraint(one_of("kind", NOTICE_KINDS), name="notices_kind"),
        CheckConstraint(one_of("state", NOTICE_STATES), name="notices_state"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="notices_delivered_at"),
        CheckConstraint("state <> 'dead' OR error IS NOT NULL", name="notices_dead_says_why"),
        UniqueConstraint("program_id", "dedupe_key", name="notices_dedupe_key"),
        UniqueConstraint("seq", name="notices_seq"),
        Index(
            "notices_one_card_waiting",
            "channel_id",
            unique=True,
            postgresql_where=sql("kind = 'card' AND state = 'pending'"),
        ),
        Index("notices_ts", "channel_id", "ts", postgresql_where=sql("ts IS NOT NULL")),
        Index(
            "notices_open",
            "channel_id",
            "seq",
            postgresql_where=sql("state IN ('pending', 'sending', 'unknown', 'held')"),
        ),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    program_id: int = Field(sa_column=link("programs.id"))
    channel_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    seq: int = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
    kind: str = Field(sa_column=text())
    dedupe_key: str = Field(sa_column=text())
    payload: dict[str, Any] = Field(sa_column=json())
    state: str = Field(default="pending", sa_column=text())
    attempts: int = Field(default=0)
    not_before: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    sent_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    ts: str | None = Field(default=None, sa_column=text(nullable=True))
    error: str | None = Field(default=None, sa_column=text(nullable=True))
    files: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text), nullable=True))
    created_at: datetime = Field(sa_column=moment())
    delivered_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class TrackPost(SQLModel, table=True):
    """The message in the thread of a case's card that has the details of a track.

    `notice_id` is its first post, `card_ts` the card that it stands below. `shown` is the digest of what it shows since
    it was last edited, so that it is edited only where it would look otherwise.
    """

    __tablename__ = "track_posts"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "case_id"], ["cases.program_id", "cases.id"]),
        ForeignKeyConstraint(["case_id", "track_id"], ["tracks.case_id", "tracks.id"]),
        Index("track_posts_of_case", "case_id"),
    )

    track_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    program_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    case_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    notice_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    card_ts: str = Field(sa_column=text())
    shown: str | None = Field(default=None, sa_column=text(nullable=True))


class InboundDelivery(SQLModel, table=True):
    """A delivery from Slack that has had its effect, with the answer that was given, so that a repeat is harmless."""

    __tablename__ = "inbound_deliveries"

    program_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("programs.id"), primary_key=True, autoincrement=False)
    )
    id: str = Field(sa_column=Column(Text, primary_key=True))
    answer: dict[str, Any] | None = Field(default=None, sa_column=json(nullable=True))
    at: datetime = Field(sa_column=moment())
