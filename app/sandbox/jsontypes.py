"""JSON as typed values: what comes from outside is `object` until it has been looked at."""

import json

JsonObject = dict[str, object]

# One encoder for all: json.dumps with arguments of its own would make one each time.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)


def loads(text: str | bytes) -> object:
    """Parse JSON.

    Raises:
        ValueError: the text is not JSON, or not UTF-8.
    """
    parsed: object = json.loads(text)
    return parsed


def dumps(value: object) -> str:
    """JSON without spaces, non-ASCII kept readable."""
    return _ENCODER.encode(value)


def as_object(value: object) -> JsonObject:
    """The value as a JSON object; an empty one when it is something else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The value as a JSON array; an empty one when it is something else."""
    return value if isinstance(value, list) else []


def as_objects(value: object) -> list[JsonObject]:
    """The JSON objects of an array, anything else in it left out."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def as_text(value: object, default: str = "") -> str:
    """The value as text; `default` when it is not text."""
    return value if isinstance(value, str) else default


def as_int(value: object, default: int = 0) -> int:
    """The value as a whole number; `default` when it is none (a JSON true is none)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def as_float(value: object, default: float = 0.0) -> float:
    """The value as a number; `default` when it is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def is_true(value: object) -> bool:
    """Whether a flag of the Web API is set: JSON true, or what forms write for it."""
    return value is True or value in ("1", "true", "True", 1)
