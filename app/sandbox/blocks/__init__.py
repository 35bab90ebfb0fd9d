"""Block Kit: what Slack accepts, and what people's input becomes."""
