"""Shifts that end: a post of what went back to the pool"""

from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed', 'digest', 'extended', 'called', 'report'"
)
MORE = ("released",)


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    more = ", ".join(repr(kind) for kind in MORE)
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS}, {more})")


def downgrade() -> None:
    more = ", ".join(repr(kind) for kind in MORE)
    op.execute(f"DELETE FROM notices WHERE kind IN ({more})")  # noqa: S608 - constants only
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS})")
