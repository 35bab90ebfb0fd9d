"""A case in a small practice, and the few words in which its people ask and answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.cases.service import open_case
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.questions import service
from app.questions.service import Outcome
from app.questions.sweep import fire_due
from tests.world import World


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in New York, which is five hours behind UTC then."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


@dataclass
class Desk:
    """A case of the practice. It is Monday 2 November, 09:00, until a test moves the clock."""

    world: World
    clock: FixedClock
    case_id: int
    code: str

    def ask(self, who: str = "ana", to: str = "sam", words: str = "Is the stem custom?", **more: Any) -> Outcome:
        return self.do(service.ask, who, self.case_id, self.world.staff[to].id, words, **more)

    def do(self, verb: Callable[..., Outcome], who: str, *given: object, **more: object) -> Outcome:
        with self.world.store.change() as uow:
            return verb(uow, self.world.actor(who), *given, **more)

    def task(self, no: int) -> int:
        found: int = self.row("SELECT id FROM tasks WHERE case_id = :case AND no = :no", case=self.case_id, no=no).id
        return found

    def rows(self, query: str, **values: object) -> list[Any]:
        with self.world.store.read() as uow:
            return list(uow.session.execute(text(query), values).all())

    def row(self, query: str, **values: object) -> Any:
        (found,) = self.rows(query, **values)
        return found

    def question(self, question_id: int) -> Any:
        return self.row("SELECT * FROM questions WHERE id = :id", id=question_id)

    def notices(self, kind: str) -> list[Any]:
        return self.rows(
            "SELECT n.id, n.payload, h.case_id, h.staff_id FROM notices n JOIN channels h ON h.id = n.channel_id"
            " WHERE n.kind = :kind ORDER BY n.seq",
            kind=kind,
        )

    def outcomes(self) -> list[str]:
        """What those who asked were told."""
        return [notice.payload["outcome"] for notice in self.notices("replied")]

    def stages(self) -> list[str]:
        """Why each direct message came."""
        return [notice.payload["stage"] for notice in self.notices("question")]

    def until(self, at: datetime) -> int:
        """Move the clock on, then sweep until nothing is due; returns how many questions were looked at."""
        self.clock.move_to(at)
        looked = 0
        while True:
            with self.world.store.change() as uow:
                found = fire_due(uow)
            if found is None:
                return looked
            looked += found


@pytest.fixture
def desk(world: World, clock: FixedClock) -> Desk:
    with world.store.change() as uow:
        board = {"board": Moment.of_day(date(2026, 11, 12))}
        case = open_case(uow, world.actor("ana"), lead_id=world.staff["lea"].id, key_dates=board)
        case_id, code = case.id, case.code
    return Desk(world, clock, case_id, code)
