"""How long case codes are follows from how many cases there are, and is no setting"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("programs", "code_length")


def downgrade() -> None:
    op.add_column("programs", sa.Column("code_length", sa.Integer(), nullable=False, server_default="4"))
    op.alter_column("programs", "code_length", server_default=None)
    op.create_check_constraint("programs_code_length", "programs", "code_length BETWEEN 4 AND 8")
