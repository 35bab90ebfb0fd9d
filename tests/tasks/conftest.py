"""One database for all tests of a file: each opens a case of its own, and the clock stands still."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from app.kernel.clock import FixedClock
from app.store.engine import make_engine
from app.store.uow import Store
from tests.conftest import MONDAY, TEMPLATE
from tests.tasks.desk import Desk, make_desk


@pytest.fixture(scope="module")
def desk(postgres: str) -> Iterator[Desk]:
    """A practice at work, shared by the tests of one file; `as_it_was` puts back what each test moved."""
    name = f"t_{uuid4().hex[:12]}"
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"))
    engine = make_engine(postgres.replace("/postgres?", f"/{name}?"))
    clock = FixedClock(MONDAY)
    yield make_desk(Store(engine, clock), clock)
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(autouse=True)
def as_it_was(desk: Desk) -> Iterator[None]:
    """The clock and who is on duty are again as they were, whatever a test did with them."""
    yield
    desk.move_to(MONDAY)
    with desk.change() as uow:
        uow.session.execute(text("UPDATE staff SET active = true"))
