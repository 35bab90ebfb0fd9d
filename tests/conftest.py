"""Fixtures that every test may use: a fresh, migrated PostgreSQL database, a store on it, and a clock to move."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, create_engine, text

from app.kernel.clock import FixedClock
from app.migrate import migrate
from app.store.embedded import embedded
from app.store.engine import make_engine
from app.store.uow import Store
from benchmarks.demo import CHROMIUM
from tests.world import World, find_world, make_world, open_the_case

MONDAY = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)  # 09:00 in New York
TEMPLATE, FURNISHED, OPENED = "caseboard_template", "caseboard_furnished", "caseboard_opened"
MEMORY, ROOM = Path("/dev/shm"), 4 << 30


def _keep_temporary_files_in_memory() -> None:
    """Where the system offers that and has room: the 300 files of a database are made there in a tenth of the time.

    For processes that tests start, too. A `TMPDIR` that is set stays.
    """
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


_keep_temporary_files_in_memory()
gc.set_threshold(50_000)  # as our processes have it (app/cli/main.py): a twentieth of the time


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of this test process's own, with a migrated database to copy from."""
    with tempfile.TemporaryDirectory(prefix="cb-") as folder:
        os.chmod(folder, 0o755)  # the server may run as a user of its own
        with embedded(Path(folder), throwaway=True) as url:
            admin = create_engine(url, isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
            engine = make_engine(url.replace("/postgres?", f"/{TEMPLATE}?"))
            migrate(engine)
            engine.dispose()
            yield url
            admin.dispose()


@pytest.fixture(scope="session")
def furnished(postgres: str) -> str:
    """The name of a database to copy from in which the practice of `tests/world.py` is set up."""
    with _copied(postgres, TEMPLATE, FURNISHED) as engine:
        make_world(Store(engine, FixedClock(MONDAY)))
    return FURNISHED


@pytest.fixture(scope="session")
def opened(postgres: str, furnished: str) -> str:
    """The same with the one case of `tests/slack/office.py`."""
    with _copied(postgres, furnished, OPENED) as engine:
        open_the_case(find_world(Store(engine, FixedClock(MONDAY))))
    return OPENED


@contextmanager
def _copied(postgres: str, template: str, name: str) -> Iterator[Engine]:
    """A new database, a copy of a template that nobody is connected to."""
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    admin.dispose()
    engine = make_engine(postgres.replace("/postgres?", f"/{name}?"))
    yield engine
    engine.dispose()


@pytest.fixture
def database_url(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database that only this test uses, at the newest revision.

    Empty, but for a test with a `world`, whose practice is set up, and one with an `office`, whose case is open.
    """
    template = TEMPLATE
    for fixture, wanted in (("office", "opened"), ("world", "furnished")):
        if fixture in request.fixturenames:
            template = request.getfixturevalue(wanted)
            break
    name = f"t_{uuid4().hex[:12]}"
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    yield postgres.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at a Monday, 09:00 in New York, until the test moves it."""
    return FixedClock(MONDAY)


@pytest.fixture
def store(engine: Engine, clock: FixedClock) -> Store:
    return Store(engine, clock)


@pytest.fixture
def world(store: Store) -> World:
    """A small practice with two short templates (see `tests/world.py`)."""
    return find_world(store)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a file; it does not outlive that, since its loop would be in the way of others'."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here; CI installs Debian's")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()
