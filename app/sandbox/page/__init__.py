"""The workspace in the browser: server-rendered, with one small script and one style sheet."""
