"""Due rules: what is read, what is refused and how, and when things fall due."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.business import BeyondHorizon, BusinessCalendar
from app.kernel.clock import NaiveTimeError
from app.kernel.due import Anchor, DueRule, DueRuleError, Moment
from app.kernel.durations import UNITS, Duration
from app.kernel.keydates import KEY_DATES, UNPLANNED
from tests.kernel.windows import Scene, scenes

NEW_YORK = ZoneInfo("America/New_York")
HOURS = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = BusinessCalendar.from_config({"hours": HOURS, "country": "US"}, "America/New_York")
BOARD = Anchor("key_date", "board")
SURGERY = Anchor("key_date", "surgery")
REFERRAL = Anchor("key_date", "referral")
SIGNED = Anchor("key_date", "operative_note_signed")


def rule(text: str) -> DueRule:
    return DueRule.parse(text, key_dates=KEY_DATES, items=("AU1", "AU3", "TB2"))


def read_or_refused(text: str) -> DueRule | DueRuleError:
    try:
        return rule(text)
    except DueRuleError as refused:
        return refused


def ny(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "anchor", "duration", "direction", "at_time"),
    [
        ("2 business days before board at 17:00", BOARD, Duration(2, "business days"), "before", time(17)),
        ("4 business hours after referral", REFERRAL, Duration(4, "business hours"), "after", None),
        ("10 days after surgery", SURGERY, Duration(10, "days"), "after", None),
        ("1 business day after ready", Anchor("ready"), Duration(1, "business days"), "after", None),
        ("2 hours after start", Anchor("start"), Duration(2, "hours"), "after", None),
        ("5 business days after done of AU1", Anchor("done", "AU1"), Duration(5, "business days"), "after", None),
        ("on board", BOARD, None, "on", None),
        ("on surgery at 07:00", SURGERY, None, "on", time(7)),
        ("at surgery", SURGERY, None, "at", None),
        ("on surgery_proposed", Anchor("key_date", "surgery_proposed"), None, "on", None),
        ("ON  Surgery   Proposed", Anchor("key_date", "surgery_proposed"), None, "on", None),
        ("1 week before operative note signed", SIGNED, Duration(1, "weeks"), "before", None),
    ],
)  # fmt: skip
def test_reading(text: str, anchor: Anchor, duration: Duration | None, direction: str, at_time: time | None) -> None:
    read = rule(text)
    assert (read.anchor, read.duration, read.direction, read.at_time) == (anchor, duration, direction, at_time)
    assert read.text == " ".join(text.split())
    assert rule(str(read)) == read, "what it says of itself says the same"


anchors = st.one_of(
    st.sampled_from([name for name in KEY_DATES if name not in UNPLANNED]).map(lambda name: name.replace("_", " ")),
    st.just("board"),
)
clock_times = st.times().map(lambda at: f" at {at:%H:%M}")


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 100),
    st.sampled_from(UNITS),
    st.sampled_from(("before", "after")),
    anchors,
    st.one_of(st.just(""), clock_times),
)
def test_every_sentence_of_the_grammar_is_read(n: int, unit: str, direction: str, anchor: str, at: str) -> None:
    at = at if unit.endswith(("days", "weeks")) else ""
    text = f"{n} {unit} {direction} {anchor}{at}"
    # The singular is what it says of itself.
    assert str(rule(text)) == (text if n > 1 else text.replace(unit, unit[:-1], 1))


@pytest.mark.parametrize(
    ("text", "column", "message", "suggestion", "reason"),
    [
        ("", 1, "is empty", "2 business days before board at 17:00", "nothing"),
        ("board", 6, "what it hangs on", "before or after <key date>", "a key date alone"),
        ("2 busines days before board", 3, "is not a unit", "write 2 business days", "misspelt unit"),
        ("2bd before board", 2, "is not a unit", "write 2 business days", "short form"),
        ("  2 bd before board", 5, "is not a unit", "write 2 business days", "columns count leading spaces"),
        ("two days before board", 1, "does not begin with a number", "4 business hours", "a number in words"),
        ("2 business days befor board", 17, "not a word of due rules", "“before”", "misspelt before"),
        ("within 2 days of board", 1, "not a word of due rules", "“after”", "another way to say it"),
        ("by board", 1, "not a word of due rules", "“on”", "another way to say it"),
        ("before board", 1, "no duration", "2 business days before", "no duration"),
        ("0 days after board", 1, "0 says nothing", "on board at 17:00", "no distance"),
        ("2 days before", 14, "nothing follows", "name a key date", "no anchor"),
        ("on", 3, "nothing follows", "name a key date", "no anchor"),
        ("2 days before bord", 15, "is not a key date", "did you mean “board”?", "misspelt key date"),
        ("2 days before auth", 15, "is not a key date", "“auth submitted” or “auth decided”", "half a name"),
        ("2 days after redy", 14, "is not a key date", "did you mean “ready”?", "misspelt ready"),
        ("2 days before xyzzy", 15, "is not a key date", "known: referral", "nothing near"),
        ("5 days after done of AU2", 22, "no item “AU2”", "did you mean AU", "unknown item"),
        ("5 days after done of au1", 22, "no item “au1”", "did you mean AU1?", "ids keep their case"),
        ("5 days after done of QQQQ", 22, "no item “QQQQ”", "items here: AU1, AU3, TB2", "nothing near"),
        ("5 days after done of", 14, "needs its item", "done of AU1", "no item"),
        ("5 days after done AU1", 14, "needs its item", "done of AU1", "“of” left out"),
        ("5 days after done of A-1", 22, "is not an item's id", "done of AU1", "no id"),
        ("5 days after done of AU1 AU3", 26, "comes after the item", "name one item", "two items"),
        ("2 days before ready", 8, "cannot be met", "4 business hours after ready", "before it can be known"),
        ("2 days before done of AU1", 8, "cannot be met", "after done of AU1", "before it can be known"),
        ("on start", 1, "cannot be met", "after start", "may have passed already when it starts"),
        ("at ready", 1, "cannot be met", "after ready", "late at once"),
        ("2 days before referral", 8, "cannot be met", "after referral", "entered only when it happened"),
        ("1 day before denial received", 7, "cannot be met", "after denial received", "nobody announces a denial"),
        ("4 hours after board at 17:00", 21, "no time of day", "drop at 17:00", "an instant already"),
        ("4 business hours before board at 17:00", 31, "no time of day", "in business days", "an instant already"),
        ("at surgery at 07:00", 12, "an instant already", "on surgery at 07:00", "two times"),
        ("on board at", 12, "is missing", "at 17:00", "no time"),
        ("on board 17:00", 10, "needs “at”", "at 17:00", "“at” left out"),
        ("on board at 5pm", 13, "not a time of day", "write at 17:00", "twelve hours"),
        ("on board at 12 am", 13, "not a time of day", "write at 00:00", "midnight in twelve hours"),
        ("on board at 9:30", 13, "not a time of day", "write at 09:30", "one digit"),
        ("on board at noon", 13, "not a time of day", "write at 12:00", "a word"),
        ("on board at 25:00", 13, "not a time of day", "write at 17:00", "no such hour"),
        ("on board at 17:00 sharp", 19, "after the end", "end it with at 17:00", "something more"),
        ("2 days before board after surgery", 21, "a second “after”", "hangs on one thing", "two anchors"),
        ("4000 days after board", 1, "longer than anything", "1095 days at most", "ten years"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, column: int, message: str, suggestion: str, reason: str) -> None:
    with pytest.raises(DueRuleError) as refused:
        rule(text)
    assert message in refused.value.message, reason
    assert suggestion in refused.value.suggestion, reason
    assert refused.value.column == column, reason
    assert f"column {column}" in str(refused.value)


WORDS: tuple[str, ...] = ("2", "0", "-3", "business", "days", "hours", "before", "after", "on", "at", "board", "ready")
WORDS += ("done", "of", "AU1", "17:00", "(", "é")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS)))
def test_no_jumble_of_words_does_worse_than_a_refusal(words: list[str]) -> None:
    text = " ".join(words)
    read = read_or_refused(text)
    if isinstance(read, DueRuleError):
        assert 1 <= read.column <= len(text) + 1
        assert read.suggestion
    else:
        assert rule(str(read)) == read


def test_items_are_checked_only_where_they_are_known() -> None:
    assert DueRule.parse("1 day after done of X9", key_dates=()).anchor == Anchor("done", "X9")


TUESDAY = Moment.of_day(date(2026, 6, 2))
BOARD_AT_SEVEN = Moment.of_instant(ny("2026-06-02T07:00"), NEW_YORK)
SATURDAY = Moment.of_instant(ny("2026-06-06T11:00"), NEW_YORK)


@pytest.mark.parametrize(
    ("text", "anchor", "due", "reason"),
    [
        ("2 business days before board at 17:00", TUESDAY, "2026-05-29T17:00", "over the weekend"),
        ("2 business days before board", BOARD_AT_SEVEN, "2026-05-29T17:00", "the day counts, not the hour"),
        ("2 business days before board at 07:00", TUESDAY, "2026-05-29T07:00", "at the time it names"),
        ("6 business days before board", TUESDAY, "2026-05-22T17:00", "Memorial Day does not count"),
        ("4 business hours after referral", SATURDAY, "2026-06-08T12:00", "from Monday's opening"),
        ("1 business hour after referral", SATURDAY, "2026-06-08T09:00", "from Monday's opening"),
        ("4 business hours after referral", TUESDAY, "2026-06-02T12:00", "a day alone counts from its opening"),
        ("5 hours after referral", BOARD_AT_SEVEN, "2026-06-02T12:00", "elapsed hours from the instant"),
        ("4 business hours before board", TUESDAY, "2026-06-01T13:00", "a day alone counts back from its opening"),
        ("4 business hours before board", BOARD_AT_SEVEN, "2026-06-01T13:00", "back from before the opening"),
        ("10 days after surgery", TUESDAY, "2026-06-12T17:00", "the closing of the tenth day"),
        ("4 days after surgery", TUESDAY, "2026-06-06T17:00", "a Saturday stays, and ends at 17:00"),
        ("2 weeks after surgery at 09:30", TUESDAY, "2026-06-16T09:30", "fourteen days"),
        ("1 business day after ready", SATURDAY, "2026-06-08T17:00", "the first one after Saturday"),
        ("on board", TUESDAY, "2026-06-02T17:00", "the closing of that day"),
        ("on board", BOARD_AT_SEVEN, "2026-06-02T17:00", "the day, not the hour"),
        ("on board", SATURDAY, "2026-06-06T17:00", "a closed day ends at 17:00"),
        ("on surgery at 07:00", TUESDAY, "2026-06-02T07:00", "before the opening, as it says"),
        ("at surgery", BOARD_AT_SEVEN, "2026-06-02T07:00", "the instant itself"),
        ("at surgery", TUESDAY, "2026-06-02T08:00", "a day alone begins at its opening"),
    ],
)
def test_due_moments(text: str, anchor: Moment, due: str, reason: str) -> None:
    moment = rule(text).resolve(anchor, OFFICE)
    assert moment == ny(due), reason
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "day", "due", "reason"),
    [
        ("on board at 02:30", "2026-03-08", "2026-03-08T07:30", "skipped in spring: 03:30 EDT"),
        ("1 day after board at 02:30", "2026-03-07", "2026-03-08T07:30", "and when it is counted to"),
        ("on board at 01:30", "2026-11-01", "2026-11-01T05:30", "twice in autumn: the first"),
        ("1 day after board", "2026-03-07", "2026-03-08T21:00", "17:00 is in EDT by then"),
    ],
)
def test_due_moments_on_days_of_clock_changes(text: str, day: str, due: str, reason: str) -> None:
    moment = rule(text).resolve(Moment.of_day(date.fromisoformat(day)), OFFICE)
    assert moment == datetime.fromisoformat(due).replace(tzinfo=UTC), reason


def test_a_moment_knows_its_local_day() -> None:
    late = datetime(2026, 6, 3, 2, tzinfo=UTC)
    assert Moment.of_instant(late, NEW_YORK) == Moment(date(2026, 6, 2), late)
    with pytest.raises(NaiveTimeError):
        Moment.of_instant(late.replace(tzinfo=None), NEW_YORK)


def test_a_date_that_is_a_slip_of_the_keyboard_is_said() -> None:
    with pytest.raises(BeyondHorizon, match="9999"):
        rule("1 business day after surgery").resolve(Moment.of_day(date(9999, 12, 31)), OFFICE)
    with pytest.raises(BeyondHorizon, match="9999"):
        rule("10 days after surgery").resolve(Moment.of_day(date(9999, 12, 31)), OFFICE)


@settings(max_examples=100, deadline=None)
@given(
    scenes(),
    st.integers(11 * 1440, 14 * 1440),
    st.integers(1, 4),
    st.sampled_from(("before", "after")),
    st.integers(0, 1439),
)
def test_days_with_a_time_against_the_twin(seen: Scene, start: int, n: int, direction: str, minute: int) -> None:
    _, twin, calendar = seen
    anchor = Moment.of_instant(twin.at(start), calendar.zone)
    assert anchor.day == twin.local(start)[0]
    sign = 1 if direction == "after" else -1
    at = f"{minute // 60:02}:{minute % 60:02}"
    plain = rule(f"{n} days {direction} board at {at}").resolve(anchor, calendar)
    assert plain == twin.at(twin.minute_of(anchor.day + timedelta(days=sign * n), minute))
    day = twin.add_days(anchor.day, sign * n)
    if twin.first + timedelta(days=2) < day < twin.first + timedelta(days=twin.days - 2):
        business = rule(f"{n} business days {direction} board at {at}").resolve(anchor, calendar)
        assert business == twin.at(twin.minute_of(day, minute))


@settings(max_examples=60, deadline=None)
@given(scenes(), st.integers(8 * 1440, 16 * 1440), st.integers(0, 300))
def test_business_minutes_against_the_twin(seen: Scene, start: int, minutes: int) -> None:
    _, twin, calendar = seen
    anchor = Moment.of_instant(twin.at(start), calendar.zone)
    ahead = min(minutes, twin.between(start, 23 * 1440))
    if ahead:
        due = rule(f"{ahead} business minutes after board").resolve(anchor, calendar)
        assert due == twin.at(twin.add(start, ahead))
