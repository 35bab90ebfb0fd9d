"""Everything that knows Slack: the gateway, what messages look like, and the listeners."""
