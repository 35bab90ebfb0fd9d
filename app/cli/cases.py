"""`caseboard case`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from app.cli.group import group
from app.cli.out import AsJson, ProgramSlug, WrongUsage, counted, say, say_json, say_table
from app.kernel.clock import day_words, moment_words

if TYPE_CHECKING:
    from app.cases.card import CardData, NextTask
    from app.cases.people import Part
    from app.kernel.due import Moment

app = group()
By = Annotated[str | None, typer.Option(help="On whose behalf, for the record: a name or Slack user id.")]
Code = Annotated[str, typer.Argument(help="The case's code, such as K7Q4.", metavar="CODE")]

Person = Annotated[
    str, typer.Argument(help="A name or Slack user id of the staff list; clear for nobody.", metavar="PERSON")
]


@app.callback()
def cases() -> None:
    """Cases, by their codes."""


@app.command("open")
def open_(
    date: Annotated[
        list[str] | None,
        typer.Option(
            help="A key date, such as board=2026-12-03 or “board=2026-12-03 07:30”; repeat.", metavar="NAME=DAY"
        ),
    ] = None,
    surgeon: Annotated[str | None, typer.Option(help="The case's surgeon: a name or Slack user id.")] = None,
    lead: Annotated[str | None, typer.Option(help="The case's lead: a name or Slack user id.")] = None,
    by: By = None,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Open a case; its channel and first tasks follow.

    \b
    caseboard case open
    caseboard case open --surgeon "Dr. Sato" --date referral=2026-11-02 --date "board=2026-12-03 07:30"

    Nothing about the patient belongs here; that comes in by `caseboard import`.
    """
    from app.cases.service import open_case
    from app.cli.opened import opened, pick_actor, pick_program
    from app.programs.queries import find_staff

    with opened() as found, found.store.change() as uow:
        where = pick_program(uow.session, program)
        case = open_case(
            uow,
            pick_actor(uow.session, where, by),
            surgeon_id=find_staff(uow.session, where.id, surgeon).id if surgeon else None,
            lead_id=find_staff(uow.session, where.id, lead).id if lead else None,
            key_dates=key_dates(date or [], ZoneInfo(where.zone)),
        )
    if as_json:
        say_json({"program": where.slug, "code": case.code})
    else:
        say(f"Opened {case.code}. Its channel appears in Slack in a moment.")


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Open cases, those with the most late tasks first.

    \b
    caseboard case list
    caseboard case list --limit 500 --json
    """
    from app.cases.queries import list_cases
    from app.cli.opened import opened, pick_program

    with opened() as found, found.store.read() as uow:
        where = pick_program(uow.session, program)
        rows = list_cases(uow.session, where.id, uow.now, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    if as_json:
        say_json(
            {
                "program": where.slug,
                "cases": [
                    {"code": row.code, "state": row.state, "channel": row.slack_id, "open": row.open, "late": row.late}
                    for row in rows
                ],
                "more": more,
            }
        )
        return
    if not rows:
        say("No open case. Open one: caseboard case open")
        return
    say_table(
        [(row.code, row.open, row.late or "", row.slack_id or "no channel yet") for row in rows],
        ("case", "open", "late", "channel"),
    )
    if more:
        say(f"There are more; --limit {limit * 10} shows them.")


@app.command()
def show(code: Code, program: ProgramSlug = None, as_json: AsJson = False) -> None:
    """Where a case stands: what its card in Slack says.

    \b
    caseboard case show K7Q4
    """
    from dataclasses import asdict

    from app.cases.card import card_of
    from app.cases.queries import case_by_code
    from app.cli.opened import opened, pick_program
    from app.programs.queries import names_by_slack_id

    with opened() as found, found.store.read() as uow:
        where = pick_program(uow.session, program)
        card = card_of(uow.session, case_by_code(uow.session, where.id, code).id, uow.now)
        names = names_by_slack_id(uow.session, where.id, card.people)
    if as_json:
        say_json(asdict(card))
    else:
        _tell(card, names)


@app.command()
def evidence(code: Code, program: ProgramSlug = None, as_json: AsJson = False) -> None:
    """What the tasks of a case were finished with, by whom and when. Slack never shows it.

    \b
    caseboard case evidence K7Q4
    """
    from dataclasses import asdict

    from app.cases.queries import case_by_code
    from app.cli.opened import opened, pick_program
    from app.tasks.closing import finished_of

    with opened() as found, found.store.read() as uow:
        where = pick_program(uow.session, program)
        case = case_by_code(uow.session, where.id, code)
        rows, name, zone = finished_of(uow.session, case.id), case.code, ZoneInfo(where.zone)
    if as_json:
        say_json({"code": name, "closed": [asdict(row) for row in rows]})
    elif not rows:
        say(f"{name}: no task is closed yet.")
    else:
        say_table(
            [
                (
                    row.no, row.title, row.state if row.reason is None else f"{row.state}: {row.reason}",
                    row.value or "", row.reference or "", row.by or "", moment_words(row.at, zone),
                )
                for row in rows
            ],
            ("task", "title", "state", "evidence", "reference", "by", "when"),
        )  # fmt: skip


@app.command()
def surgeon(code: Code, person: Person, by: By = None, program: ProgramSlug = None, as_json: AsJson = False) -> None:
    """Say who is a case's surgeon, who then gets it in the digest.

    \b
    caseboard case surgeon K7Q4 "Dr. Sato"
    caseboard case surgeon K7Q4 clear
    """
    _set_person("surgeon", code, person, by, program, as_json=as_json)


@app.command()
def lead(code: Code, person: Person, by: By = None, program: ProgramSlug = None, as_json: AsJson = False) -> None:
    """Say who leads a case, and hears when it is late.

    \b
    caseboard case lead K7Q4 "Lea Brandt"
    caseboard case lead K7Q4 clear
    """
    _set_person("lead", code, person, by, program, as_json=as_json)


@app.command()
def close(
    code: Code,
    by: Annotated[str, typer.Option(help="The lead or manager who closes it, for the record.")],
    reason: Annotated[str | None, typer.Option(help="Why; needed while tasks are open, which are skipped.")] = None,
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Close a case; its channel is archived.

    \b
    caseboard case close K7Q4 --by "Lea Brandt"
    caseboard case close K7Q4 --by "Lea Brandt" --reason "treated elsewhere"
    """
    from app.cases.queries import case_by_code
    from app.cases.service import close_case
    from app.cli.opened import opened, pick_actor, pick_program

    with opened() as found, found.store.change() as uow:
        where = pick_program(uow.session, program)
        case = case_by_code(uow.session, where.id, code)
        skipped = close_case(uow, pick_actor(uow.session, where, by), case.id, reason).tasks
    if as_json:
        say_json({"program": where.slug, "code": case.code, "state": "closed"})
    else:
        say(f"Closed {case.code}." + (f" Open tasks that were skipped: {skipped}." if skipped else ""))


