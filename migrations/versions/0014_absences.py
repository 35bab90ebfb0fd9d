"""Shifts that end, and time off: a post of what went back to the pool, absences, and what was passed on for them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed', 'digest', 'extended', 'called', 'report', 'question', 'asked', 'settled', 'replied'"
)
MORE = "'released', 'covered', 'away'"


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS}, {MORE})")
    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("cover_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cover_id <> staff_id", name="absences_cover_is_another"),
        sa.CheckConstraint("starts_at < ends_at", name="absences_in_order"),
        sa.CheckConstraint("(look_at IS NULL) = (ended_at IS NOT NULL)", name="absences_look_at"),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(staff_id, staff_id, '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("ended_at IS NULL"),
            name="absences_one_at_a_time",
            using="gist",
        ),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        sa.ForeignKeyConstraint(["program_id", "cover_id"], ["staff.program_id", "staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("program_id", "id", name="absences_program_id_id"),
    )
    op.create_index("absences_look", "absences", ["look_at"], postgresql_where=sa.text("look_at IS NOT NULL"))
    op.create_index(
        "absences_open", "absences", ["program_id", "staff_id"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "absence_tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("absence_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.ForeignKeyConstraint(["program_id", "absence_id"], ["absences.program_id", "absences.id"]),
        sa.ForeignKeyConstraint(["program_id", "task_id"], ["tasks.program_id", "tasks.id"]),
        sa.ForeignKeyConstraint(["program_id", "to_id"], ["staff.program_id", "staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("absence_id", "task_id", name="absence_tasks_once"),
    )
    op.create_index("absence_tasks_task", "absence_tasks", ["task_id", "id"])


def downgrade() -> None:
    op.drop_table("absence_tasks")
    op.drop_table("absences")
    op.execute(f"DELETE FROM notices WHERE kind IN ({MORE})")  # noqa: S608 - constants only
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS})")
