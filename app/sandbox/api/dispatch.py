"""From the bytes of a Web API request to its answer: token, arguments, limits, faults, ledger."""

import base64
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from app.sandbox import contract, scopes
from app.sandbox.api import auth, chat, conversations, extras, files, history, oauth, users, views
from app.sandbox.api.args import Args, parse
from app.sandbox.api.registry import METHODS, Call
from app.sandbox.errors import RateLimitedError, SlackError
from app.sandbox.faults import Fault
from app.sandbox.jsontypes import JsonObject, as_text, dumps
from app.sandbox.world import World

FAMILIES = (auth, chat, conversations, extras, files, history, oauth, users, views)
"""The modules whose import registers the methods."""

ANSWER_KEPT = 2048
"""Longer answers, in bytes, are in the ledger without what is nested in them."""

WITHOUT_TOKEN = ("api.test", "oauth.v2.access")
"""Methods that whoever has no token may call."""

APP_SCOPES = "connections:write"
"""The scopes of an app-level token, as far as the sandbox has methods for one."""

Ending = Literal["answer", "reset", "hang"]


@dataclass(slots=True)
class Request:
    """A request as it arrived."""

    method: str
    content_type: str = ""
    authorization: str = ""
    query: str = ""
    body: bytes = b""


@dataclass(slots=True)
class Answer:
    """What goes back: an HTTP answer, or a connection that is reset or left hanging."""

    ending: Ending = "answer"
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Outcome:
    answer: JsonObject
    applied: bool
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)


def answer(world: World, request: Request, fault: Fault | None = None, began: float | None = None) -> Answer:
    """Carry out a call, or let it meet its fault, and write both into the ledger.

    `began`, by `time.perf_counter`, is when the call came, where it has waited since.
    """
    started = time.perf_counter() if began is None else began
    first = len(world.ledger)
    outcome = _refusal(fault) if fault is not None and fault.is_before else _carry_out(world, request)
    changes = len(world.ledger) - first
    would_send = _answer(outcome)
    sent = faulty(fault) if fault is not None and fault.kind != "slow" else would_send
    entry: JsonObject = {
        "method": request.method,
        "actor": world.workspace.team.bot_user,
        "request": {
            "content_type": request.content_type,
            "query": request.query,
            "body": _as_text(request.body),
        },
        "applied": outcome.applied,
        "changes": changes,
        "fault": fault.name if fault is not None else None,
        "status": sent.status if sent.ending == "answer" else None,
        "answer": short(outcome.answer, len(would_send.body)),
        "ms": round((time.perf_counter() - started) * 1000, 3),
    }
    world.ledger.write("call", entry)
    world.ledger.flush()
    return sent


def short(given: JsonObject, size: int | None = None) -> JsonObject:
    """JSON as the ledger keeps it: whole when it is short, else without what is nested in it.

    `size` is its length in bytes, when that is known already.
    """
    if (len(dumps(given)) if size is None else size) <= ANSWER_KEPT:
        return given
    return {key: value for key, value in given.items() if not isinstance(value, dict | list)} | {"cut": True}


def _as_text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")


def _refusal(fault: Fault) -> _Outcome:
    if fault.kind == "ratelimit":
        return _rate_limited(_seconds(fault))
    return _Outcome({"ok": False, "error": fault.detail or fault.kind}, applied=False)


def _rate_limited(seconds: int) -> _Outcome:
    headers = [("Retry-After", str(seconds))]
    return _Outcome({"ok": False, "error": "ratelimited"}, applied=False, status=429, headers=headers)


def _carry_out(world: World, request: Request) -> _Outcome:
    headers: list[tuple[str, str]] = []
    try:
        call, token = _call(world, request)
        if request.method not in WITHOUT_TOKEN:
            _authorize(world, request.method, token)
        headers = _scope_headers(world, request.method, token)
        world.rates.check(request.method, call.args.text("channel"))
        scopes.check_method(world.settings.scopes, request.method)
        call.args.check_required()
        return _Outcome({"ok": True} | METHODS[request.method](call), applied=True, headers=headers)
    except RateLimitedError as limited:
        outcome = _rate_limited(limited.retry_after)
        outcome.headers += headers
        return outcome
    except SlackError as error:
        refused: JsonObject = {"ok": False, "error": error.code} | error.extra
        if error.messages:
            refused["response_metadata"] = {"messages": error.messages}
        return _Outcome(refused, applied=False, headers=headers)


def _call(world: World, request: Request) -> tuple[Call, str]:
    """The call, and the token that came with it."""
    known = contract.methods().get(request.method)
    if known is None or request.method not in METHODS:
        raise SlackError("unknown_method", req_method=request.method)
    given = parse(request.content_type, request.body, request.query)
    scheme, _, bearer = request.authorization.partition(" ")
    if scheme.lower() == "basic" and request.method == "oauth.v2.access":
        given |= _client(bearer)
    token = bearer.strip() if scheme.lower() == "bearer" else as_text(given.get("token"))
    return Call(world, request.method, Args(given, known), world.workspace.team.bot_user), token


def _client(basic: str) -> JsonObject:
    """The client of HTTP Basic, which goes before that of the arguments; none where it cannot be read."""
    try:
        name, _, secret = base64.b64decode(basic, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}


def _scope_headers(world: World, method: str, token: str) -> list[tuple[str, str]]:
    """What the token may do, and what the method asks for; Slack names both to whoever has a good token."""
    if token == world.secrets.app_token:
        return [("X-OAuth-Scopes", APP_SCOPES), ("X-Accepted-OAuth-Scopes", APP_SCOPES)]
    if token != world.secrets.bot_token and token not in world.grants:
        return []
    accepted = ",".join(contract.methods()[method].scopes)
    granted = scopes.listed(world.settings.scopes)
    return [("X-OAuth-Scopes", granted), *([("X-Accepted-OAuth-Scopes", accepted)] if accepted else [])]


def _authorize(world: World, method: str, token: str) -> None:
    if not token:
        raise SlackError("not_authed")
    needed, other = world.secrets.bot_token, world.secrets.app_token
    if method == "apps.connections.open":
        needed, other = other, needed
    if token == other:
        raise SlackError("not_allowed_token_type")
    if token != needed and (method == "apps.connections.open" or token not in world.grants):
        raise SlackError("invalid_auth")
    if world.grants.expired(token):
        raise SlackError("token_expired")
    if world.settings.token_error:
        raise SlackError(world.settings.token_error)


def faulty(fault: Fault) -> Answer:
    """What the app gets when a call meets a fault other than `slow`."""
    if fault.kind.startswith("reset"):
        return Answer("reset")
    if fault.kind.startswith("hang"):
        return Answer("hang")
    if fault.kind.startswith("http"):
        status = int(fault.detail if fault.kind == "http" else fault.kind[5:8])
        return Answer(status=status, body=HTTPStatus(status).phrase.encode(), content_type="text/plain; charset=utf-8")
    if fault.kind == "ratelimit":
        return _answer(_rate_limited(_seconds(fault)))
    return _answer(_Outcome({"ok": False, "error": fault.detail or "internal_error"}, applied=False))


def _seconds(fault: Fault) -> int:
    return int(float(fault.detail or 1))


def _answer(outcome: _Outcome) -> Answer:
    # Lone surrogates must not break an answer: they go back as the escapes they came as.
    encoded = dumps(outcome.answer).encode("utf-8", "backslashreplace")
    return Answer(status=outcome.status, body=encoded, headers=outcome.headers)
