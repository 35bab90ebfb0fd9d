"""Slack's mrkdwn as HTML. Everything that is not markup is escaped."""

import re
from html import unescape
from urllib.parse import urlsplit

from app.sandbox.page.emoji import emoji
from app.sandbox.page.viewer import Viewer, clock, text

_TOKEN = re.compile(r"<([@#!]?)([^<>\n|]+)(?:\|([^<>\n]*))?>")
_BARE = re.compile(r"https?://[^\s<>|\x00]*[^\s<>|\x00.,;:!?)'\"*_~]")
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_KEPT = re.compile("\x00(\\d+)\x00")
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), r"<em>\1</em>"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), r"<s>\1</s>"),
)
_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_TAG = re.compile(r"<br>|</?[a-z][^<>]*>")


def html(source: str, viewer: Viewer) -> str:
    """The HTML of a mrkdwn text."""
    kept: list[str] = []

    def keep(markup: str) -> str:
        kept.append(markup)
        return f"\x00{len(kept) - 1}\x00"

    body = source.replace("\x00", "")
    body = _FENCE.sub(lambda found: keep(f"<pre>{_plain(found[1])}</pre>"), body)
    body = _CODE.sub(lambda found: keep(f"<code>{_plain(found[1])}</code>"), body)
    body = _TOKEN.sub(lambda found: keep(_token(found[1], found[2], found[3] or "", viewer)), body)
    body = _BARE.sub(lambda found: keep(link(found[0].replace("&amp;", "&"), found[0])), body)
    body = emoji(_plain(body))
    for pattern, markup in _STYLES:
        body = pattern.sub(markup, body)
    body = _lines(body)
    while _KEPT.search(body):
        body = _KEPT.sub(lambda found: kept[int(found[1])], body)
    return body


def plain(source: str, viewer: Viewer) -> str:
    """A mrkdwn text in words alone, as a screen reader says it."""
    return " ".join(unescape(_TAG.sub(" ", html(source, viewer))).split())


def _plain(source: str) -> str:
    """Text as HTML; what the app escaped for Slack is not escaped twice."""
    return text(source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _lines(body: str) -> str:
    """Line breaks, and lines that begin with `>` as quotes."""
    lines = []
    for line in body.split("\n"):
        quoted = line.removeprefix("&gt;")
        lines.append(f"<q-line>{quoted.strip()}</q-line>" if quoted != line else f"{line}<br>")
    return "".join(lines).removesuffix("<br>")


def _token(sigil: str, name: str, label: str, viewer: Viewer) -> str:
    if sigil == "@":
        me = " me" if name == viewer.user.id else ""
        return f'<span class="mention{me}">@{text(viewer.user_name(name))}</span>'
    if sigil == "#":
        return channel_mention(name, label, viewer)
    if sigil == "!":
        return _special(name, label, viewer)
    if not _is_link(name):
        return text(f"<{name}|{label}>" if label else f"<{name}>")
    return link(name.replace("&amp;", "&"), label or name)


def channel_mention(id_: str, label: str, viewer: Viewer) -> str:
    """A channel that can be gone to from here; of private ones that this person is not in, not even the name."""
    channel = viewer.workspace.channels.get(id_)
    if channel is None:
        return f'<span class="mention">#{text(label or id_)}</span>'
    if not viewer.can_see(channel):
        return '<span class="mention">a private channel</span>'
    name = text(viewer.channel_name(channel))
    return f'<button type="button" class="mention" data-channel="{text(channel.id)}">{name}</button>'


def _is_link(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https", "mailto")


def link(url: str, label: str) -> str:
    """A link, when its address is one that a browser may be sent to; else only its words."""
    if not _is_link(url):
        return _plain(label)
    return f'<a href="{text(url)}" target="_blank" rel="noopener noreferrer">{_plain(label)}</a>'


def _special(name: str, label: str, viewer: Viewer) -> str:
    kind, *parts = name.split("^")
    if kind == "date" and len(parts) >= 2 and parts[0].isdecimal() and len(parts[0]) <= 11:
        shown = date(int(parts[0]), parts[1], viewer)
        return link(parts[2], shown) if len(parts) > 2 else _plain(shown)
    return f'<span class="mention">@{text(label or kind)}</span>'


def date(epoch: int, form: str, viewer: Viewer) -> str:
    """A moment in a form such as `{date_short} at {time}` (Slack's reference of date formatting)."""
    at = viewer.local(epoch)
    day, hour = f"{at:%B} {at.day}, {at.year}", clock(at)
    short, long = f"{at:%b} {at.day}, {at.year}", f"{at:%A}, {day}"
    near = _NEAR.get((at.date() - viewer.now.astimezone(viewer.zone).date()).days)
    forms = {
        "{date_num}": f"{at:%Y-%m-%d}",
        "{date_slash}": f"{at:%m/%d/%Y}",
        "{date_short_pretty}": near or short,
        "{date_short}": short,
        "{date_long_pretty}": near or long,
        "{date_long}": long,
        "{date_pretty}": near or day,
        "{date}": day,
        "{day_divider_pretty}": near or long,
        "{time_secs}": f"{at.hour % 12 or 12}:{at:%M:%S %p}",
        "{time}": hour,
        "{ago}": f"{day} at {hour}",
    }
    for name, words in forms.items():
        form = form.replace(name, words)
    return form
