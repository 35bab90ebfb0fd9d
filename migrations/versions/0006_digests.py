"""Digests: one a person and day, when each person gets theirs, and whose cases they are about"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = (
    "'opened', 'reminder', 'breach', 'escalation', 'handoff', 'assigned', 'answer', 'declined', 'replan', 'catch_up',"
    " 'trouble', 'card', 'closed'"
)
READERS = sa.text("SELECT id, zone FROM staff WHERE roles && ARRAY['surgeon', 'clinician']")
SET = sa.text("UPDATE staff SET digest_at = :at, digest_due_at = :due WHERE id = :id")


def upgrade() -> None:
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({BEFORE}, 'digest')")
    op.create_index("cases_of_surgeon", "cases", ["surgeon_id"], postgresql_where=sa.text("state = 'open'"))
    op.add_column("staff", sa.Column("digest_at", sa.Time(), nullable=True))
    op.add_column("staff", sa.Column("digest_days", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("staff", sa.Column("digest_silent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("staff", "digest_silent", server_default=None)
    op.add_column("staff", sa.Column("digest_due_at", sa.DateTime(timezone=True), nullable=True))
    _give_surgeons_and_clinicians_theirs()
    op.create_check_constraint("staff_digest_both", "staff", "(digest_at IS NULL) = (digest_due_at IS NULL)")
    op.create_check_constraint(
        "staff_digest_days",
        "staff",
        "digest_days <@ ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']::text[] AND cardinality(digest_days) > 0",
    )
    op.create_index(
        "staff_digest_due",
        "staff",
        ["digest_due_at"],
        postgresql_where=sa.text("active AND digest_due_at IS NOT NULL"),
    )
    op.create_table(
        "digests",
        sa.Column("staff_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("told", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("kind IN ('daily')", name="digests_kind"),
        sa.ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"]),
        sa.PrimaryKeyConstraint("staff_id", "day", "kind"),
    )


def downgrade() -> None:
    op.drop_table("digests")
    op.drop_index("staff_digest_due", table_name="staff")
    op.drop_constraint("staff_digest_days", "staff", type_="check")
    op.drop_constraint("staff_digest_both", "staff", type_="check")
    for column in ("digest_due_at", "digest_silent", "digest_days", "digest_at"):
        op.drop_column("staff", column)
    op.drop_index("cases_of_surgeon", table_name="cases")
    op.execute("DELETE FROM notices WHERE kind = 'digest'")
    op.drop_constraint("notices_kind", "notices", type_="check")
    op.create_check_constraint("notices_kind", "notices", f"kind IN ({BEFORE})")


def _give_surgeons_and_clinicians_theirs() -> None:
    """Seven o'clock in each one's zone, for the first time tomorrow."""
    connection = op.get_bind()
    for person in connection.execute(READERS).all():
        zone = ZoneInfo(person.zone)
        tomorrow = datetime.now(zone).date() + timedelta(days=1)
        due = datetime.combine(tomorrow, time(7), zone).astimezone(UTC)
        connection.execute(SET, {"id": person.id, "at": time(7), "due": due})
