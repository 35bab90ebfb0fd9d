"""A client to a running sandbox, in this process or another: acts as people, reads what is there.

Uses the control API over HTTP only, with the standard library. Safe to use from several threads.
"""

import http.client
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import unquote_plus, urlsplit

from app.sandbox.acting import Acting
from app.sandbox.errors import RefusedError
from app.sandbox.jsontypes import JsonObject, as_object, as_objects, as_text, dumps, loads
from app.sandbox.person import Person, Reply

__all__ = ["Person", "Reply", "SandboxClient"]


KEPT_SECONDS = 20.0
"""An idle connection is not used again after so long: the sandbox closes it after a minute."""


class SandboxClient:
    """Talks to the sandbox at `base_url` (`http://127.0.0.1:PORT`).

    Methods raise `RefusedError` when what they ask for is not possible there.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._address = urlsplit(self.base_url).netloc
        self._local = threading.local()

    @property
    def api_url(self) -> str:
        """What `SLACK_API_URL` has to be."""
        return f"{self.base_url}/api/"

    def env(self) -> dict[str, str]:
        """The settings with which an app runs against this sandbox."""
        status = self.status()
        return {
            "SLACK_API_URL": self.api_url,
            "SLACK_BOT_TOKEN": as_text(status["bot_token"]),
            "SLACK_APP_TOKEN": as_text(status["app_token"]),
            "SLACK_SIGNING_SECRET": as_text(status["signing_secret"]),
        }

    def status(self) -> JsonObject:
        """Ids, tokens, connections of the app, events under way, size of the ledger."""
        return self.ask("status")

    def person(
        self,
        name: str,
        *,
        real_name: str = "",
        tz: str = "America/New_York",
        email: str = "",
        guest: str = "",
        team: str = "",
        is_admin: bool = False,
        deactivated: bool = False,
    ) -> Person:
        """The person of this name, added when there is none. `guest` is "multi" or "single".

        Somebody of another `team` (its id) is here in shared channels only, and cannot use commands.
        """
        about = self.ask(
            "person.add", name=name, real_name=real_name, tz=tz, email=email, guest=guest, team=team,
            is_admin=is_admin, deleted=deactivated,
        )  # fmt: skip
        return self._person(about)

    def as_(self, person: Person | str, *, in_: str = "", within: float = 5.0) -> Acting:
        """A person, or the one of that name, at their screen: `as_(ana, in_=channel).click("Claim")`.

        `in_` is where they are, and `within` how long they wait to see something, in seconds.
        """
        who = self.person(person) if isinstance(person, str) else person
        return Acting(who, self._names, self.wait, in_, within)

    def _names(self) -> dict[str, str]:
        everybody = as_objects(self.ask("person.list")["people"])
        return {as_text(about["id"]): as_text(about["real_name"]) for about in everybody}

    def people(self) -> list[Person]:
        """Everybody but the app."""
        everybody = as_objects(self.ask("person.list")["people"])
        return [self._person(about) for about in everybody if about.get("is_bot") is not True]

    def _person(self, about: JsonObject) -> Person:
        return Person(
            self.ask,
            id=as_text(about["id"]),
            name=as_text(about["name"]),
            real_name=as_text(about["real_name"]),
            tz=as_text(about["tz"]),
        )

    def channel(
        self,
        name: str,
        *,
        private: bool = False,
        creator: str = "",
        members: Sequence[str] = (),
        general: bool = False,
    ) -> str:
        """The id of the channel of this name; made, with these people in it, when there is none."""
        made = self.ask(
            "channel.create",
            name=name,
            private=private,
            creator=creator,
            members=list(members),
            general=general,
        )
        return as_text(made["id"])

    def channels(self) -> list[JsonObject]:
        """All channels, private ones and direct messages too, each with its `members`."""
        return as_objects(self.ask("channel.list")["channels"])

    def channel_info(self, channel: str) -> JsonObject:
        """One channel, by id or name, with its `members`."""
        return self.ask("channel.get", channel=channel)

    def messages(
        self, channel: str, thread_ts: str | None = None, *, limit: int = 0, system: bool = False
    ) -> list[JsonObject]:
        """A channel's messages, oldest first, metadata included; with `thread_ts` a thread, its root first.

        `limit` keeps the newest; `system` adds what Slack writes itself (joined, archived, topic).
        """
        given: JsonObject = {"channel": channel, "limit": limit, "system": system}
        if thread_ts:
            given["thread_ts"] = thread_ts
        return as_objects(self.ask("message.list", **given)["messages"])

    def pins(self, channel: str) -> list[JsonObject]:
        """The pinned messages of a channel, newest pin first."""
        return as_objects(self.ask("pin.list", channel=channel)["messages"])

    def bookmarks(self, channel: str) -> list[JsonObject]:
        """The bookmarks of a channel."""
        return as_objects(self.ask("bookmark.list", channel=channel)["bookmarks"])

    def files(self, channel: str) -> list[JsonObject]:
        """The files that are shared in a channel, newest first."""
        return as_objects(self.ask("file.list", channel=channel)["files"])

    def download(self, file: JsonObject, person: Person | str) -> bytes:
        """The content of a file, fetched by a person (or the one of that id).

        Raises:
            RefusedError: this person cannot see it.
        """
        who = person if isinstance(person, str) else person.id
        return self._request("GET", f"{urlsplit(as_text(file['url_private_download'])).path}?as={who}")

    def fault(
        self,
        method: str,
        kind: str,
        *,
        probability: float | None = None,
        times: int | None = None,
        seed: int | None = None,
    ) -> int:
        """Let calls of a method, or pattern like `chat.*`, meet a fault of `faults.KINDS`; its id."""
        given: JsonObject = {"method": method, "kind": kind}
        optional = {"probability": probability, "times": times, "seed": seed}
        given |= {key: value for key, value in optional.items() if value is not None}
        id_ = self.ask("fault.add", **given)["id"]
        return id_ if isinstance(id_, int) else 0

    def faults(self) -> list[JsonObject]:
        """The fault rules in force, with how often each `fired`."""
        return as_objects(self.ask("fault.list")["faults"])

    def clear_faults(self, id_: int | None = None) -> None:
        """Remove one fault rule, or all."""
        self.ask("fault.clear", **({} if id_ is None else {"id": id_}))

    def configure(self, **settings: object) -> None:
        """Change `request_url`, `events`, `commands`, `ack_timeout`, `retry_delays`, `rate` or others.

        All are in `world.Settings`; `rate=None` removes all rate limits.
        """
        self.ask("settings.set", **settings)

    def uninstall(self) -> None:
        """Remove the app from the workspace: its tokens end, `app_uninstalled` and `tokens_revoked` are sent."""
        self.ask("app.uninstall")

    def revoke(self) -> None:
        """Take the app's tokens back; `tokens_revoked` is sent."""
        self.ask("app.revoke")

    def expire(self, *, refresh: bool = False) -> None:
        """Bring every token that rotates to its end; with `refresh`, its refresh token too."""
        self.ask("token.expire", refresh=refresh)

    def disconnect(self, reason: str = "", *, close_after: float | None = 0.0) -> int:
        """Cut the app's Socket Mode connections, after a disconnect frame if there is a reason. How many."""
        count = self.ask("sockets.disconnect", reason=reason, close_after=close_after)["connections"]
        return count if isinstance(count, int) else 0

    def connections(self) -> int:
        """How many Socket Mode connections the app has."""
        count = self.status()["connections"]
        return count if isinstance(count, int) else 0

    def ledger(self, since: int = 0, *, kind: str = "") -> list[JsonObject]:
        """The ledger's lines after number `since`; with `kind`, only calls, deliveries or changes."""
        wanted = f'{{"kind":"{kind}'.encode() if kind else b""
        return [as_object(loads(line)) for line in self._ledger_lines(since) if line.startswith(wanted)]

    def _ledger_lines(self, since: int) -> list[bytes]:
        return self._request("GET", f"/control/ledger?since={since}").splitlines()

    def wait(
        self,
        condition: Callable[[], object],
        timeout: float = 15.0,
        *,
        message: str = "the condition did not come true",
    ) -> None:
        """Wait until `condition()` is true; looked at whenever something happens, and 20 times a second.

        Raises:
            TimeoutError: it did not become true in `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        seq = 0
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{message} (waited {timeout:g} s)")
            pulse = as_object(loads(self._request("GET", f"/control/pulse?since={seq}&timeout=0.05")))
            now = pulse["seq"]
            seq = now if isinstance(now, int) else seq

    def ask(self, verb: str, **given: object) -> JsonObject:
        """One request to the control API.

        Raises:
            RefusedError: it is refused.
            OSError: the sandbox cannot be reached.
        """
        return as_object(loads(self._request("POST", f"/control/{verb}", given)))

    def close(self) -> None:
        """Close this thread's connection to the sandbox."""
        connection = self._local.__dict__.pop("connection", None)
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _request(self, method: str, path: str, given: Mapping[str, object] | None = None) -> bytes:
        body = None if given is None else dumps(dict(given)).encode("utf-8", "surrogatepass")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection = self._connection()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if response.status >= 400:
            raise RefusedError(_words(answer, response.status))
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        kept, used = self._local.__dict__.get("connection"), self._local.__dict__.get("used", 0.0)
        self._local.used = time.monotonic()
        if isinstance(kept, http.client.HTTPConnection):
            if self._local.used - used < KEPT_SECONDS:
                return kept
            kept.close()
        made = http.client.HTTPConnection(self._address, timeout=120)
        self._local.connection = made
        return made


def _words(answer: bytes, status: int) -> str:
    try:
        return as_text(as_object(loads(answer)).get("refused"), f"HTTP {status}")
    except ValueError:
        return f"HTTP {status}: {answer[:200].decode('utf-8', 'replace')}"


def received_texts(lines: list[JsonObject]) -> Iterator[str]:
    """Every text that the sandbox received from the app, decoded, from the ledger's calls, deliveries and changes.

    The content of files is in the changes, and given as text whatever it is. JSON and form bodies are given both as
    they came and decoded, so that a search for a text finds it however it was escaped.
    """
    for line in lines:
        request = as_object(line.get("request"))
        if line.get("kind") == "delivery":
            yield dumps(line.get("answer"))
            continue
        if line.get("type") == "file.uploaded":
            yield b64decode(as_text(as_object(line.get("data")).get("content"))).decode("utf-8", "backslashreplace")
        for part in ("query", "body", "url"):
            text = as_text(request.get(part))
            if text:
                yield text
                yield unquote_plus(text)
                try:
                    yield dumps(loads(text))
                except ValueError:
                    continue
