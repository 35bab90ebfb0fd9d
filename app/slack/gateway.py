"""The only caller of Slack's Web API."""

import http.client
import json
import logging
import re
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Self

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from app.notices.port import Attachment, ChannelFacts, Message
from app.slack.errors import (
    AMBIGUOUS,
    RATE_LIMITED,
    TOKEN_FAILURES,
    AlreadySo,
    Ambiguous,
    ChannelLost,
    FilesRefused,
    NotInChannel,
    NotSent,
    PersonUnknown,
    RateLimited,
    Refused,
    Uninstalled,
    Unreachable,
    refused,
)

TIMEOUT: Final = 10.0
"""Seconds that a call may take to connect, and again between two pieces of its answer."""
EVENT_TYPE: Final = "caseboard_notice"
DEFAULT_RETRY_AFTER: Final = 30.0
PAGE: Final = 200
MOST_INVITED: Final = 100  # people per call (reference of conversations.invite)
UPLOAD_PASSES: Final = (408, 425, 429)
"""With these a file's address, like any server that fails, may be tried again; with others of the 400s it refuses."""
UPLOAD_EXPIRED: Final = (404, 410)
"""With these a file's address has expired; Slack names another one when asked."""
_CODE = re.compile(r"[a-z][a-z0-9_]{1,60}")
_SILENT = logging.getLogger("caseboard.slack.sdk")
_SILENT.setLevel(logging.CRITICAL + 1)  # the client logs what it sends and gets; nothing of that may be kept

Answer = Mapping[str, object]


