"""What Slack and browsers reach."""
