"""How fast each channel and workspace is posted to"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("paced_to", sa.DateTime(timezone=True), nullable=True))
    op.add_column("channels", sa.Column("card_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("channels", sa.Column("last_ts", sa.Text(), nullable=True))
    op.create_table(
        "paces",
        sa.Column("program_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("used_to", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lane IN ('post', 'edit', 'create')", name="paces_lane"),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.PrimaryKeyConstraint("program_id", "lane"),
    )


def downgrade() -> None:
    op.drop_table("paces")
    op.drop_column("channels", "last_ts")
    op.drop_column("channels", "card_at")
    op.drop_column("channels", "paced_to")
