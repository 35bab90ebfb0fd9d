"""Python, the data folder, and Redis."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from app.cli.health.finding import Finding
from app.cli.keyring import key_file, readable_by_others
from app.settings import Settings
from app.store.sealing import BadKeys, Keyring

FIRST, BEYOND = (3, 11), (3, 15)
SECONDS: Final = 3.0


def python() -> Finding:
    """Whether this Python is one of those that are supported."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if FIRST <= sys.version_info[:2] < BEYOND:
        return Finding("Python", version)
    fix = "Install Python 3.11 to 3.14, delete .venv, and start again with PYTHON=/path/to/python3."
    return Finding("Python", f"{version} is not supported", fix)


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Whether the embedded PostgreSQL and the key file can be written, and read by their owner only."""
    if settings.database_url is not None:
        return
    if not writable(settings.data):
        fix = "Set CASEBOARD_DATA to a folder of this user, or DATABASE_URL to a PostgreSQL of your own."
        yield Finding("data folder", f"{settings.data} cannot be written", fix)
        return
    yield Finding("data folder", str(settings.data))
    cluster, keys = settings.data / "postgres", key_file(settings)
    if cluster.exists() and readable_by_others(cluster):
        yield Finding("data folder", f"{cluster} can be read by others", f"Run: chmod 700 {cluster}")
    if settings.keys is None and keys.exists() and readable_by_others(keys):
        yield Finding("key file", f"{keys} can be read by others", f"Run: chmod 600 {keys}")


def writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or it can be made: tried, since rights alone do not tell."""
    try:
        place = folder
        while not place.exists() and place != place.parent:
            place = place.parent
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def keys(settings: Settings) -> Iterator[Finding]:
    """Whether CASEBOARD_KEYS can be read, if it is set; what its keys open is asked of the database."""
    if settings.keys is not None:
        try:
            Keyring.parse(settings.keys.get_secret_value())
        except BadKeys as error:
            yield Finding("keys", "cannot be used", f"{error}.")


def redis(settings: Settings) -> Finding:
    """Whether the queue answers, if there is one."""
    if settings.redis_url is None:
        return Finding("Redis", "not set: the queue lives in the one process of `caseboard up`")
    try:
        client = Redis.from_url(settings.redis_url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS)
    except ValueError:
        return Finding("Redis", "REDIS_URL is no address", "Write redis://HOST:6379/0 or unix:///path/to/redis.sock.")
    try:
        client.ping()
    except (RedisError, OSError) as error:
        fix = "Check REDIS_URL, and that Redis runs. Posts still go out meanwhile, a little later."
        return Finding("Redis", f"does not answer ({type(error).__name__})", fix)
    finally:
        client.close()
    return Finding("Redis", "answers")
