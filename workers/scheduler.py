"""The scheduler: it only ticks. What is due, and what is unsent, stands in the database.

Any number of schedulers may run: each due case and each channel is taken by exactly one of them.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from app.checklists import replanning
from app.clocks import sweep as clocks
from app.digests.service import DIGESTS
from app.installations import invitations
from app.log import log_failure
from app.notices.delivery import PostOffice
from app.notices.sweep import deliverable
from app.questions import sweep as questions
from app.reports.weekly import REPORTS
from app.slack.accounts import Accounts
from app.slack.homes import Homes
from app.slack.listeners.deliveries import forget
from app.slack.renewals import Renewals
from app.store.uow import OneFailed, Store, UnitOfWork
from app.tasks import acts, covering, vacancies
from workers.notices import Hints, carefully

log = logging.getLogger("caseboard.scheduler")
PATIENCE = 1.0
"""Seconds that a channel may wait for a worker before the scheduler delivers it itself."""
PUSH_BACK = timedelta(minutes=1)
KEEP_DELIVERIES = timedelta(days=2)
HANDS = 4
HOMES_TICK = 0.25
"""Seconds between two looks at home tabs, however fast the rest ticks: they have two seconds to be right."""

VACANCIES_TICK = 5.0
"""Seconds between two looks at what nobody may take, which is looked for and not waited for."""

RENEWAL_TICK = 15.0
"""Seconds between two looks at tokens: they are renewed hours ahead, but after a stop may have expired already."""

ACCOUNTS_TICK = 60.0
"""Seconds between two questions about accounts: a staff of fifty is asked about within the hour."""


class Ticker:
    """What happens at every tick.

    Args:
        store: where it fires; its `after` hints the workers.
        office: delivers what no worker took, so that nothing depends on the queue.
        hint: sends a hint for channels that have something to deliver, and knows when the queue is gone.
        homes: publishes the home tabs that people have open.
        renewals: renews the tokens that rotate.
        accounts: asks Slack how the accounts of the staff stand.
    """

    def __init__(
        self,
        store: Store,
        office: PostOffice,
        hint: Hints,
        homes: Homes,
        renewals: Renewals,
        accounts: Accounts,
    ) -> None:
        self._store = store
        self._office = office
        self._hint = hint
        self._homes = homes
        self._renewals = renewals
        self._accounts = accounts
        self._since: dict[int, float] = {}
        self._busy: set[int] = set()
        self._failed: dict[int, float] = {}
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="deliver")
        self._drawing: set[int] = set()
        self._drawers = ThreadPoolExecutor(HANDS, thread_name_prefix="home")

    def fire(self) -> None:
        """Fire all that is due, a case a transaction."""
        self._each(clocks.fire_due, clocks.push_back, "firing the timers of case")

    def questions(self) -> None:
        """Tell of every question that is due, and of what quiet hours held back, a person a transaction."""
        self._each(questions.fire_due, questions.push_back, "the questions to staff")

    def digests(self) -> None:
        """Make every digest that is due, a person a transaction."""
        self._each(DIGESTS.send_due, DIGESTS.put_off, f"the {DIGESTS.what} of staff")

    def reports(self) -> None:
        """Make every weekly report that is due, a person a transaction."""
        self._each(REPORTS.send_due, REPORTS.put_off, f"the {REPORTS.what} of staff")

    def absences(self) -> None:
        """Begin and end every absence that is due, one a transaction."""
        self._each(covering.turn_due, covering.put_off, "absence")

    def vacancies(self) -> None:
        """Tell of every free task that nobody may take, a program a transaction. One that fails waits for a minute."""
        with self._store.read() as uow:
            programs = vacancies.programs(uow.session)
        now = time.monotonic()
        for program in programs:
            if self._failed.get(program, now) > now:
                continue
            try:
                with self._store.change() as uow:
                    vacancies.look(uow, program)
            except DBAPIError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
                log_failure(f"looking at what nobody may take in program {program}, again in a minute,", error)
                self._failed[program] = now + PUSH_BACK.total_seconds()

    def replans(self) -> None:
        """Re-plan every case whose program's calendar was changed, one a transaction."""
        self._each(replanning.replan_due, replanning.put_off, "re-planning case")

    def sweep(self) -> None:
        """Hint at what can be delivered, and deliver what no worker took in time, or what has no queue to go by."""
        with self._store.engine.connect() as connection:
            waiting = set(deliverable(connection))
        now = time.monotonic()
        self._since = {channel: self._since.get(channel, now) for channel in waiting}
        fresh = frozenset(channel for channel in waiting if self._since[channel] == now)
        if fresh:
            self._hint(fresh)
        patience = 0.0 if self._hint.gone else PATIENCE
        for channel in waiting - self._busy:
            if now - self._since[channel] >= patience:
                self._busy.add(channel)
                self._hands.submit(self._deliver, channel)

    def homes(self) -> None:
        """Bring the home tabs that are open and behind up to date, each in a thread of its own."""
        for staff_id in self._homes.stale():
            if staff_id not in self._drawing:
                self._drawing.add(staff_id)
                self._drawers.submit(self._draw, staff_id)

    def renew(self) -> None:
        """Renew the tokens that expire within hours, and look again at those that seem to have ended."""
        self._renewals.run()
        self._renewals.look_again()

    def accounts(self) -> None:
        """Ask Slack about one of the staff."""
        self._accounts.look()

    def forget(self) -> None:
        """Drop what is of no use any more: answers to old deliveries, acts that nobody can undo, old invitations."""
        with self._store.change() as uow:
            forget(uow.session, uow.now - KEEP_DELIVERIES)
            acts.forget(uow.session, uow.now - KEEP_DELIVERIES)
            invitations.forget(uow)

    def _each(
        self,
        do_one: Callable[[UnitOfWork], int | None],
        put_off: Callable[[UnitOfWork, int, timedelta], None],
        what: str,
    ) -> None:
        """Do what is due, one a transaction, until nothing is. One that fails is put off, and the others go on."""
        while True:
            try:
                with self._store.change() as uow:
                    if do_one(uow) is None:
                        return
            except OneFailed as failed:
                log_failure(f"{what} row {failed.row_id}, tried again in a minute,", failed)
                with self._store.change() as uow:
                    put_off(uow, failed.row_id, PUSH_BACK)

    def close(self) -> None:
        """Let deliveries that were begun end."""
        self._hands.shutdown(wait=True, cancel_futures=True)
        self._drawers.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, channel: int) -> None:
        try:
            carefully(self._office, channel)
        finally:
            self._busy.discard(channel)

    def _draw(self, staff_id: int) -> None:
        try:
            self._homes.publish(staff_id)
        except DBAPIError as error:
            log.warning("the database did not answer (%s); the next tick tries again", type(error.orig).__name__)
        finally:
            self._drawing.discard(staff_id)


