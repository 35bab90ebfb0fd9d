"""How each error code is provoked: by arguments other than those of `scene.CALLS`, or by what happened before.

Codes that every method may answer are provoked in `test_error_codes.py`, for all of them alike.
"""

from collections.abc import Callable
from functools import partial

from tests.sandbox.conftest import client_of
from tests.sandbox.scene import BOT, CALLS, DIVIDER, LINK, NOBODY, NOWHERE, Arguments, Scene, home, modal, plain, shared

Way = Callable[[Scene], Arguments]
"""Prepares a scene, and gives the arguments that differ from those of the good call; None takes one away."""

WAYS: dict[tuple[str, str], Way] = {}

SLACKS_OWN = {
    ("auth.test", "internal_error"),
    ("apps.connections.open", "internal_error"),
    ("chat.update", "update_failed"),
    ("conversations.members", "fetch_members_failed"),
    ("files.completeUploadExternal", "file_update_failed"),
}
"""Failures of Slack's own; they are provoked by a fault of that code."""

POSTS = "chat.postMessage chat.update chat.postEphemeral"
CHANGES = "conversations.archive conversations.rename conversations.setTopic conversations.setPurpose"


def by(methods: str, code: str, **arguments: object) -> None:
    """Provoked by these arguments alone."""
    for method in methods.split():
        WAYS[method, code] = lambda _: arguments


def way(methods: str, code: str) -> Callable[[Callable[[Scene, str], Arguments]], Callable[[Scene, str], Arguments]]:
    """Provoked by what a function does, which gets the scene and the method."""

    def register(do: Callable[[Scene, str], Arguments]) -> Callable[[Scene, str], Arguments]:
        for method in methods.split():
            WAYS[method, code] = partial(_bound, do, method)
        return do

    return register


def _bound(do: Callable[[Scene, str], Arguments], method: str, scene: Scene) -> Arguments:
    return do(scene, method)


def section(text: str) -> dict[str, object]:
    return {"type": "section", "text": plain(text)}


# Things that are not there, or look like nothing.
IN_A_CHANNEL = (
    "chat.delete chat.getPermalink chat.postEphemeral chat.postMessage chat.update conversations.archive"
    " conversations.history conversations.info conversations.invite conversations.join conversations.kick"
    " conversations.leave conversations.members conversations.open conversations.rename conversations.replies"
    " conversations.setPurpose conversations.setTopic conversations.unarchive pins.add pins.list pins.remove"
    " reactions.add"
)
by(IN_A_CHANNEL, "channel_not_found", channel=NOWHERE)
by("bookmarks.add bookmarks.list", "channel_not_found", channel_id=NOWHERE)
by("users.info conversations.kick", "user_not_found", user=NOBODY)
by("conversations.invite conversations.open", "user_not_found", users=NOBODY)
by("users.lookupByEmail", "users_not_found", email="nobody@sandbox.example")
by("bots.info", "bot_not_found", bot="B0NOWHERE01")
by("bots.info", "team_not_found", team_id="T0NOWHERE01")
by("team.info", "team_not_found", team="T0NOWHERE01")
by("chat.update chat.delete", "message_not_found", ts="1.000000")
by("chat.getPermalink", "message_not_found", message_ts="1.000000")
by("pins.add pins.remove reactions.add", "message_not_found", timestamp="1.000000")
by("pins.add pins.remove reactions.add", "bad_timestamp", timestamp="noon")
by("pins.add pins.remove reactions.add", "no_item_specified", timestamp=None)
by("conversations.replies", "thread_not_found", ts="1.000000")
by("chat.postMessage chat.postEphemeral", "cannot_reply_to_message", thread_ts="1.000000")
by("views.update", "not_found", view_id="V0NOWHERE")

