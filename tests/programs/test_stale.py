"""Who is named to somebody whose form others have overtaken."""

from collections.abc import Callable
from datetime import time

import pytest

from app.digests.service import set_digest
from app.programs import persons
from app.programs.models import Staff
from app.programs.quiet import set_quiet
from app.programs.service import system
from app.programs.settings import Stale, seen
from app.reports.weekly import set_weekly
from app.store.uow import UnitOfWork
from tests.world import World

Act = Callable[[UnitOfWork, World, int], object]


def hours(uow: UnitOfWork, world: World, lea: int) -> object:
    return set_quiet(uow, world.actor("lea"), lea, hours=(time(20), time(7)))


def zone(uow: UnitOfWork, world: World, lea: int) -> object:
    return set_quiet(uow, world.actor("lea"), lea, zone="Berlin")


def digest(uow: UnitOfWork, world: World, lea: int) -> object:
    return set_digest(uow, world.actor("lea"), lea, at=time(6), days=None, silent=False)


def report(uow: UnitOfWork, world: World, lea: int) -> object:
    return set_weekly(uow, world.actor("lea"), lea, "tue")


def skills(uow: UnitOfWork, world: World, lea: int) -> object:
    return persons.set_person(uow, world.actor("max"), lea, {persons.SKILLS: "imaging"})


def on_the_server(uow: UnitOfWork, world: World, lea: int) -> object:
    return set_quiet(uow, system(world.program.id), lea, hours=(time(21), time(7)))


@pytest.mark.parametrize(("acts", "who"), [
    ([hours], "Lea"),
    ([zone], "Lea"),
    ([digest], "Lea"),
    ([report], "Lea"),
    ([skills], "Max"),
    ([skills, digest], "Lea and Max"),
    ([on_the_server], "The command line"),
    ([hours, on_the_server], "Lea and the command line"),
])  # fmt: skip
def test_whoever_changed_what_moved_is_named(world: World, acts: list[Act], who: str) -> None:
    lea = world.staff["lea"].id
    with world.store.change() as uow:
        persons.set_person(uow, world.actor("max"), lea, {persons.SKILLS: "appeals"})
    with world.store.read() as uow:
        mark = seen(persons.person_of(uow.session.get_one(Staff, lea)))
    for act in acts:
        with world.store.change() as uow:
            act(uow, world, lea)
    given = {persons.SKILLS: "coding"}
    with pytest.raises(Stale, match=rf"^{who} changed this while you had it open: "), world.store.change() as uow:
        persons.set_person(uow, world.actor("max"), lea, given, mark_seen=mark)


def test_of_a_form_that_another_version_opened_it_is_somebody(world: World) -> None:
    lea, mark = world.staff["lea"].id, seen({persons.SKILLS: ""})
    with pytest.raises(Stale, match=r"^Somebody changed this"), world.store.change() as uow:
        persons.set_person(uow, world.actor("max"), lea, {persons.SKILLS: "coding"}, mark_seen=mark)
