"""Rows point only to rows of their own program and case; a done task holds evidence of its kind"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UNIQUE = {
    "tasks_program_id_case_id_id": ("tasks", ["program_id", "case_id", "id"]),
    "clocks_program_id_id": ("clocks", ["program_id", "id"]),
    "channels_program_id_id": ("channels", ["program_id", "id"]),
}
# Table, former columns, columns now, target; the targets' columns are those of the same meaning.
MOVED = (
    ("clocks", ["program_id", "task_id"], ["program_id", "case_id", "task_id"], "tasks"),
    ("timers", ["program_id", "task_id"], ["program_id", "case_id", "task_id"], "tasks"),
    ("clock_events", ["clock_id"], ["program_id", "clock_id"], "clocks"),
    ("timers", ["clock_id"], ["program_id", "clock_id"], "clocks"),
    ("notices", ["channel_id"], ["program_id", "channel_id"], "channels"),
    ("tasks", ["attested_by"], ["program_id", "attested_by"], "staff"),
    ("tasks", ["waived_by"], ["program_id", "waived_by"], "staff"),
    ("tasks", ["closed_by"], ["program_id", "closed_by"], "staff"),
    ("audit_entries", ["actor_id"], ["program_id", "actor_id"], "staff"),
)
EVIDENCE = "state <> 'done' OR evidence_kind = 'none' OR waived_by IS NOT NULL"
HELD = " OR (coalesce(evidence ->> 'kind', '') = evidence_kind AND coalesce(evidence ->> 'value', '') <> '')"


def upgrade() -> None:
    for name, (table, columns) in UNIQUE.items():
        op.create_unique_constraint(name, table, columns)
    for table, before, now, target in MOVED:
        op.drop_constraint(_name(table, before), table, type_="foreignkey")
        op.create_foreign_key(_name(table, now), table, target, now, [*now[:-1], "id"])
    op.create_foreign_key(
        "inbound_deliveries_program_id_fkey", "inbound_deliveries", "programs", ["program_id"], ["id"]
    )
    op.drop_constraint("tasks_done_with_evidence", "tasks", type_="check")
    op.create_check_constraint("tasks_done_with_evidence", "tasks", EVIDENCE + HELD)


def downgrade() -> None:
    op.drop_constraint("tasks_done_with_evidence", "tasks", type_="check")
    op.create_check_constraint("tasks_done_with_evidence", "tasks", EVIDENCE + " OR evidence IS NOT NULL")
    op.drop_constraint("inbound_deliveries_program_id_fkey", "inbound_deliveries", type_="foreignkey")
    for table, before, now, target in reversed(MOVED):
        op.drop_constraint(_name(table, now), table, type_="foreignkey")
        op.create_foreign_key(_name(table, before), table, target, before, [*before[:-1], "id"])
    for name, (table, _) in reversed(UNIQUE.items()):
        op.drop_constraint(name, table, type_="unique")


def _name(table: str, columns: list[str]) -> str:
    """PostgreSQL's own name of a foreign key."""
    return f"{table}_{'_'.join(columns)}_fkey"
