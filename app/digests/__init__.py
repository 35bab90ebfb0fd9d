"""Digests: one message a day to those whose word cases wait for."""
