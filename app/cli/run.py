"""The process types, the demonstration and the local Slack."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.out import AsJson, CannotDo

Host = Annotated[
    str, typer.Option(help="Address to listen at; 0.0.0.0 for all of this machine's, behind a proxy with TLS.")
]


def demo(
    check: Annotated[bool, typer.Option("--check", help="Play working days on a moving clock and check them.")] = False,
    days: Annotated[int, typer.Option(help="Working days to play with --check.", min=1, max=120)] = 30,
    port: Annotated[int, typer.Option(help="Port on this machine; 0 takes a free one.", min=0, max=65535)] = 8600,
    as_json: AsJson = False,
    new: Annotated[bool, typer.Option("--new", help="Start anew instead of going on.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed plays the same story.")] = 1,
    workers: Annotated[int, typer.Option(help="Worker processes for --check; 0: one process for all.", min=0)] = 1,
    schedulers: Annotated[int, typer.Option(help="Scheduler processes for --check.", min=0)] = 1,
) -> None:
    """The whole system with an invented practice at work, in the browser.

    \b
    caseboard demo              go on where it was, or begin
    caseboard demo --new        begin anew
    caseboard demo --check      30 working days, counted from two sources that must agree
    """
    from app.cli.demo import check_demo, run_demo

    try:
        if check:
            raise typer.Exit(check_demo(days, seed, workers, schedulers, as_json=as_json))
        run_demo(port, seed, anew=new)
    except typer.Exit:
        raise
    except (RuntimeError, OSError) as error:  # everything in it is invented, so its words may be shown
        raise CannotDo(f"The demonstration broke off: {error}") from None


def sandbox(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 takes a free one.", min=0, max=65535)] = 8601,
    ledger: Annotated[
        Path | None, typer.Option(help="File that keeps what happened, to go on from; default: memory only.")
    ] = None,
    request_url: Annotated[
        str, typer.Option(help="Where the app takes signed HTTP on this machine; default: Socket Mode.")
    ] = "",
    person: Annotated[
        list[str] | None,
        typer.Option(help="Somebody to be there, one word in small letters; repeat. Default: ana and lea."),
    ] = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Without Slack's rate limits.")] = False,
    as_json: AsJson = False,
) -> None:
    """The local Slack alone, to run the app against. No account, nothing leaves this machine.

    \b
    caseboard sandbox                          prints the settings to run against it; Ctrl-C ends it
    caseboard sandbox --ledger slack.jsonl     and goes on from there the next time
    caseboard sandbox --request-url http://127.0.0.1:8000/slack/events      signed HTTP

    The whole of it, with the second terminal: docs/sandbox.md.
    """
    from app.cli.sandbox import run_sandbox

    run_sandbox(port, ledger, person or [], request_url=request_url, unlimited=unlimited, as_json=as_json)


def up(host: Host = "127.0.0.1") -> None:
    """Web, worker and scheduler in one process.

    \b
    caseboard up                                        with a PostgreSQL of its own
    DATABASE_URL=postgresql://me@db/caseboard caseboard up

    The database is migrated and the checklists are loaded first. Ctrl-C or SIGTERM ends it in order.
    """
    from app.cli.processes import run_up

    run_up(host)


def web(host: Host = "127.0.0.1") -> None:
    """Take what Slack sends: over Socket Mode if SLACK_APP_TOKEN is set, else signed HTTP at PORT.

    Run it under a supervisor that starts it again (docs/install.md).
    """
    from app.cli.processes import run_web

    run_web(host)


def worker() -> None:
    """Deliver what the queue hints at. Any number may run.

    Run it under a supervisor that starts it again (docs/install.md).
    """
    from app.cli.processes import run_worker

    run_worker()


def scheduler() -> None:
    """Fire what is due, and deliver what no worker took. Any number may run.

    Run it under a supervisor that starts it again (docs/install.md).
    """
    from app.cli.processes import run_scheduler

    run_scheduler()


def release(as_json: AsJson = False) -> None:
    """Migrate the database, and load new versions of the checklists into every program.

    \b
    caseboard release           before the other processes of a new version start; safe to repeat
    """
    from app.cli.processes import run_release

    run_release(as_json=as_json)
