"""Programs: their checklists as shipped, their people, and whether their clock and their posts move."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, text
from sqlmodel import Session

from app.checklists import library
from app.checklists.lint import lint_set
from app.checklists.loader import load_set
from app.checklists.vocabulary import Role
from app.cli.health.finding import Finding
from app.cli.opened import all_programs
from app.cli.out import counted
from app.programs.models import Program
from app.programs.queries import people_with_role
from app.settings import ROOT

SHIPPED: Final = ROOT / "checklists"
LATE: Final = timedelta(minutes=15)
"""A timer or a post that waits longer says that a process is not running. By the installation's clock."""
# The states stand as literals, so that the partial indexes are used.
_TIMERS = text("SELECT count(*) FROM timers WHERE state = 'pending' AND fire_at < :before")
_POSTS = text(
    "SELECT count(*) FILTER (WHERE state <> 'dead') AS open,"
    " count(*) FILTER (WHERE state <> 'dead' AND created_at < :before) AS old,"
    # What nobody who is there misses is no fault.
    " count(*) FILTER (WHERE state = 'dead' AND NOT EXISTS (SELECT FROM channels h JOIN staff s ON s.id = h.staff_id"
    " WHERE h.id = notices.channel_id AND NOT s.active)) AS dead FROM notices"
    " WHERE state IN ('pending', 'sending', 'unknown', 'held', 'dead')"
)


def checklists() -> Finding:
    """Whether the shipped templates can be used."""
    errors = sum(problem.severity == "error" for problem in lint_set(SHIPPED))
    if errors:
        return Finding("checklists", counted(errors, "error"), "See each: caseboard checklist lint")
    return Finding("checklists", "nothing wrong")


def programs(engine: Engine) -> Iterator[Finding]:
    """Each program: the newest checklists, and somebody to escalate to."""
    with Session(engine) as session:
        found = all_programs(session)
        if not found:
            fix = 'Run: caseboard program create SLUG --name "The practice" --zone America/New_York'
            yield Finding("programs", "none yet", fix)
        for program in found:
            yield _loaded(session, program)
            yield _led(session, program)


def _loaded(session: Session, program: Program) -> Finding:
    shipped = load_set(SHIPPED)
    loaded = {one.id: one.digest() for one in library.newest(session, program.id).values()}
    behind = sorted(name for name, one in shipped.items() if loaded.get(name) != one.digest())
    where = f"checklists of {program.slug}"
    if behind:
        return Finding(where, f"{', '.join(behind)} not loaded as shipped", "Run: caseboard release")
    return Finding(where, f"{len(shipped)} loaded as shipped")


def _led(session: Session, program: Program) -> Finding:
    where = f"staff of {program.slug}"
    missing = [role.value for role in (Role.LEAD, Role.VA) if not people_with_role(session, program.id, role)]
    if not missing:
        return Finding(where, "somebody works, somebody leads")
    fix = f"Run: caseboard staff add NAME --slack USER_ID --role {missing[0]} --program {program.slug}"
    return Finding(where, f"nobody is {' or '.join(missing)}; what is late reaches nobody", fix, grave=False)


def moving(engine: Engine, now: datetime) -> Iterator[Finding]:
    """Whether timers fire and posts go out."""
    with engine.connect() as connection:
        timers: int = connection.execute(_TIMERS, {"before": now - LATE}).scalar_one()
        posts = connection.execute(_POSTS, {"before": now - LATE}).one()
    minutes = f"{LATE.total_seconds() / 60:.0f} minutes"
    if timers:
        found = f"{counted(timers, 'timer')} due for more than {minutes}"
        yield Finding("clockwork", found, "Start the scheduler: caseboard scheduler (or caseboard up).")
    else:
        yield Finding("clockwork", "nothing overdue")
    if posts.dead or posts.old:
        found = f"{posts.dead} given up, {posts.old} waiting for more than {minutes}"
        fix = "See why: caseboard outbox list, then caseboard outbox explain NOTICE."
        yield Finding("outbox", found, fix)
    else:
        yield Finding("outbox", f"{posts.open} under way, none for long")
