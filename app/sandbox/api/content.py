"""What a message carries, checked as Slack checks it: text, blocks, attachments, metadata."""

import re

from app.sandbox.acts.messages import Content
from app.sandbox.api.registry import Call
from app.sandbox.blocks import validate
from app.sandbox.contract import limit, methods
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject, as_objects, dumps

ATTACHMENTS = 100
"""More attachments than this are too_many_attachments (Slack's reference)."""


def read(call: Call) -> Content:
    """The content of a call that posts or updates a message.

    Raises:
        SlackError: no_text, msg_too_long, invalid_blocks, metadata_too_large and their like.
    """
    if "markdown_text" in call.args:
        if "text" in call.args or "blocks" in call.args:
            raise SlackError("markdown_text_conflict")
        text = call.args.text("markdown_text")
    else:
        text = call.args.text("text")
    blocks = _blocks(call)
    known = methods()[call.method].errors
    wrong = "invalid_attachments" if "invalid_attachments" in known else "invalid_arguments"
    attachments = as_objects(call.args.json("attachments", wrong))
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    if not text.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    return Content(_text(call.method, text), blocks, attachments, metadata(call))


def _text(method: str, text: str) -> str:
    if method == "chat.update":
        # Slack counts the text of an update in bytes, after it escaped &, < and >.
        escaped = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
        escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if len(escaped.encode("utf-8", "surrogatepass")) > limit("message", "update_text", "max_bytes"):
            raise SlackError("msg_too_long")
    most = limit("message", "text", "max_length")
    if len(text) > most:
        if method == "chat.postEphemeral":
            raise SlackError("msg_too_long")
        return text[:most]
    return text


def _blocks(call: Call) -> list[JsonObject]:
    given = call.args.json("blocks", "invalid_blocks_format")
    if given is None:
        return []
    return checked_blocks(given, call.method)


def checked_blocks(given: object, method: str) -> list[JsonObject]:
    """Blocks of a message, when they are good.

    Raises:
        SlackError: invalid_blocks_format, invalid_blocks, msg_blocks_too_long (msg_too_long for methods
            that do not know it).
    """
    if not isinstance(given, list):
        raise SlackError("invalid_blocks_format")
    wrong = validate.problems(given)
    if wrong:
        raise SlackError("invalid_blocks", wrong, errors=wrong)
    if len(dumps(given)) > limit("message", "blocks_characters"):
        known = methods().get(method)
        code = "msg_blocks_too_long"
        raise SlackError(code if known is None or code in known.errors else "msg_too_long")
    return as_objects(given)


def metadata(call: Call) -> JsonObject | None:
    """The metadata of a message; None when the call has none.

    Raises:
        SlackError: invalid_metadata_format, invalid_metadata_schema, metadata_too_large.
    """
    if "metadata" not in call.args:
        return None
    given = call.args.object("metadata", "invalid_metadata_format")
    if not given:
        return {}
    event_type, payload = given.get("event_type"), given.get("event_payload")
    if not isinstance(event_type, str) or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_format")
    if not re.fullmatch(r"\w+", event_type) or any(value is None for value in payload.values()):
        raise SlackError("invalid_metadata_schema")
    if len(dumps(given).encode("utf-8", "surrogatepass")) > limit("message", "metadata", "max_bytes"):
        raise SlackError("metadata_too_large")
    return {"event_type": event_type, "event_payload": payload}
