"""Tasks that a lead gives out at once, and what nobody may take, of which the lead is told once"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed', 'digest', 'extended', 'called', 'report', 'question', 'asked', 'settled', 'replied',"
    " 'released', 'covered', 'away', 'digested', 'track', 'welcome'"
)
MORE = "'given'"


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS}, {MORE})")
    op.create_table(
        "vacancies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.ForeignKeyConstraint(["program_id", "case_id"], ["cases.program_id", "cases.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    standing = sa.text("filled_at IS NULL")
    op.create_index("vacancies_one_standing", "vacancies", ["case_id", "needs"], unique=True, postgresql_where=standing)
    op.create_index("vacancies_standing", "vacancies", ["program_id"], postgresql_where=standing)
    op.create_index(
        "tasks_free",
        "tasks",
        ["program_id", "roles", sa.text("coalesce(skill, '')")],
        postgresql_where=sa.text("state = 'ready'"),
    )


def downgrade() -> None:
    op.drop_index("tasks_free", "tasks")
    op.drop_table("vacancies")
    op.execute(f"DELETE FROM notices WHERE kind IN ({MORE})")  # noqa: S608 - constants only
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS})")
