"""A post is found by its channel and timestamp, for the shortcuts on messages"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "notices_ts", "notices", ["channel_id", "ts"], unique=False, postgresql_where=sa.text("ts IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("notices_ts", table_name="notices")