@app.command()
def reopen(
    code: Code,
    by: Annotated[str, typer.Option(help="The lead or manager who opens it again, for the record.")],
    program: ProgramSlug = None,
    as_json: AsJson = False,
) -> None:
    """Open a closed case again, with the tasks that its closing skipped; its channel comes back.

    \b
    caseboard case reopen K7Q4 --by "Lea Brandt"
    """
    from app.cases.queries import case_by_code
    from app.cases.reopening import reopen_case
    from app.cli.opened import opened, pick_actor, pick_program

    with opened() as found, found.store.change() as uow:
        where = pick_program(uow.session, program)
        case = case_by_code(uow.session, where.id, code)
        done = reopen_case(uow, pick_actor(uow.session, where, by), case.id)
    late = f", {done.late} of them late" if done.late else ""
    back = f" {counted(done.tasks, 'task')} came back{late}." if done.tasks else ""
    if as_json:
        say_json({"program": where.slug, "code": case.code, "state": "open", "tasks": done.tasks, "late": done.late})
    else:
        say(f"{case.code} is open again.{back}" if done.changed else f"{case.code} is open already.")


def _set_person(part: "Part", code: str, person: str, by: str | None, slug: str | None, *, as_json: bool) -> None:
    from app.cases.people import set_person
    from app.cases.queries import case_by_code
    from app.cli.opened import opened, pick_actor, pick_program
    from app.programs.queries import find_staff

    with opened() as found, found.store.change() as uow:
        where = pick_program(uow.session, slug)
        case = case_by_code(uow.session, where.id, code)
        named = None if person == "clear" else find_staff(uow.session, where.id, person)
        actor = pick_actor(uow.session, where, by)
        told = set_person(uow, actor, case.id, part, named.id if named else None)
    if as_json:
        say_json({"program": where.slug, "code": case.code, part: named.name if named else None})
    else:
        say(told)


def key_dates(texts: Sequence[str], zone: ZoneInfo) -> dict[str, "Moment"]:
    """`board=2026-12-03 07:30` and the like, local to `zone`. Raises WrongUsage, or UnknownKeyDate's advice in it."""
    from app.cases.intake.dates import DatePattern, NotADate
    from app.kernel.business import local_moment
    from app.kernel.due import Moment
    from app.kernel.keydates import UnknownKeyDate, parse_key_date

    pattern = DatePattern.parse("YYYY-MM-DD")
    found: dict[str, Moment] = {}
    for text in texts:
        words, _, written = text.partition("=")
        try:
            name = parse_key_date(words)
            day, at = pattern.read(written.strip())
        except UnknownKeyDate as error:
            raise WrongUsage(str(error) if error.suggestion else f"{error}.") from None
        except NotADate:
            raise WrongUsage(
                f"“{written}” is no day. Write {words}=2026-12-03, or {words}=“2026-12-03 07:30”."
            ) from None
        found[name] = Moment(day, None if at is None else local_moment(day, at, zone))
    return found


def _tell(card: "CardData", names: Mapping[str, str]) -> None:
    from app.kernel.keydates import KEY_DATES

    zone = ZoneInfo(card.zone)
    done = f"{card.done} of {counted(card.total, 'task')} done, {card.skipped} skipped, {card.late} late"
    say(f"{card.code}: {card.state}, {done}")
    for name, day, at in card.key_dates:
        say(f"  {KEY_DATES[name]}: {day_words(day) if at is None else moment_words(at, zone)}")
    for track in card.tracks:
        component = f" ({track.component})" if track.component else ""
        late = f", {track.late} late" if track.late else ""
        say(f"  {track.title}{component}: {track.done} of {track.total}{late}")
    for heading, tasks in (("late", card.late_tasks), ("next", card.next_tasks), ("waiting", card.waiting)):
        for task in tasks:
            say(f"  {heading}: {_task(task, zone, names)}")
    for gate in card.gates:
        numbers = ", ".join(f"{card.code}-{number}" for number in gate.tasks)
        say(f"  {KEY_DATES[gate.key_date]} is not firm: {numbers} must be done first")


def _task(task: "NextTask", zone: ZoneInfo, names: Mapping[str, str]) -> str:
    by = f" {task.which}" if task.which else ""
    due = f", due {moment_words(task.due_at, zone)}{by}" if task.due_at else ""
    who = f", {names.get(task.holder, task.holder)}" if task.holder else ""
    waits = f", waiting on {task.waiting_on.replace('_', ' ')}" if task.waiting_on else ""
    return f"{task.no} {task.title}{due}{who}{waits}"
