"""Turns whatever stopped a command into a line that says the fix. No stack traces, no values."""

import json
import sys
import traceback
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from app.cases.intake.mapping_reader import MappingErrors
from app.cases.intake.table import FileBroken
from app.checklists.problems import TemplateErrors
from app.cli.out import CannotDo
from app.kernel.business import CalendarError
from app.kernel.clock import ClockFileError
from app.notices.outcomes import NotSent
from app.refusals import Refusal
from app.settings import ROOT
from app.store.embedded import EmbeddedFailed
from app.store.sealing import BadKeys, CannotOpen
from app.web.serve import NoWayIn
from app.web.server import CannotListen

USAGE, FAILED = 2, 1
# Their messages are written for the person who ran the command, and hold no patient data and no secret.
_SPOKEN = (
    BadKeys,
    CalendarError,
    CannotListen,
    CannotOpen,
    ClockFileError,
    EmbeddedFailed,
    FileBroken,
    MappingErrors,
    NoWayIn,
    NotSent,
    Refusal,
    TemplateErrors,
)


def explain(error: Exception, *, as_json: bool) -> int:
    """Say what happened on standard error (and as JSON on standard output, if asked); returns the exit code."""
    code, lines = _explained(error)
    if as_json:
        print(json.dumps({"error": "\n".join(lines)}, ensure_ascii=False))
    for line in lines:
        print(line, file=sys.stderr)
    return code


def _explained(error: Exception) -> tuple[int, list[str]]:
    if isinstance(error, CannotDo):
        return error.code, [str(error)]
    if isinstance(error, ValidationError):
        return USAGE, setting_problems(error)
    if isinstance(error, _SPOKEN):
        return FAILED, str(error).splitlines()
    if isinstance(error, DBAPIError):
        return FAILED, [database_problem(error)]
    return FAILED, [
        f"Something unforeseen stopped the command ({type(error).__name__} at {_place(error)}). "
        "What it was about is not shown, because it may hold patient data. `caseboard doctor` may know more."
    ]


def setting_problems(error: ValidationError) -> list[str]:
    """What is wrong with the settings, one line each, never with their values."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        name = ".".join(str(part) for part in problem["loc"])
        said = problem["msg"].removeprefix("Value error, ")
        lines.append(f"Setting {name}: {said}." if name else f"Settings: {said}.")
    return [*lines, "Correct the environment variable, or unset it to take its default (docs/install.md)."]


def database_problem(error: DBAPIError) -> str:
    """Why the database did not do it, without statements or values."""
    kind = type(error.orig).__name__
    if isinstance(error, ProgrammingError):
        return f"The database does not have what this version needs ({kind}). Run: caseboard release"
    if isinstance(error, OperationalError):
        return (
            f"The database cannot be reached, or stopped answering ({kind}). Check DATABASE_URL, and that PostgreSQL "
            "runs and lets this user in."
        )
    return f"The database refused the change ({kind}). Nothing changed. `caseboard doctor` may know more."


def _place(error: Exception) -> str:
    """Where in our code it happened."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT / "app")] or frames
    if not ours:
        return "an unknown place"
    path = Path(ours[-1].filename)
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name
    return f"{shown}:{ours[-1].lineno}"
