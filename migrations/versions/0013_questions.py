"""Questions put to a person, until when an answer is wanted, and what came of them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed', 'digest', 'extended', 'called', 'report'"
)
INDEXES = (
    ("questions_next", "next_at", "next_at IS NOT NULL"),
    ("questions_open_to", "to_id", "state = 'open'"),
    ("questions_open_by", "asker_id", "state = 'open'"),
    ("questions_open_of_case", "case_id", "state = 'open'"),
)


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint(
        "notices_kind", "notices", f"kind IN ({KINDS}, 'question', 'asked', 'settled', 'replied')"
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("asker_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("direct_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered', 'passed', 'taken_back', 'ended')", name="questions_state"),
        sa.CheckConstraint("asker_id <> to_id", name="questions_not_to_self"),
        sa.CheckConstraint("due_at > asked_at", name="questions_due_at"),
        sa.CheckConstraint("cardinality(choices) <> 1 AND cardinality(choices) <= 5", name="questions_choices"),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="questions_settled_at"),
        sa.CheckConstraint("(answer IS NOT NULL) = (state IN ('answered', 'passed'))", name="questions_answer"),
        sa.CheckConstraint(
            "state NOT IN ('answered', 'passed') OR coalesce(settled_by = to_id, false)", name="questions_own_word"
        ),
        sa.CheckConstraint("state <> 'open' OR settled_by IS NULL", name="questions_settled_by"),
        sa.CheckConstraint(
            "(next_at IS NOT NULL) = (state = 'open' AND overdue_at IS NULL)", name="questions_looked_at_until_due"
        ),
        sa.ForeignKeyConstraint(["program_id", "case_id"], ["cases.program_id", "cases.id"]),
        sa.ForeignKeyConstraint(
            ["program_id", "case_id", "task_id"], ["tasks.program_id", "tasks.case_id", "tasks.id"]
        ),
        sa.ForeignKeyConstraint(["program_id", "asker_id"], ["staff.program_id", "staff.id"]),
        sa.ForeignKeyConstraint(["program_id", "to_id"], ["staff.program_id", "staff.id"]),
        sa.ForeignKeyConstraint(["program_id", "settled_by"], ["staff.program_id", "staff.id"]),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, column, where in INDEXES:
        op.create_index(name, "questions", [column], postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_table("questions")
    op.execute("DELETE FROM notices WHERE kind IN ('question', 'asked', 'settled', 'replied')")
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS})")
