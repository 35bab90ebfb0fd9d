"""conversations.history and conversations.replies."""

import bisect
from collections.abc import Sequence

from app.sandbox import ids, shapes
from app.sandbox.api.args import next_cursor
from app.sandbox.api.registry import Call, method
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import Channel, Message

MOST = 999
"""The largest page of either method (Slack's reference)."""


def _bounds(call: Call, channel: Channel, keys: Sequence[int]) -> tuple[int, int]:
    """Where the keys between `oldest` and `latest` begin and end; the ends themselves only if `inclusive`.

    What the history does not show yet is left out.
    """
    inclusive = call.args.flag("inclusive")
    begin, end = 0, len(keys)
    if "oldest" in call.args:
        oldest = _key(call.args.text("oldest"), "invalid_ts_oldest")
        begin = bisect.bisect_left(keys, oldest) if inclusive else bisect.bisect_right(keys, oldest)
    if "latest" in call.args and call.args.text("latest") != "now":
        latest = _key(call.args.text("latest"), "invalid_ts_latest")
        end = bisect.bisect_right(keys, latest) if inclusive else bisect.bisect_left(keys, latest)
    shown = call.world.history_ends(channel)
    if shown is not None:
        end = min(end, bisect.bisect_left(keys, shown))
    return begin, max(begin, end)


def _key(text: str, error: str) -> int:
    try:
        return ids.ts_key(text)
    except ValueError as bad:
        raise SlackError(error) from bad


def _place(call: Call) -> int | None:
    cursor = call.args.cursor()
    if cursor and not cursor.isdecimal():
        raise SlackError("invalid_cursor")
    return int(cursor) if cursor else None


def _shape(call: Call, message: Message) -> JsonObject:
    return shapes.message(call.workspace.team, message, metadata=call.args.flag("include_all_metadata"))


@method("conversations.history")
def history(call: Call) -> JsonObject:
    """What a channel shows, newest first, by pages from `latest` backwards."""
    channel = call.channel()
    call.require_member(channel)
    limit = call.args.limit(100, MOST)
    begin, end = _bounds(call, channel, channel.timeline)
    place = _place(call)
    if place is not None:
        end = min(end, bisect.bisect_right(channel.timeline, place))
    start = max(begin, end - limit)
    page = [channel.messages[key] for key in reversed(channel.timeline[start:end])]
    more = start > begin
    answer: JsonObject = {
        "messages": [_shape(call, message) for message in page],
        "has_more": more,
        "pin_count": len(channel.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    if more:
        answer["response_metadata"] = {"next_cursor": next_cursor(str(channel.timeline[start - 1]))}
    return answer


@method("conversations.replies")
def replies(call: Call) -> JsonObject:
    """A thread: its root, then its replies, oldest first, by pages."""
    channel = call.channel()
    root = call.workspace.message(channel, call.args.text("ts"))
    shown = call.world.history_ends(channel)
    if root is not None and shown is not None and root.key >= shown:
        root = None
    if root is None or (root.thread_ts and root.thread_ts != root.ts and root.subtype != "thread_broadcast"):
        raise SlackError("thread_not_found")
    call.require_member(channel)
    limit = call.args.limit(1000, 1000)
    begin, end = _bounds(call, channel, root.replies)
    place = _place(call)
    if place is not None:
        begin = max(begin, bisect.bisect_left(root.replies, place))
    page = [channel.messages[key] for key in root.replies[begin : min(end, begin + limit)]]
    more = begin + limit < end
    answer: JsonObject = {
        "messages": [_shape(call, message) for message in [root, *page]],
        "has_more": more,
    }
    if more:
        answer["response_metadata"] = {"next_cursor": next_cursor(str(root.replies[begin + limit]))}
    return answer
