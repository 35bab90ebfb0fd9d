"""files.*: uploads in three steps (a URL, the bytes, their completion), and what became of them."""

import re

from app.sandbox import file_shapes, filetypes
from app.sandbox.acts import channels, files
from app.sandbox.acts.messages import Content
from app.sandbox.api import content
from app.sandbox.api.registry import Call, method
from app.sandbox.contract import limit
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject, as_list, as_object, as_text
from app.sandbox.model import Channel, File
from app.sandbox.tickets import MOST_FILE

CONVERSATION = r"[CDG][A-Z0-9]{4,}"
"""An id of a conversation, by its look."""


def _wrong(message: str) -> SlackError:
    return SlackError("invalid_arguments", [f"[ERROR] {message}"])


@method("files.getUploadURLExternal")
def get_upload_url(call: Call) -> JsonObject:
    """Where to send the bytes of a file."""
    text = call.args.text("length")
    if not text.isdecimal() or len(text) > 18:
        raise _wrong("length must be a number of bytes")
    length, snippet, alt_txt = int(text), call.args.text("snippet_type"), call.args.text("alt_txt")
    if length == 0:
        raise SlackError("missing_argument")
    if len(alt_txt) > limit("file", "alt_txt", "max_length"):
        raise SlackError("alt_txt_too_large")
    if snippet and snippet not in filetypes.snippet_types():
        raise SlackError("unknown_snippet_type")
    if snippet and length > limit("file", "snippet", "max_bytes"):
        raise SlackError("snippet_too_large")
    if length > MOST_FILE:
        raise SlackError("file_upload_size_restricted")
    ticket = call.world.uploads.issue(call.args.text("filename"), length, alt_txt=alt_txt, snippet_type=snippet)
    return {"upload_url": f"{call.world.base_url}/upload/v1/{ticket.token}", "file_id": ticket.file}


@method("files.completeUploadExternal")
def complete_upload(call: Call) -> JsonObject:
    """Finish uploads, and share them where the call says: in one message per channel, with all files in it."""
    found = _uploaded(call)
    places = _places(call)
    what = _said(call)
    thread_ts = _thread(call, places)
    for file, title in found:
        files.complete(call.world, file, title)
    done = [file for file, _ in found]
    for place in places:
        channel = place if isinstance(place, Channel) else channels.direct(call.world, [call.bot, place])
        files.share(call.world, channel, done, what, thread_ts)
    return {"files": [file_shapes.unfinished(call.workspace.team, file) for file in done]}


def _uploaded(call: Call) -> list[tuple[File, str]]:
    """The files of a call whose bytes have come and that were not completed before, each with its title."""
    given = call.args.json("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise _wrong("files must be an array of objects with an id")
    found: dict[str, tuple[File, str]] = {}
    for one in map(as_object, as_list(given)):
        file = call.workspace.files.get(as_text(one.get("id")))
        if file is None or file.completed:
            raise SlackError("file_not_found")
        if file.id in found:
            raise _wrong(f"files names {file.id} twice")
        found[file.id] = (file, as_text(one.get("title")).strip())
    return list(found.values())


def _places(call: Call) -> list[Channel | str]:
    """Where files go: conversations, and people by their ids, whose direct message may have to be made."""
    people = [id_ for id_ in call.args.ids("channels") if id_ in call.workspace.users and id_ != call.bot]
    only = [call.args.text("channel_id")] if "channel_id" in call.args else []
    named = list(dict.fromkeys([*only, *call.args.ids("channels")]))
    if len(named) > limit("file", "channels", "max_items"):
        raise SlackError("channels_limit_exceeded")
    places: list[Channel | str] = []
    for id_ in named:
        if id_ in people:
            places.append(id_)
            continue
        if not re.fullmatch(CONVERSATION, id_):
            raise SlackError("invalid_channel")
        channel = channels.visible(call.world, id_, call.bot)
        if channel is None:
            raise SlackError("channel_not_found")
        if channel.archived:
            raise SlackError("invalid_channel")
        call.require_member(channel)
        places.append(channel)
    return places


def _said(call: Call) -> Content:
    """What the message says: the comment, or in its place the blocks."""
    comment = call.args.text("initial_comment")
    if comment:
        return Content(comment[: limit("message", "text", "max_length")])
    blocks = call.args.json("blocks", "invalid_blocks")
    try:
        return Content("", content.checked_blocks(blocks, call.method) if blocks is not None else [])
    except SlackError as error:
        raise SlackError("invalid_blocks", error.messages) from error


def _thread(call: Call, places: list[Channel | str]) -> str:
    if "thread_ts" not in call.args:
        return ""
    [place] = places if len(places) == 1 else [None]
    root = call.workspace.message(place, call.args.text("thread_ts")) if isinstance(place, Channel) else None
    if root is None:
        raise _wrong("thread_ts must be a message of the one channel that the files go to")
    return root.thread_ts or root.ts


def _file(call: Call) -> File:
    file = files.visible(call.world, call.args.text("file"), call.bot)
    if file is None:
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    return file


@method("files.info")
def info(call: Call) -> JsonObject:
    """A file, its type and where it is shared."""
    shape = file_shapes.file(call.workspace.team, _file(call))
    return {"file": shape, "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.delete")
def delete(call: Call) -> JsonObject:
    """Delete a file everywhere."""
    files.delete(call.world, _file(call), call.bot)
    return {}
