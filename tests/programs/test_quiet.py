"""Whose quiet hours somebody may set, and which time zone a word is."""

from contextlib import suppress
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound

from app.programs import calendars, persons
from app.programs.actor import NotAllowed
from app.programs.models import Program, Staff
from app.programs.quiet import set_quiet
from app.programs.service import BadSetting, add_staff, create_program
from app.programs.settings import BadField
from app.programs.zones import BadZone, read_zone
from tests.world import World

NIGHT = (time(20), time(7))


def test_a_person_sets_their_own_and_a_manager_anybody_s(world: World) -> None:
    ana = world.staff["ana"].id
    for who, news in (("ana", True), ("max", False)):
        with world.store.change() as uow:
            assert set_quiet(uow, world.actor(who), ana, hours=NIGHT) is news
    with pytest.raises(NotAllowed), world.store.change() as uow:
        set_quiet(uow, world.actor("lea"), ana, hours="off")
    with pytest.raises(BadSetting), world.store.change() as uow:
        set_quiet(uow, world.actor("ana"), ana, hours=(time(8), time(8)))
    with world.store.read() as uow:
        person = uow.session.get_one(Staff, ana)
        assert (person.quiet_from, person.quiet_until, person.zone) == (*NIGHT, "America/New_York")


@pytest.mark.parametrize("by", ["themself", "a manager, in the settings"])
def test_however_it_is_set_it_is_one_act_with_one_record(world: World, by: str) -> None:
    sam = world.staff["sam"].id
    with world.store.change() as uow:
        if by == "themself":
            set_quiet(uow, world.actor("sam"), sam, hours=NIGHT, zone="Europe/Berlin")
        else:
            given = {persons.QUIET_FROM: "20:00", persons.QUIET_UNTIL: "07:00", persons.ZONE: "Europe/Berlin"}
            persons.set_person(uow, world.actor("max"), sam, given)
    with world.store.read() as uow:
        person = uow.session.get_one(Staff, sam)
        assert (person.quiet_from, person.quiet_until, person.zone) == (*NIGHT, "Europe/Berlin")
        assert person.digest_due_at == uow.now, "looked for at once, since it may be due there already"
        noted = text("SELECT action, fields, reason FROM audit_entries WHERE object_id = :id AND action LIKE 'staff.%'"
                     " AND action <> 'staff.add'")  # fmt: skip
        rows = uow.session.execute(noted, {"id": str(sam)}).all()
    assert [tuple(row) for row in rows] == [(
        "staff.quiet", ["zone", "quiet_from", "quiet_until"],
        "Time zone: America/New_York → Europe/Berlin; Quiet from: nothing → 20:00; Quiet until: nothing → 07:00",
    )]  # fmt: skip


def test_nobody_is_set_whom_another_practice_has(world: World) -> None:
    with pytest.raises(NoResultFound), world.store.change() as uow:
        set_quiet(uow, world.actor("max"), 999_999, hours="off")


@pytest.mark.parametrize(("said", "zone"), [
    ("Europe/Berlin", "Europe/Berlin"),
    ("europe/berlin", "Europe/Berlin"),
    ("Berlin", "Europe/Berlin"),
    ("new york", "America/New_York"),
    ("Eastern Time", "America/New_York"),
    ("pacific", "America/Los_Angeles"),
    ("CT", "America/Chicago"),
    ("Cebu", "Asia/Manila"),
    ("Indianapolis", "America/Indianapolis"),
    ("utc", "UTC"),
    ("EST", "America/New_York"),
    ("US/Eastern", "US/Eastern"),
    ("EST5EDT", "EST5EDT"),
])  # fmt: skip
def test_a_zone_is_a_city_a_name_or_what_is_said_of_it(said: str, zone: str) -> None:
    assert ZoneInfo(read_zone(said)).key in (zone, f"America/Indiana/{said}")


@pytest.mark.parametrize("said", ["MST", "mst", "MST time"])
def test_what_is_said_of_two_zones_is_asked(said: str) -> None:
    with pytest.raises(
        BadZone, match=r"MST is said of two zones. Nothing changed. Name a city: Denver, .* or Phoenix,"
    ):
        read_zone(said)


@given(st.sampled_from(sorted(name for name in available_timezones() if "/" in name)))
def test_every_whole_name_is_understood(name: str) -> None:
    assert read_zone(name) == name


@pytest.mark.parametrize("typed", ["berlin", "Eastern time", "Chicago"])
def test_each_place_that_takes_a_zone_takes_what_is_said_of_it(world: World, typed: str) -> None:
    zone, max_ = read_zone(typed), world.actor("max")
    with world.store.change() as uow:
        persons.set_person(uow, max_, world.staff["ana"].id, {persons.ZONE: typed})
        set_quiet(uow, world.actor("bo"), world.staff["bo"].id, zone=typed)
        program = uow.session.get_one(Program, world.program.id)
        calendars.set_hours(uow, max_, {**calendars.hours_of(program.calendar, program.zone), "zone": typed})
        made = create_program(uow, slug="other", name="Other", zone=typed, calendar=program.calendar)
        added = add_staff(uow, made.id, slack_user_id="U0NEW", name="Ed", roles=["va"], zone=typed)
        ana, bo = (uow.session.get_one(Staff, world.staff[who].id) for who in ("ana", "bo"))
        assert {ana.zone, bo.zone, program.zone, made.zone, added.zone} == {zone}


@pytest.mark.parametrize("typed", ["Mars", "America/Nowhere", "", "../etc/passwd"])
def test_each_place_refuses_what_is_none(world: World, typed: str) -> None:
    ana, calendar = world.staff["ana"].id, world.program.calendar
    with pytest.raises(BadField) as refused, world.store.change() as uow:
        persons.set_person(uow, world.actor("max"), ana, {persons.ZONE: typed})
    assert refused.value.field == persons.ZONE
    with pytest.raises(BadZone), world.store.change() as uow:
        create_program(uow, slug="other", name="Other", zone=typed, calendar=calendar)
    with pytest.raises(BadZone), world.store.change() as uow:
        add_staff(uow, world.program.id, slack_user_id="U0NEW", name="Ed", roles=["va"], zone=typed)


def test_a_zone_that_stands_and_is_not_changed_stays(world: World) -> None:
    """Another machine may know more of them."""
    ana = world.staff["ana"].id
    with world.store.change() as uow:
        uow.session.execute(text("UPDATE staff SET zone = 'Mars/North' WHERE id = :id"), {"id": ana})
    with world.store.change() as uow:
        persons.set_person(uow, world.actor("max"), ana, {persons.SKILLS: "imaging", persons.ZONE: "Mars/North"})
    with world.store.read() as uow:
        assert uow.session.get_one(Staff, ana).skills == ["imaging"]


@given(st.text(max_size=60))
def test_no_text_breaks_it(typed: str) -> None:
    with suppress(BadZone):
        assert ZoneInfo(read_zone(typed))


def test_what_is_no_zone_is_said_with_what_would_be() -> None:
    with pytest.raises(BadZone, match="Did you mean Europe/Berlin"):
        read_zone("Belrin")
    with pytest.raises(BadZone, match=r"no time zone of that name\. Nothing changed\. Write a large city"):
        read_zone("Xyzzyville")
