"""Reading a business calendar from a program's settings, and saying what is wrong with them."""

import difflib
import itertools
import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from app.kernel.business import (
    OWN_HOLIDAY,
    BusinessCalendar,
    CalendarError,
    Interval,
    holiday_names,
    public_holidays,
)

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS = ("hours", "country", "subdivision", "holidays", "closed_names", "worked_names", "extra_days")
_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\Z")
_YEARS_FOR_NAMES = range(2024, 2031)


def read_calendar(cfg: Mapping[str, object], zone: str) -> BusinessCalendar:
    """The calendar that a program's settings describe.

    Keys: `hours` (weekday "mon" to "sun", each a list of "08:00-12:00"; a day left out is closed; "24:00"
    ends a day), `country` and `subdivision` (ISO codes of the `holidays` library, or none), `holidays` (own
    days off: ISO dates, or a mapping of date to name), `closed_names` (when given, only public holidays of
    these names close), `worked_names` (public holidays of these names do not), `extra_days` (days that are
    worked all the same: ISO dates, or a mapping of date to intervals).

    Raises CalendarError, with what to write instead.
    """
    for key in cfg:
        if key not in _KEYS:
            raise CalendarError(f"the calendar has no setting “{key}”{_did_you_mean(key, _KEYS)}")
    hours = _hours(cfg.get("hours"))
    country, subdivision = _place(cfg.get("country"), cfg.get("subdivision"))
    return BusinessCalendar(
        zone=_zone(zone),
        hours=hours,
        country=country,
        subdivision=subdivision,
        closed_names=_names(cfg.get("closed_names"), "closed_names", country, subdivision),
        worked_names=_names(cfg.get("worked_names"), "worked_names", country, subdivision),
        own_holidays=_own_holidays(cfg.get("holidays")),
        extra_days=_extra_days(cfg.get("extra_days"), hours),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        hint = _did_you_mean(name, available_timezones()) or "; write one such as America/New_York"
        raise CalendarError(f"“{name}” is not a time zone{hint}") from error


def _hours(value: object) -> Mapping[int, tuple[Interval, ...]]:
    example = 'write for example {"mon": ["08:00-12:00", "13:00-17:00"]}'
    if not isinstance(value, Mapping):
        raise CalendarError(f"the calendar needs its opening hours under “hours”; {example}")
    hours: dict[int, tuple[Interval, ...]] = {}
    for key, texts in value.items():
        weekday = _weekday(key)
        if weekday in hours:
            raise CalendarError(f"hours: {_WEEKDAYS[weekday]} is given twice; put all its intervals into one list")
        hours[weekday] = _intervals(_texts(texts, f"hours.{key}"), f"hours.{key}")
    if not any(hours.values()):
        raise CalendarError(f"the calendar is never open: no day has hours; {example}")
    return MappingProxyType({day: hours[day] for day in sorted(hours) if hours[day]})


def _weekday(key: object) -> int:
    name = str(key).strip().casefold()
    for names in (_WEEKDAYS, _LONG_WEEKDAYS):
        if name in names:
            return names.index(name)
    raise CalendarError(f"hours: “{key}” is not a weekday{_did_you_mean(name, _WEEKDAYS + _LONG_WEEKDAYS)}")


def _intervals(texts: Iterable[str], where: str) -> tuple[Interval, ...]:
    read: list[tuple[int, int, str]] = []
    for text in texts:
        found = _INTERVAL.match(text.strip())
        if found is None:
            raise CalendarError(f"{where}: “{text}” is not an interval; write for example 08:00-12:00")
        began = _minute(found[1], found[2], text, where)
        ended = _minute(found[3], found[4], text, where)
        if began == ended:
            raise CalendarError(f"{where}: “{text}” is empty; leave it out, or write 00:00-24:00 for a whole day")
        if began > ended:
            raise CalendarError(
                f"{where}: “{text}” ends before it begins; write {hhmm(ended)}-{hhmm(began)}, "
                f"or for a night {hhmm(began)}-24:00 on this day and 00:00-{hhmm(ended)} on the next"
            )
        read.append((began, ended, text))
    read.sort()
    for (began, ended, text), (next_began, next_ended, next_text) in itertools.pairwise(read):
        if next_began < ended:
            raise CalendarError(
                f"{where}: “{text}” and “{next_text}” overlap; write "
                f"{hhmm(min(began, next_began))}-{hhmm(max(ended, next_ended))}"
            )
    return tuple((_time(began), _time(ended)) for began, ended, _ in read)


def _minute(hour: str, minute: str, text: str, where: str) -> int:
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > 24 * 60:
        raise CalendarError(f"{where}: “{text}” holds no time of day; hours go from 00:00 to 24:00")
    return total


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def hhmm(minute: int) -> str:
    """A minute of the day as `08:00`; the last is `24:00`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _place(country: object, subdivision: object) -> tuple[str | None, str | None]:
    if country is None:
        if subdivision is not None:
            raise CalendarError(f"subdivision “{subdivision}” needs its country; write for example country: US")
        return None, None
    import holidays

    places = holidays.list_supported_countries(include_aliases=True)
    if not isinstance(country, str) or country not in places:
        hint = _did_you_mean(str(country).upper(), places) or "; write its two-letter ISO code, such as US"
        raise CalendarError(f"country “{country}” has no known holidays{hint}")
    if subdivision is not None and subdivision not in places[country]:
        known = ", ".join(sorted(places[country])) or "none"
        raise CalendarError(f"{country} has no subdivision “{subdivision}” with holidays of its own; known: {known}")
    return country, None if subdivision is None else str(subdivision)


def known_names(country: str, subdivision: str | None) -> frozenset[str]:
    """The names of a country's public holidays over some years, as `closed_names` and `worked_names` take them."""
    return frozenset(
        part
        for year in _YEARS_FOR_NAMES
        for name in public_holidays(country, subdivision, year).values()
        for part in holiday_names(name)
    )


def _names(value: object, key: str, country: str | None, subdivision: str | None) -> frozenset[str]:
    names = frozenset(_texts(value, key))
    if not names:
        return names
    if country is None:
        raise CalendarError(f"{key} names public holidays, and so needs a country; write for example country: US")
    known = known_names(country, subdivision)
    for name in names - known:
        hint = _did_you_mean(name, known) or f"; known: {', '.join(sorted(known))}"
        raise CalendarError(f"{key}: “{name}” is no public holiday there{hint}")
    return names


def _own_holidays(value: object) -> Mapping[date, str]:
    """Own days off with their names; one that was given without has that of all."""
    if not isinstance(value, Mapping):
        return MappingProxyType({_date(day, "holidays"): OWN_HOLIDAY for day in _texts(value, "holidays")})
    for day, name in value.items():
        if not isinstance(name, str):
            raise CalendarError(f"holidays.{day}: {name!r} is no name; put it in quotes")
    return MappingProxyType({_date(str(day), "holidays"): name or OWN_HOLIDAY for day, name in value.items()})


def _extra_days(value: object, hours: Mapping[int, tuple[Interval, ...]]) -> Mapping[date, tuple[Interval, ...]]:
    """Days worked in spite of weekend or holiday.

    A day without intervals of its own has those of its weekday, and where that has none, those of the
    week's first open day.
    """
    if isinstance(value, Mapping):
        given = {
            _date(str(day), "extra_days"): _intervals(_texts(texts, f"extra_days.{day}"), f"extra_days.{day}")
            for day, texts in value.items()
        }
        for day, intervals in given.items():
            if not intervals:
                raise CalendarError(f"extra_days: {day} has no intervals; give some, or list it under holidays")
        return MappingProxyType(given)
    usual = next(iter(hours.values()))
    days = [_date(text, "extra_days") for text in _texts(value, "extra_days")]
    return MappingProxyType({day: hours.get(day.weekday(), usual) for day in days})


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise CalendarError(f"{where}: “{text}” is not a date; write for example 2026-11-27") from error


def _texts(value: object, where: str) -> list[str]:
    """A list of texts; dates are taken too, since YAML reads an ISO date as one."""
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise CalendarError(f"{where}: write a list, such as [{value!r}]")
    texts: list[str] = []
    for part in value:
        if isinstance(part, date):
            texts.append(part.isoformat())
        elif isinstance(part, str):
            texts.append(part)
        else:
            raise CalendarError(f"{where}: {part!r} is not a text; put it in quotes")
    return texts


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean “{near[0]}”?" if near else ""
