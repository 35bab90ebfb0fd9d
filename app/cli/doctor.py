"""`caseboard doctor`: each line what was looked at, whether it is well, and the fix."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import typer

from app.cli.out import AsJson, say, say_json

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.settings import Settings

SKEW_SECONDS: Final = 5.0
OUTBOX_MINUTES: Final = 15.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `fix` is empty when it is well."""

    what: str
    found: str
    fix: str = ""

    @property
    def well(self) -> bool:
        return not self.fix


def doctor(as_json: AsJson = False) -> None:
    """What is wrong with this installation, and the fix for each line. Changes nothing.

    \b
    caseboard doctor
    caseboard doctor --json

    Exit 1 when something has to be done.
    """
    found = list(examine())
    if as_json:
        say_json([asdict(each) | {"well": each.well} for each in found])
    else:
        for each in found:
            say(f"{'ok ' if each.well else 'FIX'}  {each.what}: {each.found}")
            if not each.well:
                say(f"     {each.fix}")
    raise typer.Exit(0 if all(each.well for each in found) else 1)


def examine() -> Iterator[Finding]:
    """Everything, in the order in which it should be mended."""
    from pydantic import ValidationError

    from app.cli.edge import setting_problems
    from app.settings import Settings

    yield _python()
    try:
        settings = Settings()
    except ValidationError as error:
        *wrong, fix = setting_problems(error)
        yield Finding("settings", " ".join(wrong), fix)
        return
    yield Finding("settings", "read")
    yield from _folder(settings)
    yield from _database(settings)
    yield _redis(settings)
    yield _slack(settings)
    yield _checklists()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] < (3, 15):
        return Finding("Python", version)
    return Finding("Python", version, "Install Python 3.11 to 3.14.")


def _folder(settings: "Settings") -> Iterator[Finding]:
    import os

    from app.cli.keyring import key_file, readable_by_others

    if settings.database_url is not None:
        return
    place = settings.data if settings.data.exists() else settings.data.parent
    if not os.access(place, os.W_OK):
        yield Finding("data folder", f"{settings.data} cannot be written", "Set CASEBOARD_DATA to a folder of yours.")
        return
    yield Finding("data folder", str(settings.data))
    keys = key_file(settings)
    if settings.keys is None and keys.exists() and readable_by_others(keys):
        yield Finding("key file", f"{keys} can be read by others", f"Run: chmod 600 {keys}")


def _database(settings: "Settings") -> Iterator[Finding]:
    from sqlalchemy.exc import SQLAlchemyError

    from app.cli.opened import at_database
    from app.cli.out import CannotDo
    from app.migrate import is_current
    from app.store.embedded import EmbeddedFailed

    fix = "Check DATABASE_URL, and that PostgreSQL runs and lets this user in."
    try:
        with at_database(settings) as engine:
            if not is_current(engine):
                yield Finding("database", "not at the revision of this version", "Run: caseboard release")
                return
            yield Finding("database", "reached, at the revision of this version")
            yield _clock(engine)
            yield _keys(settings, engine)
            yield from _loaded(engine)
            yield _outbox(engine)
    except (CannotDo, EmbeddedFailed) as error:
        yield Finding("database", "cannot be used", str(error))
    except SQLAlchemyError as error:
        yield Finding("database", f"cannot be reached ({type(error).__name__})", fix)


def _clock(engine: "Engine") -> Finding:
    from sqlalchemy import text

    with engine.connect() as connection:
        theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    skew = abs((datetime.now(UTC) - theirs).total_seconds())
    if skew <= SKEW_SECONDS:
        return Finding("clock", f"within {SKEW_SECONDS:g} s of the database's")
    return Finding("clock", f"{skew:.0f} s away from the database's", "Set both machines by NTP; deadlines go by ours.")


