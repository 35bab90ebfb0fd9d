"""The process types at work."""

import logging
import socket

from sqlalchemy import Engine

from app.checklists.library import load_templates
from app.cli.keyring import keys_at_hand
from app.cli.opened import all_programs, at_database, opened_with
from app.cli.out import CannotDo, say, say_json
from app.migrate import migrate
from app.programs.actor import Origin
from app.programs.service import system
from app.settings import ROOT, Settings, clock_of
from app.store.engine import database
from app.store.uow import Store
from workers.run import ticking, told_to_stop, until, working, works


def _begin() -> socket.socket:
    """The log, and where a signal to stop is told: from the first moment, so that an early one ends in order."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of each look at the revision
    return told_to_stop()


def released(engine: Engine, settings: Settings) -> tuple[str, dict[str, list[str]]]:
    """Migrate, and load the shipped templates; returns the revision, and what is new by program."""
    revision = migrate(engine)
    loaded: dict[str, list[str]] = {}
    with Store(engine, clock_of(settings)).change() as uow:
        for program in all_programs(uow.session):
            actor = system(program.id, Origin.CLI)
            loaded[program.slug] = load_templates(uow, actor, program.id, ROOT / "checklists")
    return revision, loaded


def run_release(*, as_json: bool) -> None:
    """Bring the database to this version, and say what that took."""
    settings = Settings()
    with at_database(settings) as engine:
        revision, loaded = released(engine, settings)
    if as_json:
        say_json({"revision": revision, "loaded": loaded})
        return
    say(f"The database is at revision {revision}.")
    for slug, templates in loaded.items():
        say(f"{slug}: loaded {', '.join(templates)}" if templates else f"{slug}: has the newest checklists")


def run_worker() -> None:
    """One worker, until told to stop."""
    over = _begin()
    settings = Settings()
    with opened_with(settings) as found, database(settings) as url:
        if settings.redis_url is None:
            raise CannotDo(
                "A worker of its own takes its hints from Redis, and REDIS_URL is not set. Set it, run `caseboard up` "
                "instead, or leave workers out: the scheduler delivers too."
            )
        keys = keys_at_hand(settings, found.engine)
        with works(settings, url, keys=keys) as shared, working(shared):
            until(over)


def run_scheduler() -> None:
    """One scheduler, until told to stop."""
    over = _begin()
    settings = Settings()
    with (
        opened_with(settings) as found,
        database(settings) as url,
        works(settings, url, alone=True, keys=keys_at_hand(settings, found.engine)) as shared,
        ticking(shared),
    ):
        until(over)


def run_web(host: str) -> None:
    """Slack's side, until told to stop."""
    from app.web.serve import serving

    over = _begin()
    settings = Settings()
    with (
        opened_with(settings) as found,
        database(settings) as url,
        works(settings, url, alone=True, keys=keys_at_hand(settings, found.engine)) as shared,
        serving(settings, shared.store, host=host),
    ):
        until(over)


def run_up(host: str) -> None:
    """All in one process, after a release."""
    from app.web.serve import serving

    over = _begin()
    settings = Settings()
    with at_database(settings) as engine:
        released(engine, settings)
        with (
            database(settings) as url,
            works(settings, url, keys=keys_at_hand(settings, engine)) as shared,
            working(shared),
            ticking(shared),
            serving(settings, shared.store, host=host),
        ):
            until(over)
