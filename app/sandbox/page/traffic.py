"""The calls and deliveries of the ledger, newest first: found by text, by method, by whether they were refused.

The ledger is read backwards in pieces, and no more of it per request than `MOST_LINES`.
"""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import quote_plus

from app.sandbox.api.args import parse
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject, as_object, as_objects, as_text, dumps, loads
from app.sandbox.ledger import CHANGE, Ledger
from app.sandbox.workspace import Workspace

PIECE = 500
MOST_LINES = 20_000
"""So many lines are looked at per request; what lies further back is asked for anew."""
SHOWN = 50
MOST_CHANNELS = 50
"""A text that names more channels than this is searched for in the lines alone."""
_CHANGE = CHANGE.encode()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty fields ask for nothing."""

    words: str = ""
    method: str = ""
    refused: bool = False

    def pattern(self, workspace: Workspace) -> re.Pattern[bytes] | None:
        """What a line has to contain: the words in any of the ways they are written, or a channel named by them."""
        if not self.words:
            return None
        lower = self.words.lower().removeprefix("#")
        named = [channel.id for channel in workspace.channels.values() if channel.name and lower in channel.name]
        ways = [
            self.words,
            quote_plus(self.words),
            dumps(self.words)[1:-1],
            *(named if len(named) <= MOST_CHANNELS else ()),
        ]
        return re.compile(b"|".join(re.escape(way.encode()) for way in ways), re.IGNORECASE)


async def search(
    ledger: Ledger, workspace: Workspace, wanted: Wanted, *, before: int = 0, after: int = 0
) -> tuple[list[JsonObject], int]:
    """The newest entries between two line numbers, `SHOWN` at most, and where to go on (0: nothing is left)."""
    pattern = wanted.pattern(workspace)
    found: list[JsonObject] = []
    at = before - 1 if before else len(ledger)
    least = max(after, at - MOST_LINES)
    while at > least and len(found) < SHOWN:
        start = max(least, at - PIECE)
        for line in reversed(list(ledger.lines(start, at - start))):
            if len(found) < SHOWN and _may_match(line, pattern, wanted):
                entry = as_object(loads(line))
                if _matches(entry, wanted):
                    found.append(entry)
        at = start
        # The pieces are searched in turn with whatever else the sandbox has to do.
        await asyncio.sleep(0)
    if len(found) == SHOWN:
        at = _seq(found[-1]) - 1
    return found, at + 1 if at > after else 0


def _may_match(line: bytes, pattern: re.Pattern[bytes] | None, wanted: Wanted) -> bool:
    """What can be said of a line before it is parsed."""
    if line.startswith(_CHANGE) or (pattern is not None and not pattern.search(line)):
        return False
    return not wanted.method or wanted.method.lower().encode() in line.lower()


def _matches(entry: JsonObject, wanted: Wanted) -> bool:
    if wanted.method and wanted.method.lower() not in f"{kind(entry)} {name(entry)}".lower():
        return False
    return not wanted.refused or bool(trouble(entry))


def _seq(entry: JsonObject) -> int:
    seq = entry.get("seq")
    return seq if isinstance(seq, int) else 0


def kind(entry: JsonObject) -> str:
    """How an entry is filed: a call's method, or what sort of delivery it is."""
    return as_text(entry.get("method")) or as_text(entry.get("type"))


def name(entry: JsonObject) -> str:
    """What a delivery is about: the command, the event, the interaction; for calls nothing more."""
    if entry.get("kind") != "delivery":
        return ""
    request = as_object(entry.get("request"))
    if "command" in request:
        return f"{as_text(request['command'])} {as_text(request.get('text'))}".strip()
    acted = ", ".join(as_text(one.get("action_id")) for one in as_objects(request.get("actions")))
    event = as_text(as_object(request.get("event")).get("type"))
    callback = as_text(request.get("callback_id")) or as_text(as_object(request.get("view")).get("callback_id"))
    of = as_text(request.get("type"))
    return event or " ".join(part for part in (of if of != "event_callback" else "", acted or callback) if part)


def channel(entry: JsonObject) -> str:
    """The id of the channel that an entry is about; empty when there is none."""
    given = as_object(request(entry))
    event = as_object(given.get("event"))
    for holder in (given, event, as_object(event.get("item"))):
        for key in ("channel", "channel_id"):
            value = holder.get(key)
            found = as_text(value) or as_text(as_object(value).get("id"))
            if found:
                return found
    return ""


def request(entry: JsonObject) -> object:
    """What was sent, decoded: a call's arguments, with the JSON in them read; a delivery's payload."""
    given = as_object(entry.get("request"))
    if entry.get("kind") != "call":
        return given
    body = as_text(given.get("body"))
    if "content_type" not in given:
        return {key: value for key, value in given.items() if key != "body"} | {"body": _read(body)}
    try:
        found = parse(
            as_text(given.get("content_type")), body.encode("utf-8", "surrogatepass"), as_text(given.get("query"))
        )
    except SlackError as error:
        return given | {"unreadable": error.code}
    return {key: _read(value) for key, value in found.items() if key != "token"}


def _read(value: object) -> object:
    """JSON within a text as what it means; other text as it is."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return loads(value)
    except ValueError:
        return value


def trouble(entry: JsonObject) -> str:
    """Why an entry was refused or failed, in words; empty when all went well."""
    fault, answer = as_text(entry.get("fault")), as_object(entry.get("answer"))
    if entry.get("kind") == "delivery":
        return fault
    parts = []
    if answer.get("ok") is False:
        details = as_object(answer.get("response_metadata")).get("messages") or answer.get("messages")
        said = "; ".join(as_text(one) for one in details) if isinstance(details, list) else ""
        parts.append(as_text(answer.get("error")) + (f": {said}" if said else ""))
    if fault and not fault.startswith("slow"):  # what was slow all the same is told by its milliseconds
        parts.append(f"fault {fault}" + (" (but applied)" if entry.get("applied") is True else ""))
    return ", ".join(parts)
