"""A message as HTML: who, when, what, its thread, and what can be done with it."""

from datetime import datetime

from app.sandbox.ids import ts_key
from app.sandbox.jsontypes import JsonObject, as_objects, as_text
from app.sandbox.model import Channel, Ephemeral, Message
from app.sandbox.page import blocks, files, mrkdwn
from app.sandbox.page.emoji import emoji
from app.sandbox.page.icons import icon
from app.sandbox.page.viewer import Viewer, clock, text

_BADGE = ' <span class="badge">APP</span>'


def day_line(at: datetime) -> str:
    """The line above the first message of a day."""
    return f'<div class="day"><span>{at:%A}, {at:%B} {at.day}, {at.year}</span></div>'


def new_line() -> str:
    """The line above the first message that was not read yet."""
    return '<div class="day new"><span>New</span></div>'


def html(
    message: Message,
    channel: Channel,
    viewer: Viewer,
    *,
    grouped: bool = False,
    in_thread: bool = False,
    tools: bool = True,
) -> str:
    """A message; a `grouped` one shows neither its author nor their picture again."""
    at = viewer.local(message.key / 1_000_000)
    name = viewer.user_name(message.user)
    if message.is_note or message.subtype == "tombstone":
        return _note(message, name, at, viewer)
    edited = " <small>(edited)</small>" if message.edited and not message.blocks else ""
    pin = f'<p class="pin">{icon("pin")} Pinned</p>' if message.ts in channel.pins else ""
    gutter = _time(at) if grouped else viewer.avatar(message.user)
    who = (
        ""
        if grouped
        else f'<div class="who"><strong>{text(name)}</strong>{_BADGE if message.by_bot else ""} {_time(at)}</div>'
    )
    body = _content(message.text, message.blocks, viewer)
    attached = "".join(_attachment(one, viewer) for one in message.attachments)
    brought = files.html(message.files, viewer)
    foot = _reactions(message, viewer) + ("" if in_thread else _thread_link(message, viewer))
    offered = _tools(message, in_thread=in_thread) if tools else ""
    return (
        f'<article class="message{" grouped" if grouped else ""}" data-ts="{message.ts}" tabindex="-1"'
        f' aria-label="{_label(name, at, message.text, viewer, files.spoken(message.files))}">'
        f'<div class="gutter">{gutter}</div><div class="said">{pin}{who}<div class="body">{body}{edited}</div>'
        f"{attached}{brought}{foot}</div>{offered}</article>"
    )


def ephemeral(shown: Ephemeral, viewer: Viewer) -> str:
    """A message that only this person sees."""
    at = viewer.local(ts_key(shown.ts) / 1_000_000)
    bot = viewer.workspace.team.bot_user
    name = viewer.user_name(bot)
    return (
        f'<article class="message ephemeral" data-ts="{shown.ts}" tabindex="-1"'
        f' aria-label="{_label(name, at, shown.text, viewer)}">'
        f'<div class="gutter">{viewer.avatar(bot)}</div><div class="said">'
        f'<p class="only">{icon("eye")} Only visible to you</p>'
        f'<div class="who"><strong>{text(name)}</strong>{_BADGE} {_time(at)}</div>'
        f'<div class="body">{_content(shown.text, shown.blocks, viewer)}</div></div></article>'
    )


def _note(message: Message, name: str, at: datetime, viewer: Viewer) -> str:
    who = "" if message.text.startswith("<@") else f"<strong>{text(name)}</strong> "
    return (
        f'<div class="note"><div class="gutter">{viewer.avatar(message.user)}</div>'
        f"<div>{who}{mrkdwn.html(message.text, viewer)} {_time(at)}</div></div>"
    )


def _label(name: str, at: datetime, words: str, viewer: Viewer, files_there: str = "") -> str:
    """What a screen reader says: as in Slack, a message's top-level text, whatever its blocks show, and its files."""
    said = " ".join(part for part in (mrkdwn.plain(words, viewer), files_there) if part)
    return text(f"{name}, {clock(at)}: {said}")


def _content(words: str, of: list[JsonObject], viewer: Viewer) -> str:
    return blocks.html(of, viewer) if of else mrkdwn.html(words, viewer)


def _time(at: datetime) -> str:
    return f'<time datetime="{at.isoformat()}" title="{at:%A %d %B %Y, %H:%M:%S %Z}">{clock(at)}</time>'


def _attachment(given: JsonObject, viewer: Viewer) -> str:
    """Slack's older way to add to a message: a title, a text, or blocks, with a line at the side."""
    title = as_text(given.get("title"))
    link = mrkdwn.link(as_text(given.get("title_link")), title)
    parts = [
        mrkdwn.html(as_text(given.get("pretext")), viewer),
        f"<strong>{link}</strong>" if title else "",
        mrkdwn.html(
            as_text(given.get("text")) or ("" if given.get("blocks") else as_text(given.get("fallback"))), viewer
        ),
        blocks.html(as_objects(given.get("blocks")), viewer),
    ]
    return f'<div class="attachment">{"".join(f"<div>{part}</div>" for part in parts if part)}</div>'


def _reactions(message: Message, viewer: Viewer) -> str:
    return "".join(
        f'<span class="reaction" title="{text(", ".join(map(viewer.user_name, users)))}">'
        f"{emoji(text(f':{name}:'))} {len(users)}</span>"
        for name, users in message.reactions.items()
    )


def _thread_link(message: Message, viewer: Viewer) -> str:
    if message.thread_ts:
        link = f'<button type="button" class="link" data-thread="{text(message.thread_ts)}">a thread</button>'
        return f'<p class="also">Also a reply in {link}</p>'
    if not message.replies:
        return ""
    count = len(message.replies)
    last = viewer.local(message.replies[-1] / 1_000_000)
    faces = "".join(viewer.avatar(user) for user in list(message.reply_users)[:4])
    return (
        f'<button type="button" class="replies" data-thread="{message.ts}">{faces}'
        f"<strong>{count} {'reply' if count == 1 else 'replies'}</strong>"
        f" <small>Last reply {last:%b} {last.day} at {clock(last)}</small></button>"
    )


def _tools(message: Message, *, in_thread: bool) -> str:
    thread = text(message.thread_ts or message.ts)
    name = 'title="Reply in thread" aria-label="Reply in thread"'
    reply = "" if in_thread else f'<button type="button" data-thread="{thread}" {name}>{icon("reply")}</button>'
    return (
        f'<div class="tools">{reply}<button type="button" data-more title="More actions" aria-label="More actions"'
        ' aria-haspopup="menu" aria-expanded="false">⋮</button></div>'
    )