class Gateway:
    """Calls Slack's Web API, once each: a repeat is decided where it is known whether it is harmless.

    Every method raises what `app.slack.errors` lists and nothing else. Safe for any number of threads. A call is
    bounded by `timeout` seconds to connect and between two pieces of an answer, so a server that answers in
    drops can hold one for longer.

    Args:
        token: of the app in one workspace; `team` and `user_id` are that workspace and the app's user there, asked of
            Slack where they are not given.
        ended: told Slack's code when it says that the token is good no more.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        timeout: float = TIMEOUT,
        team: str | None = None,
        user_id: str | None = None,
        ended: Callable[[str], None] | None = None,
    ) -> None:
        # The client's default handler re-sends after a broken connection: two posts, one answer.
        self._client = WebClient(
            token=token, base_url=base_url, timeout=timeout, retry_handlers=[], logger=_SILENT  # type: ignore[arg-type]
        )  # fmt: skip
        self._user_id = user_id
        self._team = team
        self._ended = ended

    def with_token(self, token: str, *, team: str, user_id: str, ended: Callable[[str], None]) -> Self:
        """The same way with another workspace's token."""
        return type(self)(
            token,
            self._client.base_url,
            timeout=self._client.timeout,
            team=team,
            user_id=user_id,
            ended=ended,
        )

    def call(self, method: str, **arguments: object) -> Answer:
        """Any method; arguments that are None are left out, lists and mappings are sent as JSON."""
        answer = self._ask(method, arguments)
        if answer.get("ok") is not True:
            raise self._refused(_text(answer, "error"))
        return answer

    def _refused(self, code: str) -> Refused:
        """What Slack's code means; that the token has ended is said to whoever waits for that."""
        error = refused(code)
        if isinstance(error, Uninstalled) and self._ended is not None:
            self._ended(code)
        return error

    def _ask(self, method: str, arguments: Mapping[str, object]) -> Answer:
        """What Slack answered, be it ok or a definite refusal; everything else is raised."""
        form = {name: _form(value) for name, value in arguments.items() if value is not None}
        try:
            answer = self._client.api_call(method, params=form).data
        except SlackApiError as error:
            return _definite(method, error)
        except urllib.error.URLError as error:
            raise _broken(method, error.reason) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError, AttributeError) as error:
            raise _broken(method, error) from None
        if not isinstance(answer, dict):
            raise Ambiguous(f"{method}: the answer cannot be read")
        return answer

    def user_id(self) -> str:
        """The app's own user id, asked once."""
        if self._user_id is None:
            self._user_id = _text(self.call("auth.test"), "user_id")
        return self._user_id

    def post(
        self, channel: str, message: Message, metadata: Mapping[str, object], *, thread_ts: str | None = None
    ) -> str:
        """Post a message; returns its timestamp, which is its name in the channel."""
        answer = self.call(
            "chat.postMessage",
            channel=channel,
            text=message.text,
            blocks=list(message.blocks),
            metadata={"event_type": EVENT_TYPE, "event_payload": dict(metadata)},
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
        )
        return _text(answer, "ts")

    def edit(self, channel: str, ts: str, message: Message, metadata: Mapping[str, object]) -> None:
        """Replace a message of ours. Harmless to repeat."""
        self.call(
            "chat.update",
            channel=channel,
            ts=ts,
            text=message.text,
            blocks=list(message.blocks),
            metadata={"event_type": EVENT_TYPE, "event_payload": dict(metadata)},
        )

    def find(self, channel: str, notice_id: str, *, since: str | None, thread_ts: str | None = None) -> str | None:
        """The timestamp of the message that carries a notice's id, or None.

        Looks at what is newer than the message `since`, in a thread or in the channel, to the last page.
        """
        looked = {"channel": channel, "oldest": since, "include_all_metadata": True, "limit": PAGE}
        pages = (
            self._pages("conversations.replies", ts=thread_ts, **looked)
            if thread_ts
            else self._pages("conversations.history", **looked)
        )
        for page in pages:
            for message in _objects(page, "messages"):
                metadata = _object(message, "metadata")
                if metadata.get("event_type") != EVENT_TYPE:
                    continue
                if _object(metadata, "event_payload").get("id") == notice_id:
                    return _text(message, "ts")
        return None

    def upload(self, files: Sequence[Attachment]) -> list[str]:
        """Bring files to Slack; nobody sees them before they are shared. Returns their ids, in order."""
        return [self._bring(file) or self._bring_again(file) for file in files]

    def _bring_again(self, file: Attachment) -> str:
        """An address that has expired is asked for anew, once."""
        found = self._bring(file)
        if found is None:
            raise FilesRefused("upload_expired", "The address for the file had expired, and a new one too")
        return found

    def _bring(self, file: Attachment) -> str | None:
        """Bring a file; returns its id, None when its address had expired."""
        answer = self._file_call(
            "files.getUploadURLExternal", filename=file.name, length=len(file.content), alt_txt=file.alt or None
        )
        id_ = _text(answer, "file_id")
        return id_ if self._put(_text(answer, "upload_url"), file.content) else None

    def _put(self, url: str, content: bytes) -> bool:
        """The bytes of a file to where Slack said; only over TLS, or to the host that the calls go to.

        Returns False when the address has expired.
        """
        try:
            there, here = urllib.parse.urlsplit(url), urllib.parse.urlsplit(self._client.base_url)
            safe = there.scheme == "https" or (there.scheme, there.netloc) == (here.scheme, here.netloc)
            if not safe or not there.hostname or there.port == 0:  # asking for the port checks it
                raise _unsafe()
            # Checked above: https, or where all calls go.
            request = urllib.request.Request(  # noqa: S310
                url, content, {"Content-Type": "application/octet-stream"}, method="POST"
            )
            with urllib.request.urlopen(request, timeout=self._client.timeout) as answer:  # noqa: S310
                answer.read()
                return True
        except urllib.error.HTTPError as error:
            if error.code in UPLOAD_EXPIRED:
                return False
            if 400 <= error.code < 500 and error.code not in UPLOAD_PASSES:
                raise FilesRefused("upload_refused", f"The file was turned away with HTTP {error.code}") from None
            raise Ambiguous(f"the upload: HTTP {error.code}") from None
        except urllib.error.URLError as error:
            raise _broken("the upload", error.reason) from None
        except http.client.InvalidURL:
            raise _unsafe() from None
        except (OSError, http.client.HTTPException) as error:
            raise _broken("the upload", error) from None
        except ValueError:  # the address has no such port, or its host is no name
            raise _unsafe() from None

    def share(self, channel: str, text: str, files: Mapping[str, str]) -> None:
        """Post uploaded files, their titles by id, as one message."""
        named = [{"id": id_, "title": title} for id_, title in files.items()]
        self._file_call("files.completeUploadExternal", files=named, channel_id=channel, initial_comment=text)

    def _file_call(self, method: str, **arguments: object) -> Answer:
        """A call about files. What is refused there counts as refused to files alone, so that the words still go out.

        Where the words are not welcome either, their own call is told so. Only what they would meet for certain keeps
        its name: a channel that is lost, and a token with which nothing can be called.
        """
        try:
            return self.call(method, **arguments)
        except ChannelLost:
            raise
        except Refused as error:
            if error.code in TOKEN_FAILURES:
                raise
            words = "The app lacks the scope files:write" if error.code == "missing_scope" else error.words
            raise FilesRefused(error.code, words) from None

    def find_files(self, channel: str, files: Sequence[str], *, since: str | None) -> str | None:
        """The timestamp of the message that shows one of the files, or None."""
        for page in self._pages("conversations.history", channel=channel, oldest=since, limit=PAGE):
            for message in _objects(page, "messages"):
                if any(file.get("id") in files for file in _objects(message, "files")):
                    return _text(message, "ts")
        return None

    def create_channel(self, name: str) -> ChannelFacts:
        """Make a private channel. Raises `NameTaken` also for names of archived and hidden channels."""
        return _facts(_object(self.call("conversations.create", name=name, is_private=True), "channel"))

    def own_channel(self, name: str) -> ChannelFacts | None:
        """The private channel of that name that the app itself made and is in, archived or not."""
        pages = self._pages("users.conversations", types="private_channel", exclude_archived=False, limit=PAGE)
        for page in pages:
            for channel in _objects(page, "channels"):
                facts = _facts(channel)
                if facts.name == name and facts.creator == self.user_id():
                    return facts
        return None

    def channel(self, channel: str) -> ChannelFacts:
        """What Slack says of a channel."""
        return _facts(_object(self.call("conversations.info", channel=channel), "channel"))

    def set_topic(self, channel: str, topic: str) -> None:
        """Set the topic, at most 250 characters."""
        self.call("conversations.setTopic", channel=channel, topic=topic)

    def invite(self, channel: str, users: Sequence[str]) -> dict[str, str]:
        """Invite people, and those who cannot come do not keep the others out.

        Returns why, in words, for each person who is not in the channel now.
        """
        absent: dict[str, str] = {}
        for start in range(0, len(users), MOST_INVITED):
            absent |= self._invite(channel, users[start : start + MOST_INVITED])
        return {user: refused(code).words for user, code in absent.items()}

    def _invite(self, channel: str, users: Sequence[str]) -> dict[str, str]:
        answer = self._ask("conversations.invite", {"channel": channel, "users": ",".join(users), "force": True})
        problems = {_text(one, "user"): _text(one, "error") for one in _objects(answer, "errors")}
        if answer.get("ok") is not True and not problems:
            error = self._refused(_text(answer, "error"))
            if not isinstance(error, (PersonUnknown, AlreadySo)):
                raise error
            if len(users) > 1:  # a code, and nobody named: ask for each alone
                return {user: code for one in users for user, code in self._invite(channel, [one]).items()}
            problems = {users[0]: error.code}
        return {user: code for user, code in problems.items() if not isinstance(refused(code), AlreadySo)}

    def remove(self, channel: str, user: str) -> None:
        """Take a person out of a channel; whoever is not in it, or not in the workspace any more, stays out."""
        try:
            self.call("conversations.kick", channel=channel, user=user)
        except (NotInChannel, PersonUnknown):
            return

    def pin(self, channel: str, ts: str) -> None:
        """Pin a message; one that is pinned already stays so."""
        try:
            self.call("pins.add", channel=channel, timestamp=ts)
        except AlreadySo:
            return

    def archive(self, channel: str) -> None:
        """Archive a channel; one that is archived already stays so."""
        try:
            self.call("conversations.archive", channel=channel)
        except AlreadySo:
            return

    def unarchive(self, channel: str) -> None:
        """Bring an archived channel back. Slack lets a bot do that only in channels that it is still in."""
        try:
            self.call("conversations.unarchive", channel=channel)
        except AlreadySo:
            return

    def team(self) -> str:
        """The workspace that the token belongs to; asked once."""
        if self._team is None:
            self._team = _text(self.call("auth.test"), "team_id")
        return self._team

    def direct(self, user: str) -> str:
        """The id of the direct messages with a person."""
        return _text(_object(self.call("conversations.open", users=user), "channel"), "id")

    def _pages(self, method: str, **arguments: object) -> Iterator[Answer]:
        cursor: str | None = None
        while True:
            answer = self.call(method, cursor=cursor, **arguments)
            yield answer
            cursor = str(_object(answer, "response_metadata").get("next_cursor") or "")
            if not cursor:
                return