def _keys(settings: "Settings", engine: "Engine") -> Finding:
    from sqlalchemy import text

    from app.cli.keyring import keyring_of
    from app.cli.out import CannotDo
    from app.store.sealing import BadKeys, CannotOpen, Place

    newest = text("SELECT case_id, sealed FROM patient_records ORDER BY updated_at DESC, case_id DESC LIMIT 1")
    try:
        keyring = keyring_of(settings, engine, make=False)
        with engine.connect() as connection:
            row = connection.execute(newest).one_or_none()
        if row is None:
            return Finding("keys", "usable; no patient record is sealed yet")
        keyring.open(bytes(row.sealed), Place("patient_records", "sealed", row.case_id))
    except (BadKeys, CannotDo, CannotOpen) as error:
        return Finding("keys", "cannot be used", str(error))
    return Finding("keys", "open the newest patient record")


def _loaded(engine: "Engine") -> Iterator[Finding]:
    from sqlmodel import Session

    from app.checklists import library
    from app.checklists.loader import load_set
    from app.checklists.problems import TemplateErrors
    from app.cli.opened import all_programs
    from app.settings import ROOT

    try:
        shipped = {one.id: one for one in load_set(ROOT / "checklists").values()}
    except TemplateErrors:
        return  # said by the line on checklists
    with Session(engine) as session:
        programs = all_programs(session)
        if not programs:
            yield Finding(
                "programs", "none yet", 'Run: caseboard program create SLUG --name "The practice" --zone ZONE'
            )
        for program in programs:
            loaded = {one.id: one.digest() for one in library.newest(session, program.id).values()}
            behind = sorted(name for name, one in shipped.items() if loaded.get(name) != one.digest())
            where = f"checklists of {program.slug}"
            if behind:
                yield Finding(where, f"{', '.join(behind)} not loaded as shipped", "Run: caseboard release")
            else:
                yield Finding(where, f"{len(shipped)} loaded as shipped")


def _outbox(engine: "Engine") -> Finding:
    from sqlalchemy import text

    query = text(
        "SELECT count(*) FILTER (WHERE state = 'dead') AS dead,"
        " count(*) FILTER (WHERE state IN ('pending', 'sending', 'unknown', 'held')) AS open,"
        " count(*) FILTER (WHERE state IN ('sending', 'unknown', 'held')"
        " AND sent_at < clock_timestamp() - make_interval(mins => :minutes)) AS stuck FROM notices"
    )
    with engine.connect() as connection:
        row = connection.execute(query, {"minutes": int(OUTBOX_MINUTES)}).one()
    if row.dead or row.stuck:
        return Finding(
            "outbox",
            f"{row.dead} given up, {row.stuck} tried for more than {OUTBOX_MINUTES:g} minutes",
            "See why: caseboard outbox list, then outbox explain NOTICE.",
        )
    return Finding("outbox", f"{row.open} under way, none stuck")


def _redis(settings: "Settings") -> Finding:
    from redis import Redis
    from redis.exceptions import RedisError

    if settings.redis_url is None:
        return Finding("Redis", "not set: the queue lives in the one process of `caseboard up`")
    client = Redis.from_url(settings.redis_url, socket_connect_timeout=2.0)
    try:
        client.ping()
    except (RedisError, OSError) as error:
        return Finding(
            "Redis",
            f"does not answer ({type(error).__name__})",
            "Check REDIS_URL, and that Redis runs. Posts still go out meanwhile, a little later.",
        )
    finally:
        client.close()
    return Finding("Redis", "answers")


def _slack(settings: "Settings") -> Finding:
    from app.notices.outcomes import NotSent
    from app.slack.gateway import Gateway

    if settings.slack_bot_token is None:
        return Finding("Slack", "no token", "Set SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or SLACK_SIGNING_SECRET.")
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        return Finding(
            "Slack",
            "posts go out, nothing comes in",
            "Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP).",
        )
    try:
        team = Gateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url).call("auth.test")["team"]
    except NotSent as error:
        return Finding("Slack", f"does not take the token: {error}", "Install the app again and set its bot token.")
    return Finding("Slack", f"reached, workspace {team}")


def _checklists() -> Finding:
    from app.checklists.lint import lint_set
    from app.settings import ROOT

    errors = [problem for problem in lint_set(ROOT / "checklists") if problem.severity == "error"]
    if errors:
        return Finding("checklists", f"{len(errors)} errors", "See each: caseboard checklist lint")
    return Finding("checklists", "nothing wrong")
