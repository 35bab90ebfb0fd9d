"""A digest's post shows what is left of it after what its reader has done"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KINDS = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed', 'digest', 'extended', 'called', 'report', 'question', 'asked', 'settled', 'replied',"
    " 'released', 'covered', 'away'"
)
MORE = "'digested'"


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS}, {MORE})")


def downgrade() -> None:
    op.execute(f"DELETE FROM notices WHERE kind IN ({MORE})")  # noqa: S608 - constants only
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS})")
