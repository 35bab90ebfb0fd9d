"""The sidebar: the app, the channels that a person is in, direct messages; each with what is unread."""

from app.sandbox.model import Channel
from app.sandbox.page.icons import icon
from app.sandbox.page.viewer import Viewer, text
from app.sandbox.reads import MOST, Reads

HOME = "home"


def html(viewer: Viewer, reads: Reads) -> str:
    """The whole sidebar. Which entry is the open one, the script marks."""
    workspace = viewer.workspace
    mine = [workspace.channels[id_] for id_ in workspace.memberships.get(viewer.user.id, {})]
    named = sorted((one for one in mine if not one.is_dm), key=lambda one: (one.archived, one.name))
    direct = sorted((one for one in mine if one.is_dm), key=viewer.channel_name)
    others = sorted(
        (one for one in workspace.channels.values() if one.kind == "public" and viewer.user.id not in one.members),
        key=lambda one: one.name,
    )
    bot = workspace.team.bot_user
    app = f"{viewer.avatar(bot)}<span class='name'>{text(viewer.user_name(bot))}</span><span class='badge'>APP</span>"
    add = (
        '<button type="button" id="new-dm" aria-haspopup="menu" aria-expanded="false"'
        f' aria-label="Write to somebody" title="Write to somebody">{icon("plus")}</button>'
    )
    return "".join(
        [
            f'<h2>{text(workspace.team.name)}</h2><h3>Apps</h3><ul><li data-entry="{HOME}">'
            f'<a href="?as={text(viewer.user.id)}&amp;channel={HOME}" data-channel="{HOME}">{app}</a></li></ul>',
            _group("Channels", named, viewer, reads),
            _group("Direct messages", direct, viewer, reads, add=add),
            _group("Channels to join", others, viewer, reads),
        ]
    )


def _group(title: str, of: list[Channel], viewer: Viewer, reads: Reads, *, add: str = "") -> str:
    if not of and not add:
        return ""
    entries = "".join(entry(one, viewer, reads) for one in of)
    return f"<h3>{text(title)}{add}</h3>" + (f"<ul>{entries}</ul>" if entries else "")


def title(channel: Channel, viewer: Viewer) -> str:
    """A channel's sign and name."""
    if channel.is_dm:
        other = next((one for one in channel.members if one != viewer.user.id), viewer.user.id)
        return f'{viewer.avatar(other)}<span class="name">{text(viewer.channel_name(channel))}</span>'
    sign = icon("lock", "private") if channel.kind == "private" else '<span class="sign">#</span>'
    return f'{sign}<span class="name">{text(channel.name)}</span>'


def entry(channel: Channel, viewer: Viewer, reads: Reads) -> str:
    """One channel; what is unread is bold, counted, and said in words."""
    member = viewer.user.id in channel.members
    unread = len(reads.unseen(viewer.user.id, channel)) if member and not channel.archived else 0
    css = " ".join(name for name, on in (("archived", channel.archived), ("unread", unread > 0)) if on)
    shown = f"{MOST - 1}+" if unread >= MOST else str(unread)
    count = f' <span class="count">{shown}<span class="sr"> unread</span></span>' if unread else ""
    state = '<span class="sr"> (archived)</span>' if channel.archived else ""
    return (
        f'<li data-entry="{channel.id}"><a class="{css}" href="?as={text(viewer.user.id)}&amp;channel={channel.id}"'
        f' data-channel="{channel.id}">{title(channel, viewer)}{state}{count}</a></li>'
    )
