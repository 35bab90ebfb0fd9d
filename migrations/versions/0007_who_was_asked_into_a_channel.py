"""Who was asked into a case's channel, so that who comes later is asked too"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Who went away by choice was asked before, and is not called back now; everybody else is asked once more.
LEFT = (
    "UPDATE channels SET invited = ARRAY(SELECT s.slack_user_id FROM staff s WHERE s.program_id = channels.program_id"
    " AND channels.absent @> jsonb_build_array(s.name || ' (left the channel)')) WHERE case_id IS NOT NULL"
)


def upgrade() -> None:
    op.add_column("channels", sa.Column("invited", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.alter_column("channels", "invited", server_default=None)
    op.execute(LEFT)


def downgrade() -> None:
    op.drop_column("channels", "invited")