# Pages and bounds.
by(
    "users.list users.conversations conversations.list conversations.members conversations.history"
    " conversations.replies",
    "invalid_cursor",
    cursor="nonsense",
)
by("users.conversations conversations.list conversations.members", "invalid_limit", limit="5000")
by("users.conversations conversations.list", "invalid_types", types="secret")
by("conversations.history conversations.replies", "invalid_ts_oldest", oldest="noon")
by("conversations.history conversations.replies", "invalid_ts_latest", latest="noon")

# Names and notes.
by("conversations.create conversations.rename", "invalid_name_required", name=None)
by("conversations.create conversations.rename", "invalid_name_maxlength", name="a" * 81)
by("conversations.create conversations.rename", "invalid_name_specials", name="Case 1")
by("conversations.create conversations.rename", "invalid_name_punctuation", name="--__")
by("conversations.create conversations.rename", "name_taken", name="hall")
by("conversations.setTopic", "too_long", topic="x" * 251)
by("conversations.setPurpose", "too_long", purpose="x" * 251)
by("reactions.add", "invalid_name", name="No Such")
by("bookmarks.add", "invalid_bookmark_type", type="door")
by("bookmarks.add", "invalid_link", link="nowhere")
by("bookmarks.add", "invalid_emoji", emoji="eyes")

# Where the app is not, and what is shut.
OUTSIDE = (
    f"{CHANGES} chat.postMessage chat.postEphemeral conversations.history conversations.invite conversations.kick"
    " pins.add"
)
for _method in OUTSIDE.split():
    WAYS[_method, "not_in_channel"] = lambda scene: {"channel": scene.hall}
for _method in (
    "conversations.invite conversations.kick conversations.leave conversations.unarchive conversations.join " + CHANGES
).split():
    WAYS[_method, "method_not_supported_for_channel_type"] = lambda scene: {"channel": scene.dm}
WAYS["conversations.open", "method_not_supported_for_channel_type"] = lambda scene: {"channel": scene.case}


@way(
    "chat.postMessage chat.postEphemeral conversations.invite conversations.leave conversations.rename"
    " conversations.setTopic conversations.setPurpose reactions.add",
    "is_archived",
)
def _(scene: Scene, _method: str) -> Arguments:
    scene.web.conversations_archive(channel=scene.case)
    return {}


@way("conversations.join", "is_archived")
def _(scene: Scene, _method: str) -> Arguments:
    scene.ana.archive(scene.hall)
    return {}


@way("conversations.archive", "already_archived")
def _(scene: Scene, _method: str) -> Arguments:
    scene.web.conversations_archive(channel=scene.case)
    return {}


@way("conversations.unarchive", "not_archived")
def _(scene: Scene, _method: str) -> Arguments:
    scene.web.conversations_unarchive(channel=scene.case)
    return {}


def general(scene: Scene) -> Arguments:
    channel = scene.sandbox.channel("general", creator="ana", general=True)
    scene.web.conversations_join(channel=channel)
    return {"channel": channel}


WAYS["conversations.archive", "cant_archive_general"] = general
WAYS["conversations.leave", "cant_leave_general"] = general
WAYS["conversations.kick", "cant_kick_from_general"] = general


@way("conversations.rename", "not_authorized")
def _(scene: Scene, _method: str) -> Arguments:
    scene.web.conversations_join(channel=scene.hall)
    return {"channel": scene.hall}


# People.
by("conversations.kick", "cant_kick_self", user=BOT)
by("conversations.invite", "cant_invite_self", users=BOT)
by("conversations.invite", "no_user", users=None)
by("conversations.open", "users_list_not_supplied", users=None)
by("conversations.open", "too_many_users", users=",".join(f"U{number}" for number in range(9)))
by("conversations.open", "not_enough_users", users=BOT)
WAYS["conversations.invite", "already_in_channel"] = lambda scene: {"users": scene.ana.id}
WAYS["chat.postEphemeral", "user_not_in_channel"] = lambda scene: {"user": scene.ben.id}


@way("conversations.invite", "cant_invite")
def _(scene: Scene, _method: str) -> Arguments:
    scene.ben.deactivate()
    return {}


