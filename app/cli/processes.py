"""The process types."""

import logging

import typer
from sqlalchemy import select

from app.checklists.library import load_templates
from app.migrate import migrate
from app.programs.models import Program
from app.programs.service import system
from app.settings import ROOT, Settings, clock_of
from app.store.engine import database, make_engine
from app.store.uow import Store
from workers.run import ticking, until_told, working, works


def _logging() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def run_release() -> None:
    """Migrate, and take new checklist versions into every program."""
    settings = Settings()
    with database(settings) as url:
        engine = make_engine(url)
        typer.echo(f"database at revision {migrate(engine)}")
        with Store(engine, clock_of(settings)).change() as uow:
            for program in uow.session.execute(select(Program)).scalars().all():
                for added in load_templates(uow, system(program.id), program.id, ROOT / "checklists"):
                    typer.echo(f"{program.slug}: loaded {added}")
        engine.dispose()


def run_worker() -> None:
    """One worker, until told to stop."""
    _logging()
    settings = Settings()
    with database(settings) as url, works(settings, url) as shared, working(shared):
        until_told()


def run_scheduler() -> None:
    """One scheduler, until told to stop."""
    _logging()
    settings = Settings()
    with database(settings) as url, works(settings, url) as shared, ticking(shared):
        until_told()


def run_web() -> None:
    """Slack's side, until told to stop."""
    from app.web.serve import serving

    _logging()
    settings = Settings()
    with database(settings) as url, works(settings, url) as shared, serving(settings, shared.store):
        until_told()


def run_up() -> None:
    """All in one process."""
    from app.web.serve import serving

    _logging()
    settings = Settings()
    with database(settings) as url:
        engine = make_engine(url)
        migrate(engine)
        engine.dispose()
        with works(settings, url) as shared, working(shared), ticking(shared), serving(settings, shared.store):
            until_told()
