"""Handoffs are found by the person they are offered to, by their task, and by the post that offered them"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "handoffs_offered_to", "handoffs", ["to_id"], unique=False, postgresql_where=sa.text("state = 'offered'")
    )
    op.create_index("handoffs_of_task", "handoffs", ["task_id", "id"], unique=False)
    op.create_index("handoffs_of_notice", "handoffs", ["notice_id"], unique=False)


def downgrade() -> None:
    op.drop_index("handoffs_of_notice", table_name="handoffs")
    op.drop_index("handoffs_of_task", table_name="handoffs")
    op.drop_index("handoffs_offered_to", table_name="handoffs")
