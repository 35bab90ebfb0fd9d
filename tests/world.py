"""A small practice for tests: a program, its people, and two short templates."""

from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from sqlalchemy import select

from app.cases.dates import set_date
from app.cases.models import Case
from app.cases.service import open_case
from app.checklists.library import load_templates
from app.checklists.vocabulary import Role
from app.kernel.due import Moment
from app.programs.actor import Actor, Origin
from app.programs.models import Program, Staff
from app.programs.queries import as_actor
from app.programs.service import add_staff, create_program, system
from app.store.uow import Store

TEMPLATES = Path(__file__).parent / "data" / "checklists"
OFFICE = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
TEAM = "T0PRACTICE"
BOARD = date(2026, 11, 12)


@dataclass
class World:
    """The practice: everybody by first name, as rows and as actors."""

    store: Store
    program: Program
    staff: dict[str, Staff]

    def actor(self, name: str) -> Actor:
        return as_actor(self.staff[name], Origin.SLACK)


def make_world(store: Store, *, templates: Path | None = TEMPLATES, team: str = TEAM, slug: str = "practice") -> World:
    """Set up the practice in an empty database."""
    people: list[tuple[str, list[Role], list[str], tuple[time, time] | None]] = [
        ("ana", [Role.VA], ["imaging"], None),
        ("bo", [Role.VA], [], (time(18), time(9))),
        ("cy", [Role.VA, Role.CODER], ["imaging"], None),
        ("lea", [Role.LEAD], [], None),
        ("max", [Role.MANAGER], [], None),
        ("sam", [Role.SURGEON], [], None),
    ]
    with store.change() as uow:
        program = create_program(
            uow,
            slug=slug,
            name="Practice",
            zone="America/New_York",
            calendar={"hours": OFFICE, "country": "US"},
            slack_team_id=team,
        )
        staff = {
            name: add_staff(
                uow,
                program.id,
                slack_user_id=f"U0{name.upper()}{team[-3:]}",
                name=name.capitalize(),
                roles=roles,
                skills=skills,
                zone="America/New_York",
                quiet=quiet,
            )
            for name, roles, skills, quiet in people
        }
        if templates is not None:
            load_templates(uow, system(program.id), program.id, templates)
    return World(store, program, staff)


def find_world(store: Store) -> World:
    """The practice that `make_world` has set up in this database."""
    with store.read() as uow:
        program = uow.session.execute(select(Program)).scalar_one()
        people = uow.session.execute(select(Staff)).scalars().all()
        return World(store, program, {person.name.lower(): person for person in people})


def open_the_case(world: World) -> Case:
    """A case of Lea's with a board date: the tasks of the packet, 1 to 5."""
    with world.store.change() as uow:
        case = open_case(uow, world.actor("lea"), lead_id=world.staff["lea"].id)
        set_date(uow, world.actor("lea"), case.id, "board", Moment.of_day(BOARD))
        return case
