"""`caseboard demo`."""

import json
import signal

import typer

from app.demo.check import play
from app.demo.run import ENDS, demonstrate
from app.settings import Settings


def check_demo(days: int, seed: int, workers: int, schedulers: int, *, as_json: bool) -> int:
    """Play and print; 0 when every promise held."""
    for name in ENDS:  # what was started is taken down in order, whoever ends it
        signal.signal(name, signal.default_int_handler)
    report = play(days=days, seed=seed, workers=workers, schedulers=schedulers)
    if as_json:
        typer.echo(json.dumps(report, indent=1))
    else:
        for name, value in report["database"].items():
            typer.echo(f"{name.replace('_', ' '):20} {value}")
        for name in ("lost", "doubled", "invented", "misplaced", "posts_per_case_and_day_p95", "seconds"):
            typer.echo(f"{name.replace('_', ' '):20} {report[name]}")
        for line in report["broken"]:
            typer.echo(f"broken: {line}", err=True)
    return 0 if report["ok"] else 1


def run_demo(port: int, seed: int, *, anew: bool) -> None:
    """Serve until Ctrl-C."""
    demonstrate(Settings().data / "demo", port=port, anew=anew, seed=seed, say=typer.echo)
