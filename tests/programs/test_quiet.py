"""Whose quiet hours somebody may set, and which time zone a word is."""

from contextlib import suppress
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import NoResultFound

from app.programs.actor import NotAllowed
from app.programs.models import Staff
from app.programs.quiet import set_quiet
from app.programs.service import BadSetting
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
])  # fmt: skip
def test_a_zone_is_a_city_a_name_or_what_is_said_of_it(said: str, zone: str) -> None:
    assert ZoneInfo(read_zone(said)).key in (zone, f"America/Indiana/{said}")


@given(st.sampled_from(sorted(name for name in available_timezones() if name.startswith(("America/", "Europe/")))))
def test_every_whole_name_is_understood(name: str) -> None:
    assert read_zone(name) == name


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    with suppress(BadZone):
        assert ZoneInfo(read_zone(text))


def test_what_is_no_zone_is_said_with_what_would_be() -> None:
    with pytest.raises(BadZone, match="Did you mean Europe/Berlin"):
        read_zone("Belrin")
    with pytest.raises(BadZone, match=r"no time zone of that name\. Nothing changed\. Write a large city"):
        read_zone("Xyzzyville")
