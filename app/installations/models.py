"""Tables of installations by OAuth. A program that works with SLACK_BOT_TOKEN has no row in them."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.store.types import identity, link, moment, text


class SlackInstallation(SQLModel, table=True):
    """The app in a program's workspace, which the foreign key holds to be the one that the program is bound to.

    `token` and `refresh` are sealed, each for its column and this row. A token that rotates has both a `refresh` and an
    `expires_at`, by the database's own clock, as Slack counts real time. `version` changes with every token, so that
    what is learnt of an old one is not said of its successor. `renewing_until` is the lease of whoever renews it, or
    the moment before which it is not tried again. `gone_why` is Slack's code, once no token is good any more.
    """

    __tablename__ = "slack_installations"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "team_id"], ["programs.id", "programs.slack_team_id"]),
        CheckConstraint("(refresh IS NULL) = (expires_at IS NULL)", name="slack_installations_rotation"),
        CheckConstraint("(gone_at IS NULL) = (gone_why IS NULL)", name="slack_installations_gone"),
    )

    program_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    team_id: str = Field(sa_column=text())
    app_id: str = Field(sa_column=text())
    bot_user_id: str = Field(sa_column=text())
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    refresh: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    expires_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    version: int = Field(default=1, sa_column=Column(BigInteger, nullable=False))
    renewing_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    installed_at: datetime = Field(sa_column=moment())
    installed_by: str = Field(sa_column=text())
    gone_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    gone_why: str | None = Field(default=None, sa_column=text(nullable=True))


class SlackInvitation(SQLModel, table=True):
    """A link with which somebody may install the app for a program, once. Only a digest of its secret is kept."""

    __tablename__ = "slack_invitations"
    __table_args__ = (UniqueConstraint("digest", name="slack_invitations_digest"),)

    id: int = Field(default=None, sa_column=identity())
    program_id: int = Field(sa_column=link("programs.id"))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: datetime = Field(sa_column=moment())
    used_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class SlackErrand(SQLModel, table=True):
    """A browser that was sent to Slack with an invitation: digests of OAuth's `state` and of the browser's cookie."""

    __tablename__ = "slack_errands"
    __table_args__ = (UniqueConstraint("digest", name="slack_errands_digest"),)

    id: int = Field(default=None, sa_column=identity())
    invitation_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("slack_invitations.id", ondelete="CASCADE"), nullable=False)
    )
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    browser: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: datetime = Field(sa_column=moment())
    used_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