def _definite(method: str, error: SlackApiError) -> Answer:
    """The refusal in an answer, if the answer is one that can be trusted."""
    response = error.response
    status, data = response.status_code, response.data
    code = data.get("error") if isinstance(data, dict) else None
    if status == 429 or code in RATE_LIMITED:
        raise RateLimited(_retry_after(response.headers), method) from None
    if status >= 500 or not isinstance(code, str) or not _CODE.fullmatch(code) or code in AMBIGUOUS:
        shown = code if isinstance(code, str) and _CODE.fullmatch(code) else f"HTTP {status}"
        raise Ambiguous(f"{method}: Slack answered {shown}, which does not say whether it was done") from None
    assert isinstance(data, dict)
    return data


def _broken(method: str, reason: BaseException | str) -> NotSent:
    """What a broken connection means. Only before a request can be on its way is it definite."""
    if isinstance(reason, (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)):
        return Unreachable(f"{method}: no connection to Slack ({type(reason).__name__})")
    what = type(reason).__name__ if isinstance(reason, BaseException) else "no answer"
    return Ambiguous(f"{method}: the connection broke ({what}) before there was an answer")


def _unsafe() -> FilesRefused:
    return FilesRefused("upload_unsafe", "Slack named an address for files that is not safe")


def _retry_after(headers: Mapping[str, object]) -> float:
    for name, value in headers.items():
        if name.lower() == "retry-after":
            found = value[0] if isinstance(value, list) and value else value
            try:
                return min(max(float(str(found)), 1.0), 3600.0)
            except ValueError:
                break
    return DEFAULT_RETRY_AFTER


def _form(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def _object(answer: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = answer.get(name)
    return found if isinstance(found, dict) else {}


def _objects(answer: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = answer.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _text(answer: Mapping[str, object], name: str) -> str:
    """A text that an answer must have; without it the answer cannot be trusted."""
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        raise Ambiguous(f"the answer has no {name}")
    return found


def _facts(channel: Mapping[str, object]) -> ChannelFacts:
    return ChannelFacts(
        id=_text(channel, "id"),
        name=str(channel.get("name") or ""),
        archived=channel.get("is_archived") is True,
        creator=str(channel.get("creator") or ""),
    )
