"""The parts of the page: sidebar, channel, thread, home tab, modal. Each is fetched anew when it changed."""

from app.sandbox.ids import ts_key
from app.sandbox.jsontypes import as_object, as_objects, as_text
from app.sandbox.model import Channel, Ephemeral, Message, View
from app.sandbox.page import blocks, mrkdwn
from app.sandbox.page.viewer import Viewer, text

SHOWN = 60
"""How many messages a channel shows at once; older ones are a link away."""
HOME = "home"
_LOCK = (
    '<svg class="icon" viewBox="0 0 16 16" role="img" aria-label="private">'
    '<path d="M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z"/></svg>'
)


def sidebar(viewer: Viewer, current: str) -> str:
    """The channels that the person is in, direct messages, and the app's home tab."""
    workspace = viewer.workspace
    mine = [workspace.channels[id_] for id_ in workspace.memberships.get(viewer.user.id, {})]
    named = sorted((one for one in mine if not one.is_dm), key=lambda one: (one.archived, one.name))
    direct = sorted((one for one in mine if one.is_dm), key=viewer.channel_name)
    others = sorted(
        (one for one in workspace.channels.values() if one.kind == "public" and viewer.user.id not in one.members),
        key=lambda one: one.name,
    )
    app = text(workspace.team.bot_name.capitalize())
    return "".join(
        [
            f"<h2>{text(workspace.team.name)}</h2><ul>{_entry(HOME, f'{app} — Home', current)}</ul>",
            _group("Channels", named, viewer, current),
            _group("Direct messages", direct, viewer, current),
            _group("Not joined", others, viewer, current),
        ]
    )


def _group(title: str, of: list[Channel], viewer: Viewer, current: str) -> str:
    if not of:
        return ""
    entries = "".join(_entry(one.id, _title(one, viewer), current, archived=one.archived) for one in of)
    return f"<h3>{text(title)}</h3><ul>{entries}</ul>"


def _title(channel: Channel, viewer: Viewer) -> str:
    if channel.kind == "private":
        return f"{_LOCK}{text(channel.name)}"
    return text(viewer.channel_name(channel))


def _entry(id_: str, title: str, current: str, *, archived: bool = False) -> str:
    here = ' aria-current="page"' if id_ == current else ""
    css = ' class="archived"' if archived else ""
    return f'<li{css}><a href="#" data-channel="{text(id_)}"{here}>{title}</a></li>'


def head(viewer: Viewer, channel: Channel) -> str:
    """A channel's name, topic, pins and bookmarks."""
    count = len(channel.members)
    topic = f" · {mrkdwn.html(channel.topic.value, viewer)}" if channel.topic.value else ""
    state = "archived · " if channel.archived else ""
    pins = "".join(
        f"<li>{_message(channel.messages[ts_key(ts)], channel, viewer, threads=False)}</li>"
        for ts in reversed(channel.pins)
    )
    pinned = f"<details><summary>{len(channel.pins)} pinned</summary><ul>{pins}</ul></details>" if pins else ""
    marks = "".join(
        " · " + mrkdwn.link(as_text(one.get("link")), as_text(one.get("title"))) for one in channel.bookmarks.values()
    )
    people = ", ".join(viewer.user_name(member) for member in channel.members)
    size = f'<span title="{text(people)}">{state}{count} {"member" if count == 1 else "members"}</span>'
    return f'<h1>{_title(channel, viewer)}</h1><p class="topic">{size}{topic}{marks}</p>{pinned}'


def timeline(viewer: Viewer, channel: Channel, before: int = 0) -> str:
    """The newest messages of a channel, or those before a key, with what only this person sees."""
    keys = [key for key in channel.timeline if key < before] if before else channel.timeline
    shown = [channel.messages[key] for key in keys[-SHOWN:]]
    first = shown[0].key if shown else 0
    last = before or 1 << 62
    own = [
        one
        for one in viewer.workspace.ephemerals.get((viewer.user.id, channel.id), ())
        if first <= ts_key(one.ts) < last
    ]
    older = ""
    if len(keys) > SHOWN:
        older = f'<p><a href="#" data-before="{first}">Older messages</a></p>'
    rows: list[tuple[int, str]] = [(one.key, _message(one, channel, viewer)) for one in shown]
    rows += [(ts_key(one.ts), _ephemeral(one, viewer)) for one in own]
    return older + "".join(markup for _, markup in _with_days(sorted(rows), viewer))


def _with_days(rows: list[tuple[int, str]], viewer: Viewer) -> list[tuple[int, str]]:
    """The rows, with a line before the first of each day."""
    day, result = None, []
    for key, markup in rows:
        at = viewer.local(key / 1_000_000)
        if at.date() != day:
            day = at.date()
            result.append((key, f'<div class="day"><span>{at:%A}, {at.day} {at:%B %Y}</span></div>'))
        result.append((key, markup))
    return result


