"""How deadlines are met: the SLA report, and why deadlines were missed."""
