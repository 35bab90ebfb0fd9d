"""Checklist templates: what a practice wants done, by whom, by when, and what each step needs."""
