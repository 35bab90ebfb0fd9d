"""Identifiers as Slack's look. Those of people and channels count up, so that a run repeats itself."""

import secrets

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def numbered(prefix: str, number: int) -> str:
    """An eleven-character id such as `U0SB000001A`, the number in base 36."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return f"{prefix}0SB{digits:0>7}"


def random_id(prefix: str, length: int = 10) -> str:
    """An unguessable id, for things that live briefly: views, events, hooks."""
    return prefix + "".join(secrets.choice(_DIGITS) for _ in range(length))


def ts_text(key: int) -> str:
    """A message timestamp of microseconds since the epoch, as Slack writes it: `1767225600.000100`."""
    return f"{key // 1_000_000}.{key % 1_000_000:06d}"


def ts_key(text: str) -> int:
    """The microseconds of a message timestamp; also takes `1767225600` and shortened fractions.

    Raises:
        ValueError: it is not a timestamp.
    """
    seconds, _, fraction = text.partition(".")
    if not seconds.isdecimal() or (fraction and not fraction.isdecimal()) or len(seconds) > 12:
        raise ValueError(f"not a timestamp: {text[:40]!r}")
    return int(seconds) * 1_000_000 + int(f"{fraction[:6]:0<6}" or "0")
