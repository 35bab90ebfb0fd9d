"""The practice in a sandbox, over HTTP unless a test asks for both transports."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app.sandbox import Sandbox, start
from app.slack.manifest import BOT_SCOPES
from tests.slack.office import Office, join_sandbox, office_at_work
from tests.world import World


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with start(unlimited=True, settings={"scopes": BOT_SCOPES, "retry_delays": [0.05, 0.05, 0.05]}) as running:
        yield running


@pytest.fixture
def transport() -> str:
    return "http"


@pytest.fixture
def office(world: World, sandbox: Sandbox, engine: Engine, transport: str) -> Iterator[Office]:
    people = join_sandbox(world, sandbox, engine)
    with office_at_work(world, sandbox, engine, transport, people) as working:
        yield working
