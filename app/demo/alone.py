"""The local Slack alone, with the app installed as its manifest says: to run the app against by hand."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.sandbox import SandboxError, start
from app.sandbox.world import ALL_EVENTS
from app.slack.manifest import BOT_SCOPES, EVENTS, manifest

FIRST_PEOPLE = ("ana", "lea")
CHANNEL = "general"


class DidNotServe(RuntimeError):
    """The local Slack could not start; the message says why."""


@dataclass(frozen=True)
class Workspace:
    """A workspace that is served: its address, the settings to run the app with, and the people's ids by name."""

    url: str
    environment: Mapping[str, str]
    people: Mapping[str, str]


@contextmanager
def served(
    port: int, ledger: Path | None, *, request_url: str = "", unlimited: bool = False, people: Sequence[str] = ()
) -> Iterator[Workspace]:
    """Serve until the block ends, with `people` (and two to begin with, where nobody is) in #general.

    With `request_url` the app gets signed HTTP there, and no token for Socket Mode. Raises `DidNotServe`.
    """
    features = manifest()["features"]
    settings = {
        "commands": features["slash_commands"],
        "shortcuts": features["shortcuts"],
        "events": sorted(ALL_EVENTS & set(EVENTS)),
        "scopes": BOT_SCOPES,
        "request_url": request_url,
    }
    try:
        sandbox = start(port, ledger, unlimited=unlimited, settings=settings)
    except SandboxError as error:
        raise DidNotServe(str(error)) from error
    except OSError as error:
        raise DidNotServe(f"{error.strerror or error}: name another --port or --ledger.") from error
    with sandbox:
        try:
            for name in people or (() if sandbox.people() else FIRST_PEOPLE):
                sandbox.person(name)
            everybody = {person.name: person for person in sandbox.people()}
            channel = sandbox.channel(CHANNEL, members=list(everybody), general=True)
            inside = sandbox.channel_info(channel)["members"]
            for person in everybody.values():
                if isinstance(inside, list) and person.id not in inside:
                    person.join(channel)
        except SandboxError as error:
            raise DidNotServe(str(error)) from error
        environment = sandbox.env()
        if request_url:
            del environment["SLACK_APP_TOKEN"]
        yield Workspace(sandbox.base_url, environment, {name: person.id for name, person in everybody.items()})
