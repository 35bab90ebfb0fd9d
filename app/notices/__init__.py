"""The outbox: what has to appear in Slack, and whether it has."""
