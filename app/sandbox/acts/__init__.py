"""What happens in the workspace, whoever does it: changes, and the events that Slack sends about them.

Whether something is allowed is decided by the callers: `api` for the app, `control` for people.
"""