def scheduled(ticker: Ticker, tick_seconds: float) -> BackgroundScheduler:
    """APScheduler, ticking in memory: a late tick is run, several late ones once, and two never at a time."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that is skipped is no news
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    scheduler.add_job(patient(ticker.fire), "interval", seconds=tick_seconds, id="fire")
    scheduler.add_job(patient(ticker.questions), "interval", seconds=tick_seconds, id="questions")
    scheduler.add_job(patient(ticker.digests), "interval", seconds=max(tick_seconds, 1.0), id="digests")
    scheduler.add_job(patient(ticker.reports), "interval", seconds=max(tick_seconds, 1.0), id="reports")
    scheduler.add_job(patient(ticker.absences), "interval", seconds=max(tick_seconds, 1.0), id="absences")
    scheduler.add_job(patient(ticker.vacancies), "interval", seconds=max(tick_seconds, VACANCIES_TICK), id="vacancies")
    scheduler.add_job(patient(ticker.replans), "interval", seconds=max(tick_seconds, 1.0), id="replans")
    scheduler.add_job(patient(ticker.sweep), "interval", seconds=tick_seconds, id="sweep")
    scheduler.add_job(patient(ticker.homes), "interval", seconds=max(tick_seconds, HOMES_TICK), id="homes")
    scheduler.add_job(patient(ticker.renew), "interval", seconds=max(tick_seconds, RENEWAL_TICK), id="renew")
    scheduler.add_job(patient(ticker.accounts), "interval", seconds=ACCOUNTS_TICK, id="accounts")
    scheduler.add_job(patient(ticker.forget), "interval", hours=1, id="forget")
    return scheduler


def patient(job: Callable[[], None]) -> Callable[[], None]:
    """The job, outliving a database that is away: it says so, and the next tick tries again."""

    def run() -> None:
        try:
            job()
        except DBAPIError as error:
            log.warning("the database did not answer (%s); the next tick tries again", type(error.orig).__name__)

    return run
