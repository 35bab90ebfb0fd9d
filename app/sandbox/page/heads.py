"""What stands above the messages: a channel's name, topic, members, pins and bookmarks; the app's tabs."""

from app.sandbox.ids import ts_key
from app.sandbox.jsontypes import as_text
from app.sandbox.model import Channel
from app.sandbox.page import messages, mrkdwn, sidebar
from app.sandbox.page.icons import icon
from app.sandbox.page.viewer import Viewer, text


def of_channel(viewer: Viewer, channel: Channel) -> str:
    """A channel's head; the direct message with the app has the app's tabs."""
    if channel.is_dm and viewer.workspace.team.bot_user in channel.members:
        return of_app(viewer, at_home=False) + _facts(viewer, channel)
    topic = f'<p class="topic">{mrkdwn.html(channel.topic.value, viewer)}</p>' if channel.topic.value else ""
    state = '<span class="badge">archived</span>' if channel.archived else ""
    return f"<h1>{sidebar.title(channel, viewer)} {state}</h1>{topic}{_facts(viewer, channel)}"


def _facts(viewer: Viewer, channel: Channel) -> str:
    count = len(channel.members)
    people = "".join(f"<li>{viewer.avatar(member)} {text(viewer.user_name(member))}</li>" for member in channel.members)
    members = (
        ""
        if channel.is_dm
        else _fold("members", f"{icon('people')} {count} {'member' if count == 1 else 'members'}", people)
    )
    pins = "".join(
        f"<li>{messages.html(channel.messages[ts_key(ts)], channel, viewer, in_thread=True, tools=False)}</li>"
        for ts in reversed(channel.pins)
    )
    pinned = _fold("pins", f"{icon('pin')} {len(channel.pins)} pinned", pins) if pins else ""
    marks = "".join(
        f"<li>{icon('bookmark')} {mrkdwn.link(as_text(one.get('link')), as_text(one.get('title')))}</li>"
        for one in channel.bookmarks.values()
    )
    bookmarks = f'<ul class="bookmarks" aria-label="Bookmarks">{marks}</ul>' if marks else ""
    return f'<div class="facts">{members}{pinned}{bookmarks}</div>'


def _fold(name: str, words: str, items: str) -> str:
    return f'<details class="{name}"><summary>{words}</summary><ul>{items}</ul></details>'


def of_app(viewer: Viewer, *, at_home: bool) -> str:
    """The app's name, and its tabs: the home tab, and the direct messages with it."""
    bot = viewer.workspace.team.bot_user
    direct = viewer.workspace.dms.get(frozenset((bot, viewer.user.id)), "")
    here = ' aria-current="page"'
    home = f'<button type="button" data-channel="{sidebar.HOME}"{here if at_home else ""}>Home</button>'
    with_app = f'data-channel="{direct}"' if direct else f'data-dm="{bot}"'
    messages_tab = f'<button type="button" {with_app}{"" if at_home else here}>Messages</button>'
    name = f'{viewer.avatar(bot)}<span class="name">{text(viewer.user_name(bot))}</span>'
    return f'<h1>{name} <span class="badge">APP</span></h1><div class="tabs">{home}{messages_tab}</div>'
