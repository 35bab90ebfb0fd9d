"""A practice at work in one database, with the few words that tests of the services share."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import RowMapping, text

from app.cases.components import add_component
from app.cases.dates import set_date
from app.cases.service import open_case
from app.checklists.library import load_templates
from app.checklists.vocabulary import Awaited
from app.clocks.sweep import fire_due
from app.kernel.clock import FixedClock
from app.kernel.due import Moment
from app.notices.places import OUTSIDE, absence
from app.programs.service import system
from app.refusals import Refusal
from app.store.uow import Store, UnitOfWork
from app.tasks import service as tasks
from app.tasks.rows import Outcome
from tests.world import World, make_world

EXTRAS = Path(__file__).parent / "templates"
BOARD = date(2026, 11, 18)
"""A Wednesday, twelve business days after the clock's Monday."""
VISIT = date(2026, 11, 2)
_UNKNOWN = text(
    "UPDATE channels SET invited = invited || CAST(:user AS text[]), absent = absent || CAST(:said AS jsonb)"
    " WHERE case_id IS NOT NULL"
)
Verb = Callable[..., Outcome]
Raised = TypeVar("Raised", bound=Refusal)
# Whatever a refusal must leave alone. The record of the refusal itself is added to the audit chain.
KEPT = (
    "programs", "staff", "cases", "key_dates", "components", "patient_records", "case_sources", "tracks", "tasks",
    "handoffs", "absences", "absence_tasks", "clocks", "clock_events", "timers", "channels", "notices", "questions",
    "vacancies",
    "escalations",
)  # fmt: skip


@dataclass(frozen=True)
class OpenCase:
    """A case with its tasks by item, as they were when it was opened or read again."""

    id: int
    code: str


@dataclass
class Desk:
    """A store, a clock to move, a practice, and what people do there by first name."""

    store: Store
    clock: FixedClock
    world: World

    @property
    def program_id(self) -> int:
        return self.world.program.id

    def change(self) -> AbstractContextManager[UnitOfWork]:
        return self.store.change()

    def open(self, **days: date) -> OpenCase:
        """A new case; by default with a board date, so that the packet starts."""
        dates = {name: Moment(day) for name, day in (days or {"board": BOARD}).items()}
        with self.store.change() as uow:
            case = open_case(uow, self.world.actor("ana"), key_dates=dates)
            return OpenCase(case.id, case.code)

    def date(self, case: OpenCase, name: str, day: date, *, who: str = "lea", waiver: str | None = None) -> None:
        with self.store.change() as uow:
            set_date(uow, self.world.actor(who), case.id, name, Moment(day), waiver=waiver)

    def component(self, case: OpenCase, kind: str = "endoprosthesis", **known: Any) -> int:
        with self.store.change() as uow:
            return add_component(uow, self.world.actor("ana"), case.id, kind, **known).no

    def task(self, case: OpenCase, item: str) -> int:
        """The id of the case's task for an item; the newest where several components have one."""
        found: int = self.scalar(
            "SELECT id FROM tasks WHERE case_id = :case AND item_id = :item ORDER BY id DESC LIMIT 1",
            case=case.id,
            item=item,
        )
        return found

    def row(self, task: int) -> RowMapping:
        return self.rows("SELECT * FROM tasks WHERE id = :task", task=task)[0]

    def state(self, task: int) -> str:
        found: str = self.row(task)["state"]
        return found

    def rows(self, statement: str, **values: Any) -> list[RowMapping]:
        with self.store.read() as uow:
            return list(uow.session.execute(text(statement), values).mappings())

    def scalar(self, statement: str, **values: Any) -> Any:
        with self.store.read() as uow:
            return uow.session.execute(text(statement), values).scalar_one()

    def do(self, verb: Verb, who: str, task: int, *given: Any, **named: Any) -> Outcome:
        """One change by one person."""
        with self.store.change() as uow:
            return verb(uow, self.world.actor(who), task, *given, **named)

    def refused(self, error: type[Raised], call: Callable[[UnitOfWork], object]) -> Raised:
        """The refusal of a call, after checking that it changed nothing even where the transaction goes on."""
        before = self.snapshot()
        with self.store.change() as uow, pytest.raises(error) as caught:
            call(uow)
        assert type(caught.value) is error
        assert self.snapshot() == before
        return caught.value

    def refuses(self, error: type[Raised], verb: Verb, who: str, task: int, *given: Any) -> Raised:
        """The refusal of a verb; see `refused`."""
        return self.refused(error, lambda uow: verb(uow, self.world.actor(who), task, *given))

    def snapshot(self) -> Mapping[str, str]:
        """A fingerprint of every table that a refusal must leave alone."""
        with self.store.read() as uow:
            return {
                name: uow.session.execute(
                    text(f"SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {name} t")
                ).scalar_one()
                for name in KEPT
            }

    def notices(self, case: OpenCase, *kinds: str) -> list[RowMapping]:
        """The notices of a case's channel in their order, all kinds but the card unless named."""
        return self.rows(
            "SELECT n.* FROM notices n JOIN channels h ON h.id = n.channel_id WHERE h.case_id = :case"
            " AND n.kind = ANY(:kinds) ORDER BY n.seq",
            case=case.id,
            kinds=list(kinds) or [
                "opened", "reminder", "breach", "escalation", "catch_up", "handoff", "answer", "declined",
                "assigned", "replan", "closed",
            ],
        )  # fmt: skip

    def outside(self, who: str) -> None:
        """Whom Slack does not know in the workspace, as it said in every channel that there is."""
        person = self.world.staff[who]
        with self.change() as uow:
            said = [absence(person.slack_user_id, person.name, OUTSIDE)]
            uow.session.execute(_UNKNOWN, {"user": [person.slack_user_id], "said": json.dumps(said)})

    def sweep(self) -> int:
        """Fire everything that is due now; returns how many timers were settled or put off."""
        total = 0
        while True:
            with self.store.change() as uow:
                fired = fire_due(uow)
            if fired is None:
                return total
            total += fired

    def move_to(self, at: datetime) -> None:
        self.clock.move_to(at)


def make_desk(store: Store, clock: FixedClock) -> Desk:
    """The practice of `tests/world.py` with the templates of this folder besides."""
    world = make_world(store)
    with store.change() as uow:
        load_templates(uow, system(world.program.id), world.program.id, EXTRAS)
    return Desk(store, clock, world)


def bring_to(desk: Desk, state: str, case: OpenCase, item: str = "P2", holder: str = "ana") -> int:
    """The case's task of an item without needs or evidence, brought to a state by what people do."""
    task = desk.task(case, item)
    if state in ("claimed", "waiting"):
        desk.do(tasks.claim, holder, task)
    if state == "waiting":
        desk.do(tasks.wait, holder, task, Awaited.CLINIC)
    if state == "done":
        desk.do(tasks.claim, holder, task)
        desk.do(tasks.done, holder, task)
    if state == "skipped":
        desk.do(tasks.skip, "lea", task, "not needed")
    assert desk.state(task) == state
    return task
