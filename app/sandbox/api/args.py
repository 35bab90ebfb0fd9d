"""Arguments of a Web API call, whichever way they came: query, form or JSON."""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl

from app.sandbox.contract import MethodContract
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject, as_object, as_text, is_true, loads

_Item = TypeVar("_Item")

MISSING = {
    ("conversations.create", "name"): "invalid_name_required",
    ("conversations.rename", "name"): "invalid_name_required",
    ("conversations.invite", "users"): "no_user",
    ("reactions.add", "timestamp"): "no_item_specified",
}
"""Codes that methods have of their own for a missing argument; others are `missing_argument` where the
method lists it, `missing_args` or `invalid_arguments`."""

CHARSETS = ("utf-8", "iso-8859-1")
ARGUMENT_NAME = re.compile(r"[A-Za-z0-9_]{1,255}", re.ASCII)
"""Slack's reference of `invalid_charset` and `invalid_arg_name`; how long is too long it does not say."""


def parse(content_type: str, body: bytes, query: str) -> JsonObject:
    """All arguments as one object.

    Raises:
        SlackError: the body is not what its content type says, or of a type that Slack does not take; a name is
            none that an argument could have.
    """
    given = _named(parse_qsl(query, keep_blank_values=True))
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if not body:
        return given
    charset = re.search(r"charset=\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    encoding = charset.group(1).lower() if charset else "utf-8"
    if encoding not in CHARSETS:
        raise SlackError("invalid_charset")
    if kind == "application/json":
        try:
            parsed = loads(body)
        except ValueError as error:
            raise SlackError("invalid_json") from error
        if not isinstance(parsed, dict):
            raise SlackError("json_not_object")
        return given | _named(parsed.items())
    if kind == "application/x-www-form-urlencoded":
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            raise SlackError("invalid_charset") from error
        if "=" not in text:
            raise SlackError("invalid_form_data")
        return given | _named(parse_qsl(text, keep_blank_values=True))
    raise SlackError("invalid_post_type" if kind else "missing_post_type")


def _named(pairs: Iterable[tuple[str, object]]) -> JsonObject:
    given = dict(pairs)
    for name in given:
        if name.endswith("]"):
            raise SlackError("invalid_array_arg")
        if not ARGUMENT_NAME.fullmatch(name):
            raise SlackError("invalid_arg_name")
    return given


class Args:
    """Typed access to a call's arguments."""

    def __init__(self, given: JsonObject, contract: MethodContract) -> None:
        self._given = given
        self._contract = contract

    def __contains__(self, name: str) -> bool:
        return self._given.get(name) not in (None, "")

    def check_required(self) -> None:
        """Check that all required arguments are there.

        Raises:
            SlackError: one is missing, with the method's own code for that.
        """
        for name in self._contract.required:
            if name not in self and not (name in self._given and name in ("topic", "purpose")):
                raise self.missing(name)

    def missing(self, name: str) -> SlackError:
        """The error for an argument that is not there."""
        own = MISSING.get((self._contract.name, name))
        if own is not None:
            return SlackError(own)
        for code in ("missing_argument", "missing_args"):
            if code in self._contract.errors:
                return SlackError(code)
        return SlackError("invalid_arguments", [f"[ERROR] missing required field: {name}"])

    def text(self, name: str, default: str = "") -> str:
        """An argument as text; numbers as they are written."""
        value = self._given.get(name, default)
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else as_text(value, default)

    def flag(self, name: str) -> bool:
        """An argument as yes or no; no when it is not there."""
        return is_true(self._given.get(name))

    def ids(self, name: str) -> list[str]:
        """An argument as a list of ids: a JSON array, or text with commas."""
        value = self._given.get(name)
        parts = [as_text(item) for item in value] if isinstance(value, list) else self.text(name).split(",")
        return [part.strip() for part in parts if part.strip()]

    def json(self, name: str, error: str) -> object:
        """An argument that is JSON: as it is in a JSON body, as text in a form.

        Raises:
            SlackError: with the given code, when the text is no JSON.
        """
        value = self._given.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return loads(value)
        except ValueError as bad:
            raise SlackError(error) from bad

    def object(self, name: str, error: str) -> JsonObject:
        """An argument that must be a JSON object.

        Raises:
            SlackError: with the given code, when it is something else.
        """
        value = self.json(name, error)
        if not isinstance(value, dict):
            raise SlackError(error)
        return as_object(value)

    def limit(self, default: int, most: int) -> int:
        """The `limit` of a page.

        Raises:
            SlackError: invalid_limit, when it is no number or out of range (methods that do not know this
                code say invalid_arguments of what is no number, and give less of what is too much).
        """
        text = self.text("limit")
        if not text or text == "0":
            return default
        strict = "invalid_limit" in self._contract.errors
        if not text.isdecimal() or (strict and int(text) > most):
            raise SlackError("invalid_limit" if strict else "invalid_arguments")
        return min(int(text), most)

    def cursor(self) -> str:
        """What the `cursor` points to; empty at the beginning.

        Raises:
            SlackError: invalid_cursor.
        """
        given = self.text("cursor")
        if not given:
            return ""
        try:
            text = urlsafe_b64decode(given.encode()).decode()
        except (binascii.Error, ValueError) as error:
            raise SlackError("invalid_cursor") from error
        if not text.startswith("next:"):
            raise SlackError("invalid_cursor")
        return text.removeprefix("next:")

    def page(self, items: Sequence[_Item], limit: int) -> tuple[list[_Item], str]:
        """A page of items by the cursor, and the next cursor (empty at the end).

        Raises:
            SlackError: invalid_cursor.
        """
        cursor = self.cursor()
        if cursor and not cursor.isdecimal():
            raise SlackError("invalid_cursor")
        start = int(cursor or 0)
        end = start + limit
        return list(items[start:end]), next_cursor(str(end)) if end < len(items) else ""


def next_cursor(place: str) -> str:
    """The cursor that points to a place."""
    return urlsafe_b64encode(f"next:{place}".encode()).decode()
