"""The invented practice: two surgeons, five VAs, a lead and a manager."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from sqlalchemy import select

from app.checklists.library import load_templates, newest
from app.checklists.loader import load_set
from app.checklists.vocabulary import Role
from app.programs.models import Program, Staff
from app.programs.service import add_staff, create_program, system
from app.sandbox import Person, SandboxClient
from app.settings import ROOT
from app.store.types import table
from app.store.uow import Store

ZONE = "America/New_York"
OFFICE = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
FRONT_DESK = "front-desk"


@dataclass(frozen=True)
class Employee:
    """Somebody of the practice. `quiet` are quiet hours, from and until."""

    name: str
    real_name: str
    roles: tuple[Role, ...]
    quiet: tuple[time, time] | None = None

    @property
    def works_the_desk(self) -> bool:
        return Role.VA in self.roles


NIGHT = (time(19), time(7))
EMPLOYEES = (
    Employee("sam", "Dr. Sam Ortega", (Role.SURGEON, Role.CLINICIAN)),
    Employee("nia", "Dr. Nia Okafor", (Role.SURGEON, Role.CLINICIAN)),
    Employee("ana", "Ana Diaz", (Role.VA,), NIGHT),
    Employee("bo", "Bo Lindt", (Role.VA, Role.NAVIGATOR), NIGHT),
    Employee("cy", "Cy Park", (Role.VA, Role.CODER)),
    Employee("dee", "Dee Moreau", (Role.VA, Role.BILLER)),
    Employee("eli", "Eli Roth", (Role.VA, Role.CODER, Role.BILLER), NIGHT),
    Employee("lea", "Lea Brandt", (Role.LEAD, Role.NAVIGATOR)),
    Employee("max", "Max Weber", (Role.MANAGER, Role.ADMIN)),
)


@dataclass(frozen=True)
class Practice:
    """The practice as it stands in the database and in the sandbox."""

    store: Store
    sandbox: SandboxClient
    program_id: int
    people: Mapping[str, Person]
    staff: Mapping[str, Staff]
    front_desk: str


def settle_in(store: Store, sandbox: SandboxClient) -> Practice:
    """Make the practice in both places, or find it there from an earlier run."""
    people = {who.name: sandbox.person(who.name, real_name=who.real_name, tz=ZONE) for who in EMPLOYEES}
    team = str(sandbox.status()["team"])
    skills = sorted({item.skill for one in load_set(ROOT / "checklists").values() for item in one.items if item.skill})
    programs, staff = table(Program), table(Staff)
    with store.change() as uow:
        found = uow.session.execute(select(Program).where(programs.c.slack_team_id == team)).scalar_one_or_none()
        if found is None:
            found = create_program(
                uow,
                slug="demo",
                name="Harbour Sarcoma Centre",
                zone=ZONE,
                calendar={"hours": OFFICE, "country": "US"},
                slack_team_id=team,
            )
            for who in EMPLOYEES:
                add_staff(
                    uow,
                    found.id,
                    slack_user_id=people[who.name].id,
                    name=who.real_name,
                    roles=who.roles,
                    skills=skills if who.name != "bo" else skills[:1],
                    zone=ZONE,
                    quiet=who.quiet,
                )
        load_templates(uow, system(found.id), found.id, ROOT / "checklists")
        assert newest(uow.session, found.id), "the checklists folder is empty"
        rows = uow.session.execute(select(Staff).where(staff.c.program_id == found.id)).scalars().all()
        by_slack = {row.slack_user_id: row for row in rows}
        program_id = found.id
    desk = sandbox.channel(FRONT_DESK, members=[person.id for person in people.values()], general=False)
    return Practice(
        store, sandbox, program_id, people, {name: by_slack[person.id] for name, person in people.items()}, desk
    )
