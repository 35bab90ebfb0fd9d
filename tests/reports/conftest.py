"""A practice at work, shared by the tests of a file."""

from tests.tasks.conftest import as_it_was, desk

__all__ = ["as_it_was", "desk"]
