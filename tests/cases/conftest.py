"""The practice of the tasks' tests, one database a file."""

from tests.tasks.conftest import desk

__all__ = ["desk"]
