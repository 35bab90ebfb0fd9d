"""What every listener does around its one service call: who acts, once only, one transaction, an answer."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

import psycopg.errors
from sqlalchemy.exc import OperationalError

from app.audit import service as audit
from app.cases.models import Case
from app.cases.queries import case_by_code, case_of_channel
from app.cases.refusals import UnknownCase
from app.checklists.replanning import Uncountable
from app.digests.service import follow
from app.homes import rows as home_rows
from app.kernel.business import BeyondHorizon
from app.kernel.codes import CaseCode, TaskRef
from app.log import log_failure
from app.programs.actor import Actor
from app.programs.models import Program, Staff
from app.programs.queries import UnknownTeam, actor_by_slack, program_of_team
from app.programs.welcome import welcome
from app.refusals import Refusal
from app.slack.answer import Answer
from app.slack.hints import copyable
from app.slack.homes import Homes
from app.slack.listeners import deliveries
from app.slack.listeners.afterwards import Afterwards
from app.slack.listeners.delivery import Body, Delivery
from app.slack.verbs import Verb, main_command
from app.slack.views import modals
from app.slack.views.blocks import safe
from app.store.uow import Store, UnitOfWork
from app.tasks.queries import find_task

log = logging.getLogger("caseboard.slack")
TRIES: Final = 3
"""How often a change is tried whose transaction the database broke off to end a deadlock."""
MODALS: Final = 3
"""Modals that Slack lays upon each other (reference of views.push)."""
ANSWERS: Final = 2
"""Where an answer takes the topmost one's place: a form still finds room above it."""
BROKEN: Final = (
    "Something went wrong on our side, and it is logged. Look with `/case` whether it happened, then try again; "
    "if it fails again, tell your lead."
)


@dataclass
class Visit:
    """What a handler gets: the transaction, who acts, and where they stand."""

    uow: UnitOfWork
    actor: Actor
    delivery: Delivery

    @cached_property
    def program(self) -> Program:
        """The actor's program."""
        return self.uow.session.get_one(Program, self.actor.program_id)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The program's time zone."""
        return ZoneInfo(self.program.zone)

    @property
    def today(self) -> date:
        """The program's local date."""
        return self.uow.now.astimezone(self.zone).date()

    @cached_property
    def here(self) -> Case | None:
        """The case whose channel this is, if any."""
        channel = self.delivery.channel_id
        return case_of_channel(self.uow.session, self.actor.program_id, channel) if channel else None

    def case(self, code: CaseCode | None) -> Case:
        """The case that was named, or else the channel's. Raises `UnknownCase`."""
        if code is not None:
            return case_by_code(self.uow.session, self.actor.program_id, str(code))
        if self.here is None:
            raise UnknownCase(
                "Which case? Nothing changed. Write its code behind the verb, or use the case's own channel."
            )
        return self.here

    def task(self, ref: TaskRef) -> int:
        """The id of the task that was named. Raises `UnknownTask` or `AmbiguousTask`."""
        here = self.here if ref.case is None else None
        return find_task(self.uow.session, self.actor.program_id, str(ref), here.id if here else None)


@dataclass
class News:
    """What a handler of an event gets: the transaction, the program, and the event, which is not trusted."""

    uow: UnitOfWork
    program: Program
    body: Body

    def text(self, name: str) -> str:
        """A text of the event; nothing when there is none."""
        found = self._event().get(name)
        return found if isinstance(found, str) else ""

    def object(self, name: str) -> Body:
        """An object of the event; an empty one when there is none."""
        found = self._event().get(name)
        return found if isinstance(found, Mapping) else {}

    def app_users(self) -> set[str]:
        """The app's own user ids in the workspace, as the event's authorizations name them."""
        given = self.body.get("authorizations")
        listed = given if isinstance(given, list) else []
        return {str(one.get("user_id")) for one in listed if isinstance(one, Mapping) and one.get("is_bot") is True}

    def _event(self) -> Body:
        found = self.body.get("event")
        return found if isinstance(found, Mapping) else {}


Handler = Callable[[Visit], Answer]


def _who(uow: UnitOfWork, delivery: Delivery) -> Actor:
    return actor_by_slack(uow.session, delivery.team_id, delivery.user_id, home_team=delivery.home_team)


