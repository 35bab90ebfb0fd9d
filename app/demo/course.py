"""The courses of the invented cases: who opens them when, and when their key dates are set and moved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from app.kernel.business import BusinessCalendar

COMPONENTS = (
    ("endoprosthesis stem custom loaner", "endoprosthesis hinge", "allograft", "cement"),
    ("endoprosthesis body", "plate stock"),
    ("allograft", "plate consignment"),
    ("cement", "mesh stock"),
    ("endoprosthesis stem", "endoprosthesis bearing", "cement"),
    ("plate loaner", "allograft"),
)


@dataclass
class Course:
    """One case's plan, in working days since the demonstration began; `done` remembers what has happened."""

    number: int
    opener: str
    surgeon: str
    opens: int
    board: int
    proposed: int
    surgery: int
    moved: int | None
    components: Sequence[str]
    code: str | None = None
    done: set[str] = field(default_factory=set)


def courses(seed: int, count: int, days: int) -> list[Course]:
    """`count` cases, two thirds of them at work from the first morning and at different points of their course."""
    rng = Random(seed)  # noqa: S311 - a repeatable story, no secret
    openers, surgeons = ("ana", "bo", "cy", "dee", "eli", "lea"), ("sam", "nia")
    planned = []
    for number in range(count):
        early = number < count * 2 // 3
        opens = 0 if early else rng.randrange(1, max(2, days // 3))
        board = opens + rng.randrange(3, 9)
        # One case in four is in a hurry and skips the weeks that the others have.
        proposed = board + (rng.randrange(6, 10) if number % 4 == 0 else rng.randrange(15, 20))
        planned.append(
            Course(
                number=number,
                opener=openers[number % len(openers)],
                surgeon=surgeons[number % 2],
                opens=opens,
                board=board,
                proposed=proposed,
                surgery=proposed + rng.randrange(0, 3),
                moved=rng.randrange(2, 6) if number % 3 == 0 else None,
                components=COMPONENTS[number % len(COMPONENTS)],
            )
        )
    return planned


def working_day(calendar: BusinessCalendar, first: date, number: int) -> date:
    """The day that is `number` working days after the first."""
    return calendar.add_business_days(first, number) if number else first


def days_between(calendar: BusinessCalendar, first: date, day: date) -> int:
    """How many working days have begun since the first."""
    count, at = 0, first
    while at < day:
        at += timedelta(days=1)
        count += calendar.is_business_day(at)
    return count