@way("conversations.open", "user_disabled")
def _(scene: Scene, _method: str) -> Arguments:
    scene.ana.deactivate()
    return {}


@way("conversations.invite", "ura_max_channels")
def _(scene: Scene, _method: str) -> Arguments:
    visitor = scene.sandbox.person("visitor", guest="single")
    visitor.join(scene.hall)
    return {"users": visitor.id}


@way("conversations.leave", "last_member")
def _(scene: Scene, _method: str) -> Arguments:
    scene.web.conversations_kick(channel=scene.case, user=scene.ana.id)
    return {}


WAYS["conversations.kick", "not_in_channel"] = lambda scene: {"user": scene.ben.id}

# What messages carry.
by(POSTS, "no_text", text="  ")
by(POSTS, "invalid_blocks_format", blocks="[{")
by(POSTS, "invalid_blocks", blocks=[DIVIDER] * 51)
by(POSTS, "markdown_text_conflict", markdown_text="*x*")
by(POSTS, "too_many_attachments", attachments=[{"text": "a"}] * 101)
by("chat.update chat.postEphemeral", "invalid_attachments", attachments="[{")
by("chat.postMessage chat.update", "invalid_metadata_format", metadata={"event_type": "x"})
by("chat.postMessage chat.update", "invalid_metadata_schema", metadata={"event_type": "a b", "event_payload": {}})
by(
    "chat.postMessage chat.update",
    "metadata_too_large",
    metadata={"event_type": "x", "event_payload": {"k": "v" * 17_000}},
)
by("chat.postMessage", "msg_blocks_too_long", blocks=[section("x" * 2900)] * 5)
by("chat.update", "msg_too_long", text="x" * 4001)
by("chat.postEphemeral", "msg_too_long", text="x" * 40_001)
WAYS["chat.update", "cant_update_message"] = lambda scene: {"ts": scene.theirs}
WAYS["chat.delete", "cant_delete_message"] = lambda scene: {"ts": scene.theirs}


# What hangs on messages and channels.
@way("pins.add", "already_pinned")
def _(scene: Scene, _method: str) -> Arguments:
    scene.web.pins_add(channel=scene.case, timestamp=scene.ts)
    return {}


@way("pins.remove", "no_pin")
def _(scene: Scene, _method: str) -> Arguments:
    return {"timestamp": scene.theirs}


@way("pins.add", "not_pinnable")
def _(scene: Scene, _method: str) -> Arguments:
    return {"timestamp": scene.sandbox.messages(scene.case, system=True)[0]["ts"]}


@way("pins.add", "too_many_pins")
def _(scene: Scene, _method: str) -> Arguments:
    for number in range(100):
        ts = scene.web.chat_postMessage(channel=scene.case, text=str(number))["ts"]
        scene.web.pins_add(channel=scene.case, timestamp=ts)
    return {}


@way("bookmarks.add", "too_many_bookmarks")
def _(scene: Scene, _method: str) -> Arguments:
    for number in range(100):
        scene.web.bookmarks_add(channel_id=scene.case, title=str(number), type="link", link=LINK)
    return {}


@way("reactions.add", "already_reacted")
def _(scene: Scene, _method: str) -> Arguments:
    scene.web.reactions_add(channel=scene.case, timestamp=scene.ts, name="eyes")
    return {}


@way("reactions.add", "too_many_reactions")
def _(scene: Scene, _method: str) -> Arguments:
    for number in range(23):
        scene.web.reactions_add(channel=scene.case, timestamp=scene.ts, name=f"e{number}")
    return {}


@way("reactions.add", "too_many_emoji")
def _(scene: Scene, _method: str) -> Arguments:
    for number in range(50):
        scene.ana.react(scene.case, scene.ts, f"e{number}")
    return {}