def thread(viewer: Viewer, channel: Channel, root: Message) -> str:
    """A thread: its root and all replies."""
    replies = [channel.messages[key] for key in root.replies]
    rows = "".join(_message(one, channel, viewer, threads=False) for one in [root, *replies])
    close = '<button type="button" data-close-thread aria-label="Close thread">✕</button>'
    return f"<header><h2>Thread</h2>{close}</header>{rows}"


def _time(ts: str, viewer: Viewer) -> str:
    at = viewer.local(ts_key(ts) / 1_000_000)
    return f'<time datetime="{at.isoformat()}" title="{at:%A %d %B %Y, %H:%M:%S %Z}">{at:%H:%M}</time>'


def _message(message: Message, channel: Channel, viewer: Viewer, *, threads: bool = True) -> str:
    if message.subtype.startswith("channel_") or message.subtype == "tombstone":
        who = "" if message.text.startswith("<@") else f"<strong>{text(viewer.user_name(message.user))}</strong> "
        return f'<div class="note">{who}{mrkdwn.html(message.text, viewer)} {_time(message.ts, viewer)}</div>'
    badge = ' <span class="badge">APP</span>' if message.by_bot else ""
    edited = " <small>(edited)</small>" if message.edited and not message.blocks else ""
    body = blocks.html(message.blocks, viewer) if message.blocks else mrkdwn.html(message.text, viewer)
    spoken = f'<span class="sr">{text(message.text)}</span>' if message.blocks else ""
    reactions = "".join(
        f'<span class="reaction">{mrkdwn.emoji(text(f":{name}:"))} {len(users)}</span>'
        for name, users in message.reactions.items()
    )
    link = ""
    if threads:
        count = len(message.replies)
        words = f"{count} {'reply' if count == 1 else 'replies'}" if count else "Reply"
        css = "replies" if count else "replies quiet"
        link = f'<a href="#" class="{css}" data-thread="{text(message.thread_ts or message.ts)}">{words}</a>'
    pin = ' <span class="badge">pinned</span>' if message.ts in channel.pins else ""
    return (
        f'<article class="message" data-ts="{message.ts}">'
        f'<div class="who"><strong>{text(viewer.user_name(message.user))}</strong>{badge} '
        f"{_time(message.ts, viewer)}{pin}</div>"
        f'<div class="body">{spoken}{body}{edited}</div>{reactions}{link}</article>'
    )


def _ephemeral(shown: Ephemeral, viewer: Viewer) -> str:
    body = blocks.html(shown.blocks, viewer) if shown.blocks else mrkdwn.html(shown.text, viewer)
    name = viewer.user_name(viewer.workspace.team.bot_user)
    return (
        f'<article class="message ephemeral" data-ts="{shown.ts}"><p class="only">Only visible to you</p>'
        f'<div class="who"><strong>{text(name)}</strong> <span class="badge">APP</span> {_time(shown.ts, viewer)}</div>'
        f'<div class="body">{body}</div></article>'
    )


def home(viewer: Viewer) -> str:
    """The app's home tab."""
    id_ = viewer.workspace.homes.get(viewer.user.id)
    if id_ is None:
        return '<p class="note">The app has published nothing here yet.</p>'
    view = viewer.workspace.views[id_]
    body = blocks.html(as_objects(view.shape.get("blocks")), viewer)
    return f'<div class="home" data-view="{text(id_)}">{body}</div>'


def modal(viewer: Viewer) -> str:
    """The topmost open modal; empty when there is none."""
    stack = viewer.workspace.modals.get(viewer.user.id)
    return _modal(viewer.workspace.views[stack[-1]], viewer) if stack else ""


def _modal(view: View, viewer: Viewer) -> str:
    shape = view.shape
    title = as_text(as_object(shape.get("title")).get("text"))
    close = as_text(as_object(shape.get("close")).get("text")) or "Cancel"
    submit = as_text(as_object(shape.get("submit")).get("text"))
    general = view.errors.get("", "")
    error = f'<p class="error" role="alert">{text(general)}</p>' if general else ""
    body = blocks.html(as_objects(shape.get("blocks")), viewer, in_modal=True, errors=view.errors)
    send = f'<button type="submit" class="act primary">{text(submit)}</button>' if submit else ""
    return (
        f'<form class="modal" data-view="{text(view.id)}" data-hash="{text(as_text(shape.get("hash")))}" novalidate>'
        f'<h2 id="modal-title">{text(title)}</h2>{error}<div class="fill">{body}</div>'
        f'<footer><button type="button" class="act" data-close>{text(close)}</button>{send}</footer></form>'
    )
