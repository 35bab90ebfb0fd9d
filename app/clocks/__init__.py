"""Deadlines, pauses, and the timers that say what fires when."""