# Files.
BEGIN, FINISH = "files.getUploadURLExternal", "files.completeUploadExternal"
by(BEGIN, "missing_argument", length="0")
by(BEGIN, "alt_txt_too_large", alt_txt="x" * 1001)
by(BEGIN, "unknown_snippet_type", snippet_type="png")
by(BEGIN, "snippet_too_large", snippet_type="python", length=str(1024 * 1024 + 1))
by(BEGIN, "file_upload_size_restricted", length="5000001")
by(FINISH, "file_not_found", files=[{"id": "F0NOWHERE01"}])
by("files.info files.delete", "file_not_found", file="F0NOWHERE01")
by(FINISH, "channel_not_found", channel_id=NOWHERE)
by(FINISH, "invalid_channel", channel_id="#case-k7q4")
by(FINISH, "channels_limit_exceeded", channels=",".join(f"C0NOWHERE{number}" for number in range(101)))
by(FINISH, "invalid_blocks", blocks=[{"type": "section"}])
WAYS[FINISH, "not_in_channel"] = lambda scene: {"channel_id": scene.hall}


@way("files.info files.delete", "file_deleted")
def _(scene: Scene, _method: str) -> Arguments:
    file = shared(scene)
    scene.web.files_delete(file=file)
    return {"file": file}


# Views.
VIEWS = "views.open views.push views.update"
for _method in (*VIEWS.split(), "views.publish"):
    _make = home if _method == "views.publish" else modal
    WAYS[_method, "view_too_large"] = lambda _, make=_make: {  # type: ignore[misc]
        "view": make(blocks=[section("x" * 3000)] * 90)
    }


@way(VIEWS, "duplicate_external_id")
def _(scene: Scene, method: str) -> Arguments:
    scene.web.views_publish(user_id=scene.ben.id, view=home(external_id="taken"))
    return {"view": modal(external_id="taken")}


@way("views.publish", "duplicate_external_id")
def _(scene: Scene, _method: str) -> Arguments:
    scene.open_modal(external_id="taken")
    return {"view": home(external_id="taken")}


by("views.open views.push", "invalid_trigger_id", trigger_id="1.2.three")


@way("views.open views.push", "exchanged_trigger_id")
def _(scene: Scene, method: str) -> Arguments:
    good = CALLS[method](scene)
    scene.call(method, good)
    return {"trigger_id": good["trigger_id"]}


@way("views.open views.push", "expired_trigger_id")
def _(scene: Scene, _method: str) -> Arguments:
    scene.sandbox.configure(trigger_seconds=0)
    return {}


@way("views.push", "not_found")
def _(scene: Scene, _method: str) -> Arguments:
    return {"trigger_id": scene.trigger()}  # of a command, not of a modal


@way("views.push", "push_limit_reached")
def _(scene: Scene, _method: str) -> Arguments:
    for _ in range(2):
        scene.web.views_push(trigger_id=scene.trigger(from_modal=True), view=modal())
    return {}


by("views.update", "hash_conflict", hash="1.old")


@way("views.publish", "hash_conflict")
def _(scene: Scene, _method: str) -> Arguments:
    scene.web.views_publish(user_id=scene.ana.id, view=home())
    return {"hash": "1.old"}


@way("auth.test apps.connections.open", "invalid_auth")
def _(scene: Scene, _method: str) -> Arguments:
    stranger = client_of(scene.sandbox, "xoxb-other")
    scene.clients = {"xapp-sandbox": stranger, "xoxb-sandbox": stranger}
    return {}


by("oauth.v2.access", "invalid_client_id", client_id="99.99")
by("oauth.v2.access", "bad_client_secret", client_secret="another")
WAYS["oauth.v2.access", "invalid_code"] = lambda _: {"code": "not-one"}
by("oauth.v2.access", "bad_redirect_uri", redirect_uri="http://127.0.0.1:9/elsewhere")
by("oauth.v2.access", "invalid_grant_type", grant_type="password")
by("oauth.v2.access", "invalid_refresh_token", grant_type="refresh_token", refresh_token="xoxe-1-used")
