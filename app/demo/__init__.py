"""The demonstration: an invented practice at work in the sandbox, on a clock that can be moved."""
