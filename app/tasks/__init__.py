"""The states and verbs of a task, its evidence, gates and handoffs."""
