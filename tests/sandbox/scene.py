"""A workspace with one of everything, and for each Web API method a call that is answered there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.request import Request, urlopen

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from app.sandbox import Person, Sandbox
from app.sandbox.jsontypes import JsonObject, dumps
from tests.sandbox.conftest import client_of

Arguments = dict[str, object]
BOT = "U0SANDBOT01"
LINK = "http://127.0.0.1:8000/cases/K7Q4"
CLIENT: Arguments = {"client_id": "1234567890.sandbox", "client_secret": "sandbox-client-secret"}
BACK = "http://127.0.0.1:9/slack/oauth_redirect"
NOWHERE, NOBODY = "C0NOWHERE01", "U0NOBODY001"


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


DIVIDER: JsonObject = {"type": "divider"}


def modal(**more: object) -> JsonObject:
    return {"type": "modal", "title": plain("A"), "blocks": [DIVIDER], **more}


def home(**more: object) -> JsonObject:
    return {"type": "home", "blocks": [DIVIDER], **more}


@dataclass
class Scene:
    """The app is in `case` (private, made by it, with Ana) and in `dm` with Ana, and not in `hall` (public, hers).

    `ts` is a message of the app in `case` with one reply, `theirs` one of Ana's.
    """

    sandbox: Sandbox
    web: WebClient
    ana: Person
    ben: Person
    case: str
    hall: str
    dm: str
    ts: str
    theirs: str
    clients: dict[str, WebClient] = field(default_factory=dict)

    def trigger(self, *, from_modal: bool = False) -> str:
        """A trigger of an interaction of Ana's."""
        return self.sandbox.world.triggers.issue(self.ana.id, from_modal=from_modal).id

    def allowed(self) -> str:
        """A code, as Ana has allowed the app to come in."""
        return self.sandbox.world.grants.allow(BACK, ["chat:write"], self.ana.id)

    def open_modal(self, **more: object) -> JsonObject:
        """A modal open before Ana."""
        view: JsonObject = self.web.views_open(trigger_id=self.trigger(), view=modal(**more))["view"]
        return view

    def client(self, method: str) -> WebClient:
        """The client with the token that a method takes."""
        token = "xapp-sandbox" if method == "apps.connections.open" else "xoxb-sandbox"
        if token not in self.clients:
            self.clients[token] = client_of(self.sandbox, token)
        return self.clients[token]

    def call(self, method: str, arguments: Mapping[str, object], **how: object) -> SlackResponse:
        """Call a method as forms do: what is nested goes as JSON."""
        flat = {key: dumps(value) if isinstance(value, dict | list) else value for key, value in arguments.items()}
        return self.client(method).api_call(method, data=flat, **how)  # type: ignore[arg-type]

    def code(self, method: str, arguments: Mapping[str, object], **how: object) -> str:
        """The error code that a call is refused with; empty when it is answered."""
        try:
            self.call(method, arguments, **how)
        except SlackApiError as error:
            return str(error.response["error"])
        return ""


def set_scene(sandbox: Sandbox) -> Scene:
    """A fresh one."""
    web = client_of(sandbox)
    ana, ben = sandbox.person("ana", real_name="Ana Diaz"), sandbox.person("ben", real_name="Ben Okafor")
    case: str = web.conversations_create(name="case-k7q4", is_private=True)["channel"]["id"]
    web.conversations_invite(channel=case, users=[ana.id])
    hall = sandbox.channel("hall", creator="ana")
    ts: str = web.chat_postMessage(channel=case, text="root", metadata={"event_type": "x", "event_payload": {}})["ts"]
    web.chat_postMessage(channel=case, text="reply", thread_ts=ts)
    return Scene(sandbox, web, ana, ben, case, hall, ana.dm(), ts, ana.post(case, "mine"))


def _pushed(scene: Scene) -> Arguments:
    scene.open_modal()
    return {"trigger_id": scene.trigger(from_modal=True), "view": modal()}


def _archived(scene: Scene) -> Arguments:
    scene.web.conversations_archive(channel=scene.case)
    return {"channel": scene.case}


def _pinned(scene: Scene) -> Arguments:
    scene.web.pins_add(channel=scene.case, timestamp=scene.ts)
    return {"channel": scene.case, "timestamp": scene.ts}


def _listed(scene: Scene) -> Arguments:
    _pinned(scene)
    return {"channel": scene.case}


