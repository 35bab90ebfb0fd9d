"""The demonstration's conductor: lets the clock run, moves it on, and has the staff at work meanwhile.

A clock that is moved stops on its way at every due moment, so that each deadline is told as when it passes, and every
half hour of the working day, when everybody looks at their desk. A jump at once would be a standstill to the app.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final

from sqlalchemy import text

from app.demo.practice import EMPLOYEES, Employee
from app.demo.staff import Team
from app.demo.stage import Stage
from app.kernel.business import BusinessCalendar

log = logging.getLogger("caseboard.demo")

SPEEDS: Final = {"life": 1.0, "minute": 60.0, "four": 240.0, "twenty": 1200.0}
"""Simulated seconds a second, by the name of the choice."""
BEAT = 1.5
"""Seconds between two looks of the simulated staff while the clock runs."""
REST = 5.0
"""Seconds between two looks at the processes while it is paused."""
DESK = timedelta(minutes=30)
NIGHT = timedelta(hours=2)
"""Time off that is longer is passed at once when the clock runs faster than life; a lunch break is not."""
SETTLE_SECONDS = 20.0
_TOLD = text(
    "SELECT kind, count(*) FROM notices WHERE kind IN ('reminder', 'breach', 'escalation', 'catch_up', 'digest')"
    " AND created_at > :since AND created_at <= :until GROUP BY kind"
)
KINDS: Final = {
    "reminder": ("reminder", "reminders"),
    "breach": ("breach", "breaches"),
    "escalation": ("escalation", "escalations"),
    "catch_up": ("catch-up", "catch-ups"),
    "digest": ("digest", "digests"),
}


class CannotMove(Exception):
    """The clock cannot be moved as asked; the message says why."""


@dataclass(frozen=True)
class Journey:
    """A way to go: `there` None is the next due moment. `why` is told on arrival."""

    there: datetime | None
    why: str = ""


@dataclass(frozen=True)
class ClockState:
    """What the clock does: `speed` 0 is paused, `pace` the speed it goes on with, `moving` on its way."""

    now: datetime
    speed: float
    pace: str
    moving: bool
    said: str


class Conductor:
    """Runs one demonstration. `run` is the loop; everything else may be called from other threads.

    Args:
        stage: what it all runs on.
        team: decides what somebody does.
        staff: who is at work.
        pace: one of `SPEEDS`.
        paused: whether the clock stands at first.
    """

    def __init__(
        self,
        stage: Stage,
        team: Team,
        *,
        staff: Sequence[Employee] = EMPLOYEES,
        pace: str = "four",
        paused: bool = False,
    ) -> None:
        self.stage = stage
        self.team = team
        self._at_work = staff
        self._pace = pace
        self._paused = paused
        self._journey: Journey | None = None
        self._over = False
        self._said = ""
        self._news: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.Lock()
        self._pause_mark = stage.folder / "paused"

    @property
    def calendar(self) -> BusinessCalendar:
        """The practice's calendar."""
        return self.team.calendar

    def state(self) -> ClockState:
        """What the clock does now."""
        with self._lock:
            journey, pace, said = self._journey, self._pace, self._said
            speed = 0.0 if self._paused or journey else SPEEDS[pace]
        now = self.stage.now()
        return ClockState(now, speed, pace, journey is not None, said)

    def take_up(self) -> bool:
        """Run or stand still, as it did in this folder when it was left; whether it stands still."""
        paused = self._pause_mark.exists()
        self._set(paused=paused)
        return paused

    def pause(self) -> None:
        """Stand still; a clock that is on its way stops there."""
        self._set(paused=True)

    def go_on(self, pace: str = "") -> None:
        """Run, at `pace` when it is given. Raises `CannotMove` when there is no such pace."""
        if pace and pace not in SPEEDS:
            raise CannotMove(f"There is no speed {pace!r}. There are: {', '.join(SPEEDS)}.")
        self._set(paused=False, pace=pace)

    def _set(self, *, paused: bool, pace: str = "") -> None:
        with self._lock:
            self._paused, self._pace, self._said = paused, pace or self._pace, ""
            # Somebody's wish, which outlasts the process; that the clock stands at the end of every run says nothing.
            if paused:
                self._pause_mark.touch()
                self._journey = None
            else:
                self._pause_mark.unlink(missing_ok=True)
            if self._journey is None:
                self.stage.steer(speed=0.0 if paused else SPEEDS[self._pace])
        self._news.put(None)

    def to_next_due(self) -> None:
        """Go to the moment of the next timer. Raises `CannotMove` when there is none."""
        at = self.stage.next_due(self.stage.now())
        if at is None:
            raise CannotMove("Nothing will fall due: no deadline is running. Open a case or set a date first.")
        self._go(Journey(None))

    def hour_on(self) -> None:
        """Go on by an hour."""
        self._go(Journey(self.stage.now() + timedelta(hours=1)))

    def day_on(self) -> None:
        """Go to the opening of the practice's next working day."""
        today = self.calendar.local_day(self.stage.now())
        self._go(Journey(self.calendar.opening(self.calendar.add_business_days(today, 1))))

    def to(self, there: datetime, why: str = "") -> None:
        """Go to a moment."""
        self._go(Journey(there, why))

    def _go(self, journey: Journey) -> None:
        with self._lock:
            if self._journey is not None:
                raise CannotMove("The clock is on its way already. Wait until it is there, or pause it.")
            self._journey, self._said = journey, ""
            self.stage.steer(speed=0)
        self._news.put(None)

    def stop(self) -> None:
        """Let `run` return soon. Safe in a signal handler, as `SimpleQueue.put` is (Python's documentation)."""
        self._over = True
        self._news.put(None)

    def run(self) -> None:
        """Conduct until `stop`; the clock is paused then. Raises `DidNotStart` when a process has ended."""
        with ThreadPoolExecutor(4, thread_name_prefix="staff") as pool:
            while not self._over:
                self.stage.processes.check()
                journey, running = self._journey, not self._paused
                if journey is not None:
                    self._travel(journey, pool)
                elif running:
                    self._look(pool)
                with suppress(Empty):
                    self._news.get(timeout=BEAT if running else REST)
        self.stage.steer(speed=0)

    def _look(self, pool: ThreadPoolExecutor) -> None:
        """Let everybody look at their desk; pass a night at once."""
        now = self.stage.now()
        opens = self.calendar.next_open(now)
        if opens <= now:
            self._staff(pool, now)
        elif opens - now > NIGHT and SPEEDS[self._pace] > 1:
            try:
                self._go(Journey(opens))
            except CannotMove:
                return  # somebody moved it at this very moment

    def _staff(self, pool: ThreadPoolExecutor, now: datetime) -> None:
        acting = [pool.submit(self.team.act, who, now) for who in self._at_work]
        for one in acting:
            one.result()

    def _travel(self, journey: Journey, pool: ThreadPoolExecutor) -> None:
        began = self.stage.now()
        ends = journey.why or "Arrived."
        try:
            while self._is(journey) and not self._step(journey, pool):
                continue
        except TimeoutError:
            log.exception("the clock stopped on its way")
            ends = f"The app did not fire what is due within {SETTLE_SECONDS:g} s, so the clock stopped on its way."
        with self._lock:
            if self._journey is not journey:
                return
            self._journey = None
            self._said = f"{ends} {self._told(began)}"
            self.stage.steer(speed=0.0 if self._paused else SPEEDS[self._pace])
        self._news.put(None)

    def _is(self, journey: Journey) -> bool:
        return self._journey is journey and not self._over

    def _step(self, journey: Journey, pool: ThreadPoolExecutor) -> bool:
        """Go to the next stop; whether that was the last."""
        now = self.stage.now()
        due = self.stage.next_due(now)
        if journey.there is None and due is None:
            return True  # what was to fall due has been done on the way
        desk = self.calendar.next_open(now + DESK)
        stops = [at for at in (due, desk, journey.there) if at is not None and at > now]
        at = min(stops)
        self._steer(journey, at)
        self.stage.wait_for(self.stage.due, "timers or digests due", SETTLE_SECONDS)
        if self.calendar.is_open(at) and at == desk:
            self._staff(pool, at)
        return at == due if journey.there is None else at >= journey.there

    def _steer(self, journey: Journey, at: datetime) -> None:
        with self._lock:
            if self._is(journey):
                self.stage.steer(to=at, speed=0)

    def _told(self, since: datetime) -> str:
        with self.stage.engine.connect() as connection:
            found = connection.execute(_TOLD, {"since": since, "until": self.stage.now()}).all()
        counts = {row[0]: row[1] for row in found}
        parts = [f"{counts[kind]} {words[counts[kind] > 1]}" for kind, words in KINDS.items() if kind in counts]
        return f"Posted on the way: {', '.join(parts)}." if parts else "Nothing fell due on the way."
