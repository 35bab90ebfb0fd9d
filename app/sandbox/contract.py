"""Slack's contract as the sandbox needs it: arguments, error codes, tiers and lengths, from `data/`."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from app.sandbox.jsontypes import JsonObject, as_int, as_list, as_object, as_text, loads

_DATA = Path(__file__).parent / "data"
SPECIAL_PER_MINUTE = 300


@dataclass(frozen=True, slots=True)
class MethodContract:
    """What Slack's reference says of one Web API method.

    `errors` holds the codes special to the method, those that every method may answer left out. A bot token
    needs one of `scopes`.
    `per_minute` is its rate tier in calls a minute; "special" ones are "hundreds" there, taken as 300.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    errors: frozenset[str]
    per_minute: int
    scopes: tuple[str, ...]


def _texts(value: object) -> tuple[str, ...]:
    return tuple(as_text(item) for item in as_list(value))


def _per_minute(tier: str) -> int:
    found = re.search(r"(\d+)\+ per minute", tier)
    return int(found.group(1)) if found else SPECIAL_PER_MINUTE


@cache
def methods() -> dict[str, MethodContract]:
    """All methods that the sandbox knows, by name."""
    whole = as_object(loads((_DATA / "methods.json").read_bytes()))
    found = {}
    for name, entry in as_object(whole["methods"]).items():
        facts = as_object(entry)
        found[name] = MethodContract(
            name=name,
            required=_texts(facts["required"]),
            optional=_texts(facts["optional"]),
            errors=frozenset(_texts(facts["errors"])),
            per_minute=_per_minute(as_text(facts["rate_tier"])),
            scopes=_texts(facts["scopes"]),
        )
    return found


@cache
def common_errors() -> frozenset[str]:
    """The codes that every method may answer."""
    whole = as_object(loads((_DATA / "methods.json").read_bytes()))
    return frozenset(_texts(whole["common_errors"]))


@cache
def _blocks() -> JsonObject:
    return as_object(loads((_DATA / "blocks.json").read_bytes()))


@lru_cache(maxsize=512)
def block_facts(*path: str) -> frozenset[str]:
    """Names of `data/blocks.json`: `block_facts("blocks", "section", "keys")`; empty when there are none there."""
    here: object = _blocks()
    for step in path:
        here = as_object(here).get(step)
    return frozenset(here if isinstance(here, dict) else _texts(here))


@cache
def _limits() -> JsonObject:
    return as_object(loads((_DATA / "limits.json").read_bytes()))


@cache
def limit(*path: str) -> int:
    """A length or count of `data/limits.json`, such as `limit("button", "text", "max_length")`.

    Raises:
        KeyError: there is no such limit.
    """
    here: object = _limits()
    for step in path:
        here = as_object(here)[step]
    return as_int(here)
