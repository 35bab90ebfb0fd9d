"""A Slack channel belongs to one case, whatever the program"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("channels_slack_id", "channels", type_="unique")
    op.create_unique_constraint("channels_slack_id", "channels", ["slack_id"])


def downgrade() -> None:
    op.drop_constraint("channels_slack_id", "channels", type_="unique")
    op.create_unique_constraint("channels_slack_id", "channels", ["program_id", "slack_id"])