def _bookmarked(scene: Scene) -> Arguments:
    scene.web.bookmarks_add(channel_id=scene.case, title="t", type="link", link=LINK)
    return {"channel_id": scene.case}


def uploaded(scene: Scene) -> str:
    """The id of a file whose bytes were sent, its upload not completed."""
    begun = scene.web.files_getUploadURLExternal(filename="note.txt", length=5)
    with urlopen(Request(begun["upload_url"], b"hello", method="POST")) as answer:
        assert answer.status == 200
    return str(begun["file_id"])


def shared(scene: Scene) -> str:
    """The id of a file in `case`."""
    file = uploaded(scene)
    scene.web.files_completeUploadExternal(files=[{"id": file}], channel_id=scene.case)
    return file


CALLS: dict[str, Callable[[Scene], Arguments]] = {
    "auth.test": lambda _: {},
    "api.test": lambda _: {},
    "apps.connections.open": lambda _: {},
    "oauth.v2.access": lambda scene: CLIENT | {"code": scene.allowed(), "redirect_uri": BACK},
    "team.info": lambda _: {},
    "bots.info": lambda _: {"bot": "B0SANDBOX01"},
    "users.info": lambda scene: {"user": scene.ana.id},
    "users.list": lambda _: {},
    "users.lookupByEmail": lambda _: {"email": "ana@sandbox.example"},
    "users.conversations": lambda _: {"types": "public_channel,private_channel"},
    "conversations.create": lambda _: {"name": "another"},
    "conversations.invite": lambda scene: {"channel": scene.case, "users": scene.ben.id},
    "conversations.kick": lambda scene: {"channel": scene.case, "user": scene.ana.id},
    "conversations.join": lambda scene: {"channel": scene.hall},
    "conversations.leave": lambda scene: {"channel": scene.case},
    "conversations.archive": lambda scene: {"channel": scene.case},
    "conversations.unarchive": _archived,
    "conversations.rename": lambda scene: {"channel": scene.case, "name": "renamed"},
    "conversations.setTopic": lambda scene: {"channel": scene.case, "topic": "t"},
    "conversations.setPurpose": lambda scene: {"channel": scene.case, "purpose": "p"},
    "conversations.info": lambda scene: {"channel": scene.case, "include_num_members": "1"},
    "conversations.list": lambda _: {"types": "public_channel,private_channel,im"},
    "conversations.members": lambda scene: {"channel": scene.case},
    "conversations.history": lambda scene: {"channel": scene.case, "include_all_metadata": "1"},
    "conversations.replies": lambda scene: {"channel": scene.case, "ts": scene.ts},
    "conversations.open": lambda scene: {"users": scene.ana.id, "return_im": "1"},
    "chat.postMessage": lambda scene: {"channel": scene.case, "text": "x"},
    "chat.update": lambda scene: {"channel": scene.case, "ts": scene.ts, "text": "y"},
    "chat.delete": lambda scene: {"channel": scene.case, "ts": scene.ts},
    "chat.postEphemeral": lambda scene: {"channel": scene.case, "user": scene.ana.id, "text": "x"},
    "chat.getPermalink": lambda scene: {"channel": scene.case, "message_ts": scene.ts},
    "pins.add": lambda scene: {"channel": scene.case, "timestamp": scene.ts},
    "pins.remove": _pinned,
    "pins.list": _listed,
    "views.open": lambda scene: {"trigger_id": scene.trigger(), "view": modal()},
    "views.update": lambda scene: {"view_id": scene.open_modal()["id"], "view": modal()},
    "views.push": _pushed,
    "views.publish": lambda scene: {"user_id": scene.ana.id, "view": home()},
    "reactions.add": lambda scene: {"channel": scene.case, "timestamp": scene.ts, "name": "eyes"},
    "bookmarks.add": lambda scene: {"channel_id": scene.case, "title": "t", "type": "link", "link": LINK},
    "bookmarks.list": _bookmarked,
    "files.getUploadURLExternal": lambda _: {"filename": "note.txt", "length": "5"},
    "files.completeUploadExternal": lambda scene: {"files": [{"id": uploaded(scene)}], "channel_id": scene.case},
    "files.info": lambda scene: {"file": shared(scene)},
    "files.delete": lambda scene: {"file": shared(scene)},
}
"""Arguments of a call that is answered, for every method."""
