"""`caseboard`: the command line. Commands import what they need when they run, so that help is quick."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="caseboard",
    help="Checklists, deadlines and handoffs for orthopaedic-oncology cases, worked in Slack.\n\n"
    "Try it: caseboard demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
checklist = typer.Typer(help="Checklist templates: check, show, compare.", no_args_is_help=True)
app.add_typer(checklist, name="checklist")


@app.command()
def demo(
    check: Annotated[bool, typer.Option("--check", help="play working days on a moving clock and check them")] = False,
    days: Annotated[int, typer.Option(help="working days to play with --check", min=1, max=120)] = 30,
    port: Annotated[int, typer.Option(help="port on this machine; 0 takes a free one", min=0, max=65535)] = 8600,
    as_json: Annotated[bool, typer.Option("--json", help="print the outcome of --check as JSON")] = False,
    new: Annotated[bool, typer.Option("--new", help="start anew instead of going on")] = False,
    seed: Annotated[int, typer.Option(help="the same seed plays the same story")] = 1,
    workers: Annotated[int, typer.Option(help="worker processes for --check; 0: one process for all", min=0)] = 1,
    schedulers: Annotated[int, typer.Option(help="scheduler processes for --check", min=0)] = 1,
) -> None:
    """The whole system with an invented practice at work, in the browser.

    caseboard demo              go on where it was, or begin
    caseboard demo --new        begin anew
    caseboard demo --check      30 working days, counted from two sources that must agree
    """
    from app.cli.demo import check_demo, run_demo

    if check:
        raise typer.Exit(check_demo(days, seed, workers, schedulers, as_json=as_json))
    run_demo(port, seed, anew=new)


@app.command()
def release() -> None:
    """Migrate the database and load the checklists into every program."""
    from app.cli.processes import run_release

    run_release()


@app.command()
def worker() -> None:
    """Deliver what the queue hints at."""
    from app.cli.processes import run_worker

    run_worker()


@app.command()
def scheduler() -> None:
    """Fire what is due, and deliver what no worker took. Any number may run."""
    from app.cli.processes import run_scheduler

    run_scheduler()


@app.command()
def web() -> None:
    """Take what Slack sends: Socket Mode when SLACK_APP_TOKEN is set, signed HTTP at PORT otherwise."""
    from app.cli.processes import run_web

    run_web()


@app.command()
def up() -> None:
    """Web, worker and scheduler in one process, with the embedded PostgreSQL unless DATABASE_URL is set."""
    from app.cli.processes import run_up

    run_up()


@checklist.command()
def lint(folder: Annotated[Path | None, typer.Argument(help="default: the shipped checklists")] = None) -> None:
    """Check every template of a folder; exit 1 when one is wrong."""
    from app.checklists.lint import lint_set
    from app.settings import ROOT

    problems = lint_set(folder or ROOT / "checklists")
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(problems)} problems" if problems else "templates: nothing wrong", err=bool(problems))
    raise typer.Exit(1 if problems else 0)


def main() -> None:
    """Entry point: expected errors as one line that says the fix, without a stack trace."""
    from pydantic import ValidationError

    try:
        app()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            place = ".".join(str(part) for part in problem["loc"])
            print(f"settings: {place}: {problem['msg']}", file=sys.stderr)
        sys.exit(2)
    except RuntimeError as error:
        print(str(error), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
