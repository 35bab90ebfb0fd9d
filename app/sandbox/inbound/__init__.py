"""What reaches the app: commands, clicks, submissions and events, over Socket Mode or signed HTTP."""
