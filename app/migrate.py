"""Bringing a database to the schema that this version of the code needs."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from app.settings import ROOT

LOCK = 20250001  # one migrator at a time, however many processes start at once


def config(connection: Connection) -> Config:
    """Alembic's configuration, on a connection of ours."""
    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    made.attributes["connection"] = connection
    return made


def migrate(engine: Engine) -> str:
    """Migrate to the newest revision; returns it. Safe to run from several processes."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        try:
            command.upgrade(config(connection), "head")
            connection.commit()
            return MigrationContext.configure(connection).get_current_revision() or ""
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            connection.commit()


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the revision that this code was written for."""
    with engine.connect() as connection:
        head = ScriptDirectory.from_config(config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == head
