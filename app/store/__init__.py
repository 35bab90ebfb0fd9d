"""Engine, unit of work, column types, and the embedded PostgreSQL."""
