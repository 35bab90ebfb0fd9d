"""A practice whose people act in a running sandbox against the real app, over the transport that a test names."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, select, text

from app.cases.models import Case
from app.sandbox import Acting, Person, Reply, Sandbox
from app.settings import Settings
from app.slack.accounts import Accounts
from app.slack.app import Inbound, build_app
from app.slack.connections import Connections
from app.slack.gateway import Gateway
from app.slack.homes import Homes
from app.slack.port import SlackPort
from app.slack.renewals import Renewals
from app.slack.socket_mode import SocketMode
from app.web.app import build_web
from app.web.server import Server
from tests.world import World, open_the_case


@dataclass
class Office:
    """The practice at work: `people` act, `case` has a channel and the tasks of the packet (1 to 5).

    `port` is that of the web process, 0 over Socket Mode.
    """

    world: World
    sandbox: Sandbox
    engine: Engine
    inbound: Inbound
    people: Mapping[str, Person]
    case: Case
    channel: str
    desk: str
    port: int = 0

    @property
    def connections(self) -> Connections:
        """The way to the sandbox, with its own token."""
        return Connections(self.world.store, SlackPort(self.sandbox.bot_token, self.sandbox.api_url))

    @property
    def renewals(self) -> Renewals:
        """Who renews tokens: nobody, with the sandbox's own."""
        return Renewals(self.world.store, None, self.sandbox.api_url)

    @property
    def accounts(self) -> Accounts:
        """Who asks the sandbox how people's accounts stand."""
        return Accounts(self.world.store, self.connections)

    @property
    def homes(self) -> Homes:
        """Who publishes home tabs in the background."""
        return Homes(self.world.store, self.connections)

    def say(self, who: str, line: str, channel: str | None = None) -> Reply:
        """A person types a command, in the case's channel unless another is named."""
        reply = self.people[who].command(line, channel or self.channel)
        assert reply.error == "", reply.error
        return reply

    def screen_of(self, who: str) -> Acting:
        """A person before the case's channel, acting on what they read there."""
        return self.sandbox.as_(self.people[who], in_=self.channel)

    def task(self, no: int) -> Any:
        """The row of a task of the case."""
        return self.row("SELECT * FROM tasks WHERE case_id = :case AND no = :no", case=self.case.id, no=no)

    def holder(self, no: int) -> str | None:
        """Who holds a task, by first name."""
        held = self.task(no).holder_id
        return next((name for name, person in self.world.staff.items() if person.id == held), None)

    def row(self, query: str, **values: object) -> Any:
        """One row of the database, or None."""
        with self.engine.connect() as connection:
            return connection.execute(text(query), values).one_or_none()

    def rows(self, query: str, **values: object) -> list[Any]:
        """Rows of the database."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(query), values).all())

    def notices(self, kind: str) -> list[Any]:
        """Notices of a kind, oldest first."""
        return self.rows("SELECT * FROM notices WHERE kind = :kind ORDER BY seq", kind=kind)

    def fingerprint(self) -> dict[str, Any]:
        """Everything that a command could change, to show that one changed nothing; refusals are noted apart."""
        queries = {
            "tasks": "SELECT id, state, holder_id, version, evidence::text, waiting_on, reason FROM tasks ORDER BY id",
            "cases": "SELECT id, state FROM cases ORDER BY id",
            "dates": "SELECT case_id, name, day, at FROM key_dates ORDER BY 1, 2",
            "components": "SELECT id, kind, part, custom, supply, withdrawn_at FROM components ORDER BY id",
            "handoffs": "SELECT id, state FROM handoffs ORDER BY id",
            "questions": "SELECT id, state, answer FROM questions ORDER BY id",
            "notices": "SELECT id, kind FROM notices ORDER BY seq",
            "done": "SELECT action, object_id FROM audit_entries WHERE result <> 'refused' ORDER BY seq",
        }
        return {name: self.rows(query) for name, query in queries.items()}

    def ephemeral(self, who: str, channel: str | None = None, *, after: int = 0) -> str:
        """The newest text that only this person sees in the channel, once there are more than `after`."""
        there = channel or self.channel
        person = self.people[who]
        self.sandbox.wait(lambda: len(person.ephemerals(there)) > after, message="nothing was whispered")
        return str(person.ephemerals(there)[-1]["text"])

    def post(self, blocks: list[dict[str, Any]], said: str = "A post") -> str:
        """Have the app post in the case's channel; returns the message's name."""
        gateway = Gateway(self.sandbox.bot_token, self.sandbox.api_url)
        return str(gateway.call("chat.postMessage", channel=self.channel, text=said, blocks=blocks)["ts"])

    def modal(self, who: str) -> dict[str, Any]:
        """The modal that a person has before them, once there is one."""
        person = self.people[who]
        self.sandbox.wait(lambda: person.views(), message="no modal was opened")
        return dict(person.views()[-1])


@contextmanager
def office_at_work(
    world: World, sandbox: Sandbox, engine: Engine, transport: str, people: Mapping[str, Person]
) -> Iterator[Office]:
    """The app over a transport, `socket` or `http`, and one case with its channel."""
    settings = settings_of(sandbox)
    with ExitStack() as stack:
        # How soon Slack is answered is measured by the benchmarks: a machine that is busy with other tests may be slow.
        sandbox.configure(ack_timeout=20, trigger_seconds=20)
        inbound, port = build_app(settings, world.store), 0
        stack.callback(inbound.close)
        if transport == "socket":
            assert settings.slack_app_token is not None
            connection = SocketMode(inbound, settings.slack_app_token.get_secret_value(), settings.slack_api_url)
            stack.callback(connection.close)
            connection.start()
            sandbox.wait(lambda: sandbox.connections() > 0, message="no connection")
        else:
            server = stack.enter_context(Server(build_web(settings, world.store, inbound)))
            port = server.port
            sandbox.configure(request_url=f"http://127.0.0.1:{port}/slack/events")
        case, channel = _case(world, sandbox, engine, people)
        desk = sandbox.channel("front-desk", members=[person.id for person in people.values()])
        yield Office(world, sandbox, engine, inbound, people, case, channel, desk, port)


def settings_of(sandbox: Sandbox, **more: object) -> Settings:
    """The settings with which an app runs against a sandbox."""
    return Settings.model_validate(dict(sandbox.env()) | more)


def join_sandbox(world: World, sandbox: Sandbox, engine: Engine) -> dict[str, Person]:
    """Everybody of the practice as a person of the sandbox's workspace, which the program is bound to."""
    people = {}
    with engine.begin() as connection:
        team = str(sandbox.status()["team"])
        connection.execute(text("UPDATE programs SET slack_team_id = :team"), {"team": team})
        for name, person in world.staff.items():
            people[name] = sandbox.person(name, real_name=person.name)
            values = {"slack": people[name].id, "id": person.id}
            connection.execute(text("UPDATE staff SET slack_user_id = :slack WHERE id = :id"), values)
            person.slack_user_id = people[name].id
    return people


