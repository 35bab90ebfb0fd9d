"""Slash commands, by what they are about."""
