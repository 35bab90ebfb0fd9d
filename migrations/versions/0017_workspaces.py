"""Guests cannot work here"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("guest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("staff", "guest", server_default=None)
    op.create_check_constraint("staff_guests_inactive", "staff", "NOT (guest AND active)")


def downgrade() -> None:
    op.drop_constraint("staff_guests_inactive", "staff", type_="check")
    op.drop_column("staff", "guest")
