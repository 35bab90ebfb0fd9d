"""A practice whose people are in a running sandbox, and an office that delivers to it quickly."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.cases.models import Case
from app.cases.service import open_case
from app.notices.delivery import PostOffice, Round
from app.notices.service import tell_case
from app.notices.timing import Timing
from app.sandbox import start
from app.sandbox.server import Sandbox
from app.slack.accounts import Accounts
from app.slack.connections import Connections
from app.slack.gateway import Gateway
from app.slack.homes import Homes
from app.slack.manifest import BOT_SCOPES
from app.slack.port import SlackPort
from app.slack.renewals import Renewals
from tests.world import World

QUICK = Timing(
    lease=20.0, act_within=5.0, settle=0.6, card_gap=0.0, retry_first=0.02, retry_most=0.1, refused_again=0.1
)
"""Every wait of delivery, so short that a test may wait for it."""
CALL_TIMEOUT = 0.4
"""The client's timeout where a call is meant to run into it; shorter than `settle`."""


@dataclass
class Practice:
    """Everything a test of delivery needs: the world, the sandbox, and an office between them."""

    world: World
    sandbox: Sandbox
    office: PostOffice
    engine: Engine

    @property
    def port(self) -> SlackPort:
        """The way to the sandbox."""
        return SlackPort(self.sandbox.bot_token, self.sandbox.api_url)

    @property
    def renewals(self) -> Renewals:
        """Who renews tokens: nobody, with the sandbox's own."""
        return Renewals(self.world.store, None, self.sandbox.api_url)

    @property
    def accounts(self) -> Accounts:
        """Who asks the sandbox how people's accounts stand."""
        return Accounts(self.world.store, Connections(self.world.store, self.port))

    @property
    def homes(self) -> Homes:
        """Whoever publishes home tabs there."""
        return Homes(self.world.store, Connections(self.world.store, self.port))

    def open(self, by: str = "ana", **given: Any) -> Case:
        """A new case; its channel is not there yet."""
        with self.world.store.change() as uow:
            return open_case(uow, self.world.actor(by), **given)

    def tell(self, case: Case, key: str, text_: str | None = None) -> str:
        """Have something said in the case's channel; returns the notice's id."""
        payload = {"code": case.code, "zone": "America/New_York", "problems": [text_ or key]}
        with self.world.store.change() as uow:
            return str(tell_case(uow, case.id, "trouble", key, payload))

    def tell_task(self, case: Case, key: str) -> str:
        """Have a breach told in the case's channel, of a task that does not exist; returns the notice's id."""
        task = {"id": 1, "no": 1, "title": "Read the chart", "deadline": "2026-12-03T22:00:00+00:00", "state": "ready"}
        payload = {"code": case.code, "zone": "America/New_York", "tasks": [task], "to": []}
        with self.world.store.change() as uow:
            return str(tell_case(uow, case.id, "breach", key, payload))

    def channel(self, case: Case) -> Any:
        """The row of a case's channel."""
        return self.row("SELECT * FROM channels WHERE case_id = :id", id=case.id)

    def deliver(self, case: Case, *, office: PostOffice | None = None) -> Round:
        """One call of delivery for a case's channel."""
        return (office or self.office).deliver(self.channel(case).id)

    def deliver_all(self, case: Case, *, office: PostOffice | None = None, within: float = 10.0) -> None:
        """Come again as often as delivery asks, until nothing of the case waits."""
        channel, deadline = self.channel(case).id, time.monotonic() + within
        while self.waiting(channel):
            assert time.monotonic() < deadline, self.rows("SELECT kind, state, error FROM notices ORDER BY seq")
            again = (office or self.office).deliver(channel).again
            pause(min(again if again is not None else 0.05, 0.2))

    def waiting(self, channel_id: int) -> int:
        """How many notices of a channel are not delivered and not dead."""
        query = "SELECT count(*) FROM notices WHERE channel_id = :id AND state NOT IN ('delivered', 'dead')"
        return int(self.row(query, id=channel_id)[0])

    def row(self, query: str, **values: object) -> Any:
        """One row of the database."""
        with self.engine.connect() as connection:
            return connection.execute(text(query), values).one()

    def rows(self, query: str, **values: object) -> list[Any]:
        """Rows of the database."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(query), values).all())

    def do(self, statement: str, **values: object) -> None:
        """Change the database behind everybody's back."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def notice(self, id_: str) -> Any:
        """The row of a notice."""
        return self.row("SELECT * FROM notices WHERE id = CAST(:id AS uuid)", id=id_)

    def state(self, id_: str) -> str:
        """A notice's state."""
        return str(self.notice(id_).state)

    def said(self, case: Case) -> list[str]:
        """What the app posted in a case's channel, as the kind of each post, oldest first."""
        return [kind for kind, _ in self.posts(case)]

    def posts(self, case: Case) -> list[tuple[str, str]]:
        """Kind and id of each post of the app in a case's channel, oldest first."""
        found = []
        for message in self.sandbox.messages(self.channel(case).slack_id):
            payload = (message.get("metadata") or {}).get("event_payload") or {}  # type: ignore[attr-defined]
            if payload:
                found.append((str(payload["kind"]), str(payload["id"])))
        return found

    def times_posted(self, id_: str) -> int:
        """How often the sandbox applied a post of a notice, edits aside."""
        changes = self.sandbox.ledger(kind="change")
        return sum(line["type"] == "message.posted" and id_ in str(line["data"]) for line in changes)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The calls of a method that the sandbox received."""
        return [line for line in self.sandbox.ledger(kind="call") if line["method"] == method]

    def impatient(self) -> PostOffice:
        """An office whose calls run into their timeout soon."""
        port = SlackPort(self.sandbox.bot_token, self.sandbox.api_url, timeout=CALL_TIMEOUT)
        return PostOffice(self.world.store, Connections(self.world.store, port), QUICK, home="http://127.0.0.1:8000")

    def rested(self, **timing: Any) -> PostOffice:
        """Another office, with other timing."""
        return PostOffice(self.world.store, self.office.ports, replace(QUICK, **timing), home="http://127.0.0.1:8000")


def pause(seconds: float) -> None:
    """Wait as long as delivery asked to."""
    time.sleep(max(seconds, 0.0) + 0.005)


def until(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with start(unlimited=True, settings={"scopes": BOT_SCOPES}) as running:
        yield running


@pytest.fixture
def gateway(sandbox: Sandbox) -> Gateway:
    return Gateway(sandbox.bot_token, sandbox.api_url)


@pytest.fixture
def practice(world: World, sandbox: Sandbox, engine: Engine) -> Practice:
    """The practice, its people in the sandbox, and an office that waits for nothing long."""
    with engine.begin() as connection:
        team = {"team": str(sandbox.status()["team"])}
        connection.execute(text("UPDATE programs SET slack_team_id = :team"), team)
        for name, person in world.staff.items():
            slack_id = sandbox.person(name, real_name=person.name).id
            values = {"slack": slack_id, "id": person.id}
            connection.execute(text("UPDATE staff SET slack_user_id = :slack WHERE id = :id"), values)
            person.slack_user_id = slack_id
    connections = Connections(world.store, SlackPort(sandbox.bot_token, sandbox.api_url))
    return Practice(world, sandbox, PostOffice(world.store, connections, QUICK, home="http://127.0.0.1:8000"), engine)