class Inbox:
    """Opens the one transaction of a delivery, and turns whatever happens into an answer."""

    def __init__(
        self, store: Store, afterwards: Afterwards, homes: Homes, *, commands: Mapping[str, Verb | None]
    ) -> None:
        self.store = store
        self.afterwards = afterwards
        self.homes = homes
        self.commands = commands

    def change(self, delivery: Delivery, what: str, handler: Handler) -> Answer:
        """Do something once: a repeat of the delivery gets the first answer and has no effect.

        A refusal rolls everything back; that it was refused is then noted by itself, with its answer.
        """
        return self._guarded(what, lambda: self._change(delivery, what, handler))

    def look(self, delivery: Delivery, what: str, handler: Handler) -> Answer:
        """Read something. A repeat reads again."""
        return self._guarded(what, lambda: self._look(delivery, handler))

    def hear(self, delivery: Delivery, what: str, body: Body, handler: Callable[[News], None]) -> bool:
        """Take in an event once. False when that failed, and Slack has to send it again."""
        try:
            with self.store.change() as uow:
                program = program_of_team(uow.session, delivery.team_id)
                if deliveries.take(uow.session, program.id, delivery.id, uow.now):
                    handler(News(uow, program, body))
        except UnknownTeam:
            log.info("%s of a workspace that is not set up here", what)
        except Exception as error:  # noqa: BLE001 - the edge of a request: logged, and asked for again
            log_failure(what, error)
            return False
        return True

    def show(self, delivery: Delivery, answer: Answer) -> None:
        """Show an answer where the person pressed: beside the message, over the modal, or on top of the home tab."""
        if delivery.response_url is not None:
            self.afterwards.respond(delivery.response_url, answer, replace=delivery.replaces and not answer.refused)
        elif delivery.view == "home":
            self.publish_home(delivery, answer)
        elif delivery.view is not None or (delivery.channel_id is None and delivery.trigger_id is not None):
            self.open(delivery, modals.shown(answer), most=ANSWERS)
        elif delivery.channel_id is not None:
            self.afterwards.whisper(delivery.team_id, delivery.channel_id, delivery.user_id, answer)

    def publish_home(self, delivery: Delivery, said: Answer | None = None) -> None:
        """Show the person's home tab as of now, with the answer to what they pressed there on top."""
        people: list[int] = []

        def ask() -> Answer:
            with self.store.change() as uow:
                actor = _who(uow, delivery)
                assert actor.staff_id is not None
                if home_rows.ask(uow, actor, None if said is None else json.dumps(said.kept())):
                    welcome(uow, actor, uow.session.get_one(Staff, actor.staff_id))
                people.append(actor.staff_id)
            return Answer("")

        asked = self._guarded("home", lambda: self._refusing(ask))
        if asked.refused:
            self.afterwards.call(delivery.team_id, "views.publish", user_id=delivery.user_id, view=modals.home(asked))
        else:
            self.afterwards.soon("a home tab", lambda: self.homes.publish(people[-1]))

    def open(self, delivery: Delivery, view: modals.View, *, most: int = MODALS) -> None:
        """Open a modal, or over a modal another one; where `most` lie upon each other, in place of the topmost."""
        if delivery.view == "modal" and delivery.depth >= most:
            self.afterwards.call(delivery.team_id, "views.update", view_id=delivery.view_id, view=view)
        elif delivery.trigger_id is not None:
            method = "views.push" if delivery.view == "modal" else "views.open"
            self.afterwards.call(delivery.team_id, method, trigger_id=delivery.trigger_id, view=view)

    def refused(self, error: Refusal) -> Answer:
        """A refusal as it is shown."""
        return Answer(safe(copyable(str(error)), 2000), refused=type(error).__name__, field=error.field)

    def _change(self, delivery: Delivery, what: str, handler: Handler) -> Answer:
        actor: Actor | None = None
        try:
            with self.store.change() as uow:
                actor = _who(uow, delivery)
                if not deliveries.take(uow.session, actor.program_id, delivery.id, uow.now):
                    return deliveries.stored(uow.session, actor.program_id, delivery.id)
                answer = self._counted(handler, Visit(uow, actor, delivery))
                follow(uow, actor)
                deliveries.keep_answer(uow.session, actor.program_id, delivery.id, answer)
                return answer
        except Refusal as error:
            answer = self.refused(error)
            if actor is None:
                return answer
            return self._keep_refusal(delivery, what, actor, answer)

    def _keep_refusal(self, delivery: Delivery, what: str, actor: Actor, answer: Answer) -> Answer:
        with self.store.change() as uow:
            if not deliveries.take(uow.session, actor.program_id, delivery.id, uow.now):
                return deliveries.stored(uow.session, actor.program_id, delivery.id)
            deliveries.keep_answer(uow.session, actor.program_id, delivery.id, answer)
            audit.record(uow, actor, f"slack.{what}", "delivery", delivery.id, result="refused", reason=answer.refused)
        return answer

    def _look(self, delivery: Delivery, handler: Handler) -> Answer:
        def look() -> Answer:
            with self.store.read() as uow:
                actor = _who(uow, delivery)
                return self._counted(handler, Visit(uow, actor, delivery))

        return self._refusing(look)

    def _counted(self, handler: Handler, visit: Visit) -> Answer:
        try:
            return handler(visit)
        except BeyondHorizon as error:
            raise Uncountable(
                f"A deadline cannot be counted: {error}. Nothing changed. A manager or an admin corrects the hours: "
                f"{main_command(self.commands)} settings hours"
            ) from error

    def _refusing(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except Refusal as error:
            return self.refused(error)

    def _guarded(self, what: str, work: Callable[[], Answer]) -> Answer:
        """The edge of a request: nothing that goes wrong behind it reaches Slack or the log with its data."""
        for tried in range(1, TRIES + 1):
            try:
                return work()
            except OperationalError as error:
                broken_off = isinstance(
                    error.orig, (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
                )
                if not broken_off or tried == TRIES:
                    log_failure(what, error)
                    break
            except Exception as error:  # noqa: BLE001 - the edge of a request: logged, and said to the person
                log_failure(what, error)
                break
        return Answer(BROKEN, refused="Broken")
