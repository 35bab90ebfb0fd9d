"""Settings of a program: its own escalation delays, and cases whose deadlines are to be counted anew"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TOLD = "'va', 'lead', 'surgeon', 'clinician', 'coder', 'biller', 'navigator', 'manager', 'admin', 'assignee'"


def upgrade() -> None:
    op.create_table(
        "escalations",
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("tells", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"tells IN ({TOLD})", name="escalations_tells"),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.ForeignKeyConstraint(["program_id", "approved_by"], ["staff.program_id", "staff.id"]),
        sa.PrimaryKeyConstraint("program_id", "tells"),
    )
    op.add_column("cases", sa.Column("replan_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("cases_to_replan", "cases", ["replan_at"], postgresql_where=sa.text("replan_at IS NOT NULL"))
    op.add_column("clocks", sa.Column("kept_for", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("clocks", "kept_for")
    op.drop_index("cases_to_replan", "cases")
    op.drop_column("cases", "replan_at")
    op.drop_table("escalations")
