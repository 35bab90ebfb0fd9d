"""What goes with a handoff: how urgent it is, what is to do, what to watch for, and the receiver's own words"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMNS = ("urgency", "to_do", "watch", "said_back")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("handoffs", sa.Column(name, sa.Text(), nullable=True))
    op.create_check_constraint("handoffs_urgency", "handoffs", "urgency IN ('now', 'today', 'later')")
    op.create_check_constraint("handoffs_said_back", "handoffs", "said_back IS NULL OR state = 'accepted'")


def downgrade() -> None:
    op.drop_constraint("handoffs_said_back", "handoffs", type_="check")
    op.drop_constraint("handoffs_urgency", "handoffs", type_="check")
    for name in reversed(COLUMNS):
        op.drop_column("handoffs", name)
