"""What comes to each person at moments of their own: found when it is due, made for one person a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from sqlalchemy import Column, Select, bindparam, select, update

from app.programs.models import Staff
from app.store.types import table
from app.store.uow import OneFailed, UnitOfWork

_STAFF = table(Staff)


class NotMade(OneFailed):
    """Making it for one person failed."""


@dataclass(frozen=True)
class Coming:
    """Something that comes to people: `due` names the column of `staff` with its next moment, `make` makes one.

    `make` also sets the next moment.
    """

    what: str
    due: str
    make: Callable[[UnitOfWork, Staff], None]

    @property
    def _moment(self) -> Column[object]:
        return _STAFF.c[self.due]

    @cached_property
    def next_person(self) -> Select[Staff]:
        """Whose moment, before `now`, has come first; their row is locked."""
        return (
            select(Staff)
            .where(_STAFF.c.active, self._moment <= bindparam("now"))
            .order_by(self._moment)
            .limit(1)
            .with_for_update(key_share=True, skip_locked=True)
        )

    def send_due(self, uow: UnitOfWork) -> int | None:
        """Make it for one person whose moment has come; returns whose row, None when nobody's has.

        What is made and the next moment are one transaction. Raises `NotMade`, and has changed nothing then.
        """
        person: Staff | None = uow.session.execute(self.next_person, {"now": uow.now}).scalar_one_or_none()
        if person is None:
            return None
        staff_id = person.id  # not to be read any more once a flush has failed
        try:
            self.make(uow, person)
            uow.finish()  # what was left for last is theirs too, and may fail as well
        except Exception as error:  # whatever it is, it must not stop the others
            raise NotMade(staff_id, f"the {self.what} of staff row {staff_id} could not be made") from error
        return staff_id

    def put_off(self, uow: UnitOfWork, staff_id: int, by: timedelta) -> None:
        """Look at a person for whom it failed later, so that others come first."""
        late = update(Staff).where(_STAFF.c.id == staff_id, self._moment <= uow.now)
        uow.session.execute(late.values({self.due: uow.now + by}))
