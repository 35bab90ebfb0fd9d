"""The app in the workspaces of programs: who may install it, and with which token it works there."""
