"""The control API: what people do, what is there, and how Slack should behave. Never seen by the app."""
