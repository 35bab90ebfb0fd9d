"""The upload URL: takes the bytes of a file, raw or as multipart form, and notes them in the ledger."""

import base64
import hashlib
from collections.abc import AsyncGenerator

from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.sandbox import filetypes
from app.sandbox.api.dispatch import Answer, faulty
from app.sandbox.faults import Fault
from app.sandbox.jsontypes import JsonObject
from app.sandbox.tickets import MOST_FILE, Ticket
from app.sandbox.world import World

MOST_BODY = MOST_FILE + 65_536
"""Room for what a multipart form puts around a file."""

METHOD = "upload_url"
"""How faults and the ledger call an upload."""


async def content(content_type: str, body: bytes) -> bytes | None:
    """The bytes of the file in a request: the first file of a multipart form, else the body; None when there is none.

    Clients that send raw bytes do not say what they are, or say something else (urllib calls them a form).
    """
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        return body

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body
        yield b""

    try:
        form = await MultiPartParser(Headers({"content-type": content_type}), stream()).parse()
    except (MultiPartException, FormParserError):
        return None
    try:
        found = next((value for _, value in form.multi_items() if isinstance(value, UploadFile)), None)
        return await found.read() if found is not None else None
    finally:
        await form.close()


def answer(world: World, token: str, given: bytes | None, fault: Fault | None) -> Answer:
    """Take a file, or let the upload meet its fault, and write both into the ledger."""
    before = fault is not None and fault.is_before
    first = len(world.ledger)
    status, words = (200, "") if before else _take(world, token, given)
    taken = given if given is not None else b""
    sent = Answer(status=status, body=words.encode(), content_type="text/plain; charset=utf-8")
    if fault is not None and fault.kind != "slow":
        sent = faulty(fault)
    entry: JsonObject = {
        "method": METHOD,
        "actor": world.workspace.team.bot_user,
        "request": {"url": f"/upload/v1/{token}", "size": len(taken), "sha256": hashlib.sha256(taken).hexdigest()},
        "applied": not before and status == 200,
        "changes": len(world.ledger) - first,
        "fault": fault.name if fault is not None else None,
        "status": sent.status if sent.ending == "answer" else None,
        "answer": {"ok": status == 200} | ({"error": words} if status != 200 else {}),
    }
    world.ledger.write("call", entry)
    world.ledger.flush()
    return sent


def _take(world: World, token: str, given: bytes | None) -> tuple[int, str]:
    """Status and words of the answer; Slack's own says how much it got (slackapi/python-slack-sdk issue 1277)."""
    ticket = world.uploads.find(token)
    if ticket is None:
        return 404, "There is no such upload URL, or its upload is completed. Ask files.getUploadURLExternal for one."
    if given is None:
        return 400, "There is no file in this form. Send the bytes as they are, or a multipart form with a file in it."
    if len(given) != ticket.length:
        return 400, f"{ticket.length} bytes were announced, {len(given)} came. Announce the length in bytes."
    _keep(world, ticket, given)
    return 200, f"OK - {len(given)}"


def _keep(world: World, ticket: Ticket, given: bytes) -> None:
    snippet = ticket.snippet_type
    kind = filetypes.of_snippet(snippet) if snippet else filetypes.of(ticket.name, given)
    data: JsonObject = {
        "id": ticket.file,
        "name": ticket.name,
        "user": world.workspace.team.bot_user,
        "created": int(world.now().timestamp()),
        "size": len(given),
        "sha256": hashlib.sha256(given).hexdigest(),
        "filetype": kind.filetype,
        "pretty_type": kind.pretty_type,
        "mimetype": kind.mimetype,
        "width": kind.width,
        "height": kind.height,
        "alt_txt": ticket.alt_txt,
        "is_snippet": bool(snippet),
        "content": base64.b64encode(given).decode(),
    }
    world.commit("file.uploaded", world.workspace.team.bot_user, data)