def _case(world: World, sandbox: Sandbox, engine: Engine, people: Mapping[str, Person]) -> tuple[Case, str]:
    with world.store.read() as uow:
        there = uow.session.execute(select(Case)).scalar_one_or_none()
    case = there or open_the_case(world)
    gateway = Gateway(sandbox.bot_token, sandbox.api_url)
    channel = gateway.create_channel(f"case-{case.code.lower()}").id
    gateway.invite(channel, [person.id for person in people.values()])
    with engine.begin() as connection:
        values = {"slack": channel, "case": case.id}
        connection.execute(text("UPDATE channels SET slack_id = :slack, state = 'open' WHERE case_id = :case"), values)
    return case, channel


def until(condition: Callable[[], object], within: float = 20.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


def buttons(reply: Reply) -> list[tuple[str, str]]:
    """Action and value of each button of an answer."""
    return [
        (str(element["action_id"]), str(element.get("value", "")))
        for block in reply.blocks
        for element in block.get("elements", [])  # type: ignore[attr-defined]
        if element.get("type") == "button"
    ]


def secret_of(settings: Settings) -> str:
    """The signing secret, to sign requests as Slack does."""
    assert isinstance(settings.slack_signing_secret, SecretStr)
    return settings.slack_signing_secret.get_secret_value()
