"""What a command needs to work on the database: settings, a store, and the program that it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlmodel import Session

from app.cli.keyring import keyring_of, keys_at_hand
from app.cli.out import CannotDo, WrongUsage
from app.migrate import is_current, migrate
from app.programs.actor import Actor, Origin
from app.programs.models import Program
from app.programs.queries import as_actor, find_staff
from app.programs.service import system
from app.settings import Settings, clock_of
from app.store.engine import database, make_engine
from app.store.sealing import Keyring
from app.store.types import table
from app.store.uow import Store

_PROGRAMS = table(Program)


@dataclass(frozen=True)
class Opened:
    """A database at the revision of this code. What is changed here is told to Slack by the scheduler's next sweep."""

    settings: Settings
    engine: Engine
    store: Store

    def keyring(self, *, make: bool = True) -> Keyring:
        """The keys for patient records; with `make` false none are made."""
        return keyring_of(self.settings, self.engine, make=make)


@contextmanager
def opened() -> Iterator[Opened]:
    """Open the database that the settings name. The embedded one is migrated, one's own has to be (`release`)."""
    settings = Settings()
    with opened_with(settings) as found:
        yield found


@contextmanager
def opened_with(settings: Settings) -> Iterator[Opened]:
    """The same, for settings that are read already."""
    with at_database(settings) as engine:
        if not is_current(engine):
            if settings.database_url is not None:
                raise CannotDo("The database is not at the revision of this version. Run: caseboard release")
            migrate(engine)
        yield Opened(settings, engine, Store(engine, clock_of(settings), keys=keys_at_hand(settings, engine)))


@contextmanager
def at_database(settings: Settings) -> Iterator[Engine]:
    """An engine on the database, whatever its revision."""
    if settings.database_url is not None and not settings.database_url.startswith(("postgres://", "postgresql")):
        raise WrongUsage(
            "Setting DATABASE_URL: it must begin with postgresql://, as in postgresql://user@host/caseboard."
        )
    with database(settings) as url:
        engine = make_engine(url, pool_size=2)
        try:
            yield engine
        finally:
            engine.dispose()


def all_programs(session: Session) -> list[Program]:
    """Every program, by its slug."""
    return list(session.execute(select(Program).order_by(_PROGRAMS.c.slug)).scalars())


def pick_program(session: Session, slug: str | None) -> Program:
    """The program of that slug, or the only one."""
    programs = all_programs(session)
    if not programs:
        raise CannotDo(
            'There is no program yet. Make one: caseboard program create SLUG --name "The practice" '
            "--zone America/New_York"
        )
    slugs = ", ".join(program.slug for program in programs)
    if slug is None and len(programs) > 1:
        raise WrongUsage(f"There are several programs. Say which with --program: {slugs}.")
    for program in programs:
        if slug in (None, program.slug):
            return program
    raise CannotDo(f"There is no program “{slug}”. Nothing changed. There is: {slugs}.")


def pick_actor(session: Session, program: Program, by: str | None) -> Actor:
    """Who acts: the member of staff named with --by, or the system at the command line."""
    if by is None:
        return system(program.id, Origin.CLI)
    return as_actor(find_staff(session, program.id, by), Origin.CLI)
