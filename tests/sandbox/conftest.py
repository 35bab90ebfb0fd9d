"""A sandbox on a free port, people in it, and Slack's own clients for the app's side."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from app.sandbox import Person, Sandbox, start


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An empty workspace without rate limits; an app that wants events subscribes by `configure(events=…)`."""
    with start(unlimited=True, settings={"events": [], "retry_delays": [0, 0.01, 0.02]}) as running:
        yield running


@pytest.fixture
def web(sandbox: Sandbox) -> WebClient:
    """The app's Web API client, which sends nothing twice by itself."""
    return client_of(sandbox)


@pytest.fixture
def ana(sandbox: Sandbox) -> Person:
    """A person."""
    return sandbox.person("ana", real_name="Ana Diaz", tz="America/New_York")


@pytest.fixture
def ben(sandbox: Sandbox) -> Person:
    """Another person."""
    return sandbox.person("ben", real_name="Ben Okafor", tz="Europe/Berlin")


@pytest.fixture
def case(web: WebClient, ana: Person) -> str:
    """The id of a private channel with the app and Ana in it."""
    channel: str = web.conversations_create(name="case-k7q4", is_private=True)["channel"]["id"]
    web.conversations_invite(channel=channel, users=[ana.id])
    return channel


def client_of(sandbox: Sandbox, token: str = "xoxb-sandbox") -> WebClient:
    """A Web API client of a sandbox."""
    return WebClient(token=token, base_url=sandbox.api_url, retry_handlers=[], timeout=5)
