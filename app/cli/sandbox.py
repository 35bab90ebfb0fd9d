"""`caseboard sandbox`."""

import sys
from collections.abc import Sequence
from pathlib import Path

from app.cli.out import CannotDo, say, say_json
from app.demo.alone import DidNotServe, served
from workers.run import told_to_stop, until


def run_sandbox(
    port: int, ledger: Path | None, people: Sequence[str], *, request_url: str, unlimited: bool, as_json: bool
) -> None:
    """Serve the local Slack until told to stop; first say its address, settings and people."""
    over = told_to_stop()
    try:
        with served(port, ledger, request_url=request_url, unlimited=unlimited, people=people) as workspace:
            if as_json:
                say_json({"url": workspace.url, "environment": workspace.environment, "people": workspace.people})
            else:
                say(f"The local Slack is at {workspace.url}/ (Ctrl-C ends it).")
                say(f"People: {', '.join(f'{name} ({id_})' for name, id_ in workspace.people.items())}")
                say("Run Caseboard against it, in another terminal, with:")
                for name, value in workspace.environment.items():
                    say(f"export {name}={value}")
            sys.stdout.flush()
            until(over)
    except DidNotServe as error:
        raise CannotDo(f"The local Slack did not start: {error}") from None
