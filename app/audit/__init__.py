"""The chained, append-only record of every change and every look at a patient."""
