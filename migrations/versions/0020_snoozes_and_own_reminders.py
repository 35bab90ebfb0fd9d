"""Snoozes, reminders tuned per task, and one message for what quiet hours held back"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed', 'digest', 'extended', 'called', 'report', 'question', 'asked', 'settled', 'replied',"
    " 'released', 'covered', 'away', 'digested', 'track', 'welcome', 'given'"
)
MORE = "'held_back'"
CHECKS = {
    "tasks_snoozed_with_reason": "(snoozed_until IS NULL) = (snoozed_why IS NULL)",
    "tasks_snoozed_by_holder": "snoozed_until IS NULL OR state IN ('claimed', 'waiting')",
    "tasks_remind_of_holder": "remind_lead IS NULL OR holder_id IS NOT NULL",
}


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS}, {MORE})")
    op.add_column("tasks", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tasks", sa.Column("snoozed_why", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("remind_lead", sa.Text(), nullable=True))
    for name, check in CHECKS.items():
        op.create_check_constraint(name, "tasks", check)
    op.add_column("timers", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint("timers_held", "timers", "held_until IS NULL OR held_until <= fire_at")
    held = sa.text("state = 'pending' AND held_until IS NOT NULL")
    op.create_index("timers_held_back", "timers", ["held_until"], postgresql_where=held)


def downgrade() -> None:
    op.drop_index("timers_held_back", "timers")
    op.drop_constraint("timers_held", "timers", type_="check")
    # What is held waits for the deadline; without the column it has to wait for the end of the quiet hours again.
    op.execute("UPDATE timers SET fire_at = held_until WHERE held_until IS NOT NULL")
    op.drop_column("timers", "held_until")
    for name in CHECKS:
        op.drop_constraint(name, "tasks", type_="check")
    for name in ("snoozed_until", "snoozed_why", "remind_lead"):
        op.drop_column("tasks", name)
    op.execute(f"DELETE FROM notices WHERE kind IN ({MORE})")  # noqa: S608 - constants only
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS})")
