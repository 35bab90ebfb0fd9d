"""Details of a track in the card's thread, and a first message for each person"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed', 'digest', 'extended', 'called', 'report', 'question', 'asked', 'settled', 'replied',"
    " 'released', 'covered', 'away', 'digested'"
)
MORE = "'track', 'welcome'"


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS}, {MORE})")
    op.create_table(
        "track_posts",
        sa.Column("track_id", sa.BigInteger(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("card_ts", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("track_id", name="track_posts_pkey"),
        sa.ForeignKeyConstraint(["program_id", "case_id"], ["cases.program_id", "cases.id"]),
        sa.ForeignKeyConstraint(["case_id", "track_id"], ["tracks.case_id", "tracks.id"]),
    )
    op.create_index("track_posts_of_case", "track_posts", ["case_id"])


def downgrade() -> None:
    op.drop_table("track_posts")
    op.execute(f"DELETE FROM notices WHERE kind IN ({MORE})")  # noqa: S608 - constants only
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({KINDS})")
