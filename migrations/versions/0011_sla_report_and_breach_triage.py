"""The SLA report: why deadlines were missed, deadlines that a lead gave, who gets the report weekly, posts with files"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed', 'digest'"
)
EVENTS = "'start', 'pause', 'resume', 'move', 'breach', 'stop', 'undo'"
REASONS = (
    "'payer', 'vendor', 'tissue_bank', 'clinic', 'patient', 'documents', 'upstream', 'load', 'missed', 'deadline',"
    " 'unknown'"
)


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS}, 'extended', 'called', 'report')")
    op.add_column("notices", sa.Column("files", postgresql.ARRAY(sa.Text()), nullable=True))
    op.drop_constraint("clock_events_kind", "clock_events", type_="check")
    op.create_check_constraint(
        "clock_events_kind",
        "clock_events",
        "kind IN ('start', 'pause', 'resume', 'move', 'extend', 'breach', 'stop', 'undo')",
    )
    op.create_unique_constraint("clock_events_program_id_id", "clock_events", ["program_id", "id"])
    op.create_index(
        "clock_events_breaches", "clock_events", ["program_id", "at"], postgresql_where=sa.text("kind = 'breach'")
    )
    op.create_index(
        "clock_events_extensions", "clock_events", ["clock_id"], postgresql_where=sa.text("kind = 'extend'")
    )
    op.create_index(
        "tasks_closed",
        "tasks",
        ["program_id", "closed_at"],
        postgresql_where=sa.text("state IN ('done', 'skipped')"),
    )
    op.drop_constraint("digests_kind", "digests", type_="check")
    op.create_check_constraint("digests_kind", "digests", "kind IN ('daily', 'weekly')")
    op.add_column("staff", sa.Column("report_day", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("report_at", sa.Time(), nullable=True))
    op.add_column("staff", sa.Column("report_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint("staff_report_both", "staff", "(report_at IS NULL) = (report_due_at IS NULL)")
    op.create_check_constraint("staff_report_day_both", "staff", "(report_at IS NULL) = (report_day IS NULL)")
    op.create_check_constraint(
        "staff_report_day", "staff", "report_day IN ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')"
    )
    op.create_index(
        "staff_report_due",
        "staff",
        ["report_due_at"],
        postgresql_where=sa.text("active AND report_due_at IS NOT NULL"),
    )
    op.create_table(
        "breach_reasons",
        sa.Column("breach_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"reason IN ({REASONS})", name="breach_reasons_reason"),
        sa.ForeignKeyConstraint(["program_id", "breach_id"], ["clock_events.program_id", "clock_events.id"]),
        sa.ForeignKeyConstraint(["program_id", "by_id"], ["staff.program_id", "staff.id"]),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.PrimaryKeyConstraint("breach_id"),
    )


def downgrade() -> None:
    op.drop_table("breach_reasons")
    op.drop_index("staff_report_due", table_name="staff")
    for name in ("staff_report_day", "staff_report_day_both", "staff_report_both"):
        op.drop_constraint(name, "staff", type_="check")
    for column in ("report_due_at", "report_at", "report_day"):
        op.drop_column("staff", column)
    op.execute("DELETE FROM digests WHERE kind = 'weekly'")
    op.drop_constraint("digests_kind", "digests", type_="check")
    op.create_check_constraint("digests_kind", "digests", "kind IN ('daily')")
    op.drop_index("tasks_closed", table_name="tasks")
    op.drop_index("clock_events_extensions", table_name="clock_events")
    op.drop_index("clock_events_breaches", table_name="clock_events")
    op.drop_constraint("clock_events_program_id_id", "clock_events", type_="unique")
    op.drop_constraint("clock_events_kind", "clock_events", type_="check")
    # What was extended reads as moved: events are kept whole, and the trigger stands aside for this one change.
    op.execute("ALTER TABLE clock_events DISABLE TRIGGER USER")
    op.execute("UPDATE clock_events SET kind = 'move' WHERE kind = 'extend'")
    op.execute("ALTER TABLE clock_events ENABLE TRIGGER USER")
    op.create_check_constraint("clock_events_kind", "clock_events", f"kind IN ({EVENTS})")
    op.drop_column("notices", "files")
    op.execute("DELETE FROM notices WHERE kind IN ('extended', 'called', 'report')")
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS})")
