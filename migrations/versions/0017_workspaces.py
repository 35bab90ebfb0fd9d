"""Several workspaces: installations by OAuth, invitations to install; guests cannot work here"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("guest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("staff", "guest", server_default=None)
    op.create_check_constraint("staff_guests_inactive", "staff", "NOT (guest AND active)")
    op.create_unique_constraint("programs_id_slack_team", "programs", ["id", "slack_team_id"])
    op.create_table(
        "slack_installations",
        sa.Column("program_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("bot_user_id", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("refresh", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("renewing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_why", sa.Text(), nullable=True),
        sa.CheckConstraint("(refresh IS NULL) = (expires_at IS NULL)", name="slack_installations_rotation"),
        sa.CheckConstraint("(gone_at IS NULL) = (gone_why IS NULL)", name="slack_installations_gone"),
        sa.ForeignKeyConstraint(["program_id", "team_id"], ["programs.id", "programs.slack_team_id"]),
        sa.PrimaryKeyConstraint("program_id"),
    )
    op.create_table(
        "slack_invitations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="slack_invitations_digest"),
    )
    op.create_table(
        "slack_errands",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invitation_id"], ["slack_invitations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="slack_errands_digest"),
    )


def downgrade() -> None:
    op.drop_table("slack_errands")
    op.drop_table("slack_invitations")
    op.drop_table("slack_installations")
    op.drop_constraint("programs_id_slack_team", "programs", type_="unique")
    op.drop_constraint("staff_guests_inactive", "staff", type_="check")
    op.drop_column("staff", "guest")
