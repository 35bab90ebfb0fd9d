"""The SQLAlchemy engine, made once a process."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine

from app.settings import Settings
from app.store.embedded import embedded, sqlalchemy_url

# Without it a prepared statement turns to a generic plan after five runs, which misses partial indexes.
OPTIONS = "-c plan_cache_mode=force_custom_plan -c timezone=UTC -c statement_timeout=30000"


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine on PostgreSQL, for any number of threads; connections are checked before use."""
    return create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        hide_parameters=True,  # what was written must not stand in an error or a log
        connect_args={"options": OPTIONS, "application_name": "caseboard", "connect_timeout": 5},
    )


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the database that the settings name, starting the embedded one if they name none."""
    if settings.database_url:
        yield sqlalchemy_url(settings.database_url)
        return
    with embedded(settings.data, throwaway=False) as url:
        yield url
