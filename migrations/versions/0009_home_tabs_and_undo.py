"""Home tabs that follow what changes, and what an act changed, so that it can be undone"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

EVENTS = "'start', 'pause', 'resume', 'move', 'breach', 'stop'"


def upgrade() -> None:
    op.drop_constraint("paces_lane", "paces", type_="check")
    op.create_check_constraint("paces_lane", "paces", "lane IN ('post', 'edit', 'create', 'home')")
    op.create_index(
        "tasks_closed_by", "tasks", ["closed_by", "closed_at"], postgresql_where=sa.text("closed_by IS NOT NULL")
    )
    op.create_table(
        "homes",
        sa.Column("staff_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("drawn", sa.BigInteger(), nullable=False),
        sa.Column("drawn_seq", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("view_hash", sa.Text(), nullable=True),
        sa.Column("only_case", sa.Text(), nullable=True),
        sa.Column("only_track", sa.Text(), nullable=True),
        sa.Column("only_skill", sa.Text(), nullable=True),
        sa.Column("said", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("said_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name="homes_lease_until"),
        sa.CheckConstraint("(said IS NULL) = (said_until IS NULL)", name="homes_said_until"),
        sa.CheckConstraint("drawn <= asked", name="homes_drawn"),
        sa.ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    op.create_table(
        "acts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("verb IN ('claim', 'done', 'skip', 'handoff')", name="acts_verb"),
        sa.CheckConstraint("(kept IS NULL) = (verb = 'claim')", name="acts_kept"),
        sa.ForeignKeyConstraint(["program_id", "task_id"], ["tasks.program_id", "tasks.id"]),
        sa.ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.drop_constraint("clock_events_kind", "clock_events", type_="check")
    op.create_check_constraint("clock_events_kind", "clock_events", f"kind IN ({EVENTS}, 'undo')")


def downgrade() -> None:
    # What was undone stays in the history, as a deadline that moved.
    op.execute("ALTER TABLE clock_events DISABLE TRIGGER USER")
    op.execute("UPDATE clock_events SET kind = 'move' WHERE kind = 'undo'")
    op.execute("ALTER TABLE clock_events ENABLE TRIGGER USER")
    op.drop_constraint("clock_events_kind", "clock_events", type_="check")
    op.create_check_constraint("clock_events_kind", "clock_events", f"kind IN ({EVENTS})")
    op.drop_table("acts")
    op.drop_table("homes")
    op.drop_index("tasks_closed_by", table_name="tasks")
    op.execute("DELETE FROM paces WHERE lane = 'home'")
    op.drop_constraint("paces_lane", "paces", type_="check")
    op.create_check_constraint("paces_lane", "paces", "lane IN ('post', 'edit', 'create')")
