"""Time zones as people say them: an IANA name, a city, or `eastern`. Pure, but for the machine's list of zones."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from app.refusals import Refusal

_SAID: Final[Mapping[str, str]] = {
    "eastern": "America/New_York", "et": "America/New_York", "central": "America/Chicago", "ct": "America/Chicago",
    "mountain": "America/Denver", "mt": "America/Denver", "arizona": "America/Phoenix",
    "pacific": "America/Los_Angeles", "pt": "America/Los_Angeles", "alaska": "America/Anchorage",
    "est": "America/New_York", "cst": "America/Chicago", "pst": "America/Los_Angeles",
    "hawaii": "Pacific/Honolulu", "utc": "UTC", "boston": "America/New_York", "washington": "America/New_York",
    "philadelphia": "America/New_York", "atlanta": "America/New_York", "miami": "America/New_York",
    "cleveland": "America/New_York", "houston": "America/Chicago", "dallas": "America/Chicago",
    "austin": "America/Chicago", "minneapolis": "America/Chicago", "salt lake city": "America/Denver",
    "seattle": "America/Los_Angeles", "san francisco": "America/Los_Angeles", "san diego": "America/Los_Angeles",
    "portland": "America/Los_Angeles", "munich": "Europe/Berlin", "hamburg": "Europe/Berlin", "cebu": "Asia/Manila",
    "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata",
}  # fmt: skip
"""What is said of the zones that the United States have, and of towns for which no zone is named."""
_AREAS: Final = (
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip
_NO_PLACES: Final = ("Factory", "localtime")
"""Names of the list that are no zone, or another one on each machine."""
_TWO: Final[Mapping[str, str]] = {"mst": "Denver, where summer has its own time, or Phoenix, where it has not"}
"""What is said of two zones whose clocks go apart in summer."""
_ENDINGS = re.compile(r"\s+(?:time|standard time|daylight time|zone|time zone)\Z")


class BadZone(Refusal):
    """A text names no time zone."""


def read_zone(text: str) -> str:
    """The IANA name of a zone: `Europe/Berlin`, `berlin`, `New York`, `eastern time`. Raises `BadZone`."""
    said = _ENDINGS.sub("", _plain(text))
    if said in _TWO:
        raise BadZone(f"{said.upper()} is said of two zones. Nothing changed. Name a city: {_TWO[said]}.")
    names = _names()
    if said in names:
        return names[said]
    near = get_close_matches(said[:40], names, n=1, cutoff=0.8)
    meant = f" Did you mean {names[near[0]]}?" if near else ""
    raise BadZone(
        f"I know no time zone of that name. Nothing changed.{meant} Write a large city of it, or its whole name: "
        "Chicago, or Europe/Berlin."
    )


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().strip(" .,").split())


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """What is understood, in small letters. Of a city with several names the shortest counts."""
    found = {}
    for name in sorted(available_timezones(), key=lambda name: (-name.count("/"), -len(name), name)):
        area, _, city = name.partition("/")
        if area in _AREAS:
            found[_plain(city.rpartition("/")[2])] = name
        if name not in _NO_PLACES:
            found[_plain(name)] = name
    return found | dict(_SAID)
