"""A practice whose surgeon gets a digest at 07:00 in New York, and the clock that brings it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from app.cases.dates import set_date
from app.cases.models import Case
from app.cases.service import open_case
from app.digests.service import DIGESTS, set_digest
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.programs.models import Staff
from app.programs.service import system
from app.store.uow import Store
from tests.world import World


@dataclass
class Mornings:
    """The practice, with what tests of digests ask it."""

    world: World
    clock: FixedClock

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def sam(self) -> Staff:
        return self.world.staff["sam"]

    def open(self, **days: str) -> Case:
        """A case of the surgeon's."""
        dates = {name: Moment(date.fromisoformat(day)) for name, day in days.items()}
        with self.store.change() as uow:
            return open_case(uow, self.world.actor("lea"), surgeon_id=self.sam.id, key_dates=dates)

    def date(self, case: Case, name: str, day: str) -> None:
        with self.store.change() as uow:
            set_date(uow, self.world.actor("lea"), case.id, name, Moment(date.fromisoformat(day)), waiver="agreed")

    def choose(self, at: datetime | None, *, days: frozenset[str] | None = None, silent: bool = False) -> None:
        """When the surgeon's digest comes; `at` lends its time of day."""
        hour = None if at is None else at.time()
        with self.store.change() as uow:
            set_digest(uow, system(self.world.program.id), self.sam.id, at=hour, days=days, silent=silent)

    def at(self, moment: str) -> list[Any]:
        """Move the clock on to a UTC moment, and make what is due; returns all digests there are."""
        self.clock.move_to(datetime.fromisoformat(f"{moment}+00:00"))
        self.tick()
        return self.digests()

    def tick(self) -> int:
        """Make what is due; returns how many people were looked at."""
        looked = 0
        while True:
            with self.store.change() as uow:
                if DIGESTS.send_due(uow) is None:
                    return looked
            looked += 1

    def digests(self) -> list[Any]:
        return self.rows("SELECT * FROM digests ORDER BY day")

    def days(self) -> list[str]:
        return [row.day.isoformat() for row in self.digests()]

    def notices(self) -> list[Any]:
        return self.rows("SELECT * FROM notices WHERE kind = 'digest' ORDER BY seq")

    def told(self) -> dict[str, Any]:
        """What the newest digest said."""
        found: dict[str, Any] = self.notices()[-1].payload
        return found

    def rows(self, query: str, **values: object) -> list[Any]:
        with self.store.read() as uow:
            return list(uow.session.execute(text(query), values).all())

    def do(self, statement: str, **values: object) -> None:
        with self.store.change() as uow:
            uow.session.execute(text(statement), values)


@pytest.fixture
def mornings(world: World, clock: FixedClock) -> Mornings:
    return Mornings(world, clock)
