"""The database: reachable, at the revision of this code, its clock like ours, its records ours to open."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.cli.edge import database_problem
from app.cli.health.finding import Finding
from app.cli.keyring import keyring_of
from app.cli.out import CannotDo
from app.migrate import is_current
from app.settings import Settings
from app.store.sealing import BadKeys, CannotOpen, Place

MOST_SKEW: Final = 2.0
"""Seconds. Deadlines go by our clock and leases by the database's, so that a difference shows as lateness."""
OLDEST_VERSION: Final = 14
_ASK = text("SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now")
# The oldest record may need a key that was replaced since.
_RECORDS = text(
    "(SELECT case_id, sealed FROM patient_records ORDER BY updated_at DESC, case_id DESC LIMIT 1)"
    " UNION (SELECT case_id, sealed FROM patient_records ORDER BY updated_at, case_id LIMIT 1)"
)


def reached(engine: Engine) -> Finding:
    """Whether the database answers, is new enough, and has the tables of this version."""
    try:
        with engine.connect() as connection:
            version: int = connection.execute(_ASK).one().version
        current = is_current(engine)
    except DBAPIError as error:
        return Finding("database", "cannot be used", database_problem(error))
    if version < OLDEST_VERSION:
        return Finding("database", f"PostgreSQL {version} is too old", f"Use {OLDEST_VERSION} or newer.")
    if not current:
        return Finding("database", "not at the revision of this version", "Run: caseboard release")
    return Finding("database", f"PostgreSQL {version}, at the revision of this version")


def clock(engine: Engine) -> Finding:
    """How far the database's clock is from this machine's, measured around one question."""
    with engine.connect() as connection:
        connection.execute(_ASK)  # the first one opens the connection
        before = datetime.now(UTC)
        theirs: datetime = connection.execute(_ASK).one().now
        after = datetime.now(UTC)
    skew = (theirs - (before + (after - before) / 2)).total_seconds()
    if abs(skew) <= MOST_SKEW:
        return Finding("clock", f"{abs(skew) * 1000:.0f} ms from the database's")
    found = f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the database's"
    return Finding("clock", found, "Let both machines take their time from the network; deadlines go by ours.")


def keys(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Whether the keys open the newest and the oldest sealed record. What is opened is thrown away unread."""
    try:
        keyring = keyring_of(settings, engine, make=False)
        with engine.connect() as connection:
            rows = connection.execute(_RECORDS).all()
        for row in rows:
            keyring.open(bytes(row.sealed), Place("patient_records", "sealed", row.case_id))
    except (BadKeys, CannotDo, CannotOpen) as error:
        yield Finding("keys", "cannot be used", str(error))
        return
    yield Finding("keys", "open the newest and the oldest patient record" if rows else "usable; nothing is sealed yet")
