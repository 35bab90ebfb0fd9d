"""The database: reachable, at the revision of this code, its clock like ours, its records ours to open."""

import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.cases.intake.rows import KEY_SEPARATOR
from app.cli.edge import database_problem
from app.cli.health.finding import Finding
from app.cli.keyring import keyring_of
from app.cli.out import CannotDo
from app.migrate import is_current
from app.settings import Settings
from app.store.sealing import BadKeys, CannotOpen, Keyring, Place

MOST_SKEW: Final = 2.0
"""Seconds. Deadlines go by our clock and leases by the database's, so that a difference shows as lateness."""
OLDEST_VERSION: Final = 14
MOST_KEY_COLUMNS: Final = 3
"""Columns of a row's key that are looked for in its record: some 7,000 digests where the record has 20 fields."""
_ASK = text("SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now")
# The oldest record may need a key that was replaced since.
_RECORDS = text(
    "(SELECT case_id, sealed FROM patient_records ORDER BY updated_at DESC, case_id DESC LIMIT 1)"
    " UNION (SELECT case_id, sealed FROM patient_records ORDER BY updated_at, case_id LIMIT 1)"
)

# The oldest row of each source, and the newest.
_IMPORTED = text(
    "SELECT s.case_id, s.source, s.key_digest, r.sealed FROM case_sources s JOIN patient_records r USING (case_id)"
    " WHERE s.case_id IN (SELECT min(case_id) FROM case_sources GROUP BY program_id, source"
    " UNION SELECT max(case_id) FROM case_sources GROUP BY program_id, source)"
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
    """Whether the keys open the newest and the oldest sealed record, and recognise what was imported.

    What is opened is thrown away.
    """
    try:
        keyring = keyring_of(settings, engine, make=False)
        with engine.connect() as connection:
            rows = connection.execute(_RECORDS).all()
        for row in rows:
            keyring.open(bytes(row.sealed), Place("patient_records", "sealed", row.case_id))
    except (BadKeys, CannotDo, CannotOpen) as error:
        if settings.keys is None or not isinstance(error, BadKeys):  # what is wrong with the setting is said already
            yield Finding("keys", "cannot be used", str(error))
        return
    yield Finding("keys", "open the newest and the oldest patient record" if rows else "usable; nothing is sealed yet")
    yield from _imports(engine, keyring)


def _imports(engine: Engine, keyring: Keyring) -> Iterator[Finding]:
    """Whether an import would know its rows again: it does so by the last key, and adds them twice by another."""
    with engine.connect() as connection:
        rows = connection.execute(_IMPORTED).all()
    made = []
    for row in rows:
        try:
            sealed = keyring.open(bytes(row.sealed), Place("patient_records", "sealed", row.case_id))
        except CannotOpen:
            continue  # that a record does not open is another line's matter
        made.append(_made_by(keyring, bytes(row.key_digest), row.source, json.loads(sealed)))
    others = sorted({one for one in made if one is not None and one != keyring.recognising})
    if others:
        yield Finding(
            "imports",
            f"rows were recognised by key {others[0]}, and {keyring.recognising} stands last",
            f"Put {others[0]} last in CASEBOARD_KEYS, or the next import adds the same rows again.",
        )
    elif None in made:
        yield Finding(
            "imports",
            "no key tells the rows of an earlier import",
            "Was the oldest key taken out of CASEBOARD_KEYS? Put it back, last, or the next import adds the same rows "
            "again. (A key column that the mapping translates cannot be checked.)",
            grave=False,
        )
    elif made:
        yield Finding("imports", f"rows are known again by key {keyring.recognising}")


def _made_by(keyring: Keyring, digest: bytes, source: str, patient: dict[str, str]) -> str | None:
    """The key that made the digest of a row's key, whose columns stand in the patient record under any names."""
    values = [unicodedata.normalize("NFC", value) for value in patient.values()]
    for count in range(1, MOST_KEY_COLUMNS + 1):
        for parts in permutations(values, count):
            found = keyring.made_by(digest, f"case source {source}", KEY_SEPARATOR.join(parts))
            if found is not None:
                return found
    return None
