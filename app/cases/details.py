"""The details of a track: every task of it, as the message in the thread of the card shows them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.cases.card import OPEN, applies, task_rows, waits_for
from app.checklists import library
from app.kernel.clock import reached
from app.tasks.queries import component_words


@dataclass(frozen=True)
class DetailTask:
    """A task of a track. `deadline` in UTC; `holder` is a Slack user id; `waiting_on` says who is awaited.

    `note` is what was said with that, or why it was left out. `needs` are the numbers of the open tasks that a blocked
    one waits for. `closer`, a Slack user id too, finished it or left it out, at `closed_at` (UTC).
    """

    no: int
    title: str
    state: str
    deadline: datetime | None
    holder: str | None
    waiting_on: str | None
    late: bool
    note: str | None = None
    needs: tuple[int, ...] = ()
    closer: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True)
class TrackDetail:
    """A track with its tasks by number; those that do not apply are left out. `zone` is the program's."""

    id: int
    code: str
    zone: str
    title: str
    component: str | None
    withdrawn: bool
    tasks: tuple[DetailTask, ...]

    @property
    def people(self) -> set[str]:
        """Everybody whom the details name."""
        return {who for task in self.tasks for who in (task.holder, task.closer) if who}


def details_of(
    session: Session, case_id: int, code: str, zone: str, tracks: Collection[int], now: datetime
) -> dict[int, TrackDetail]:
    """The details of some tracks of a case as of `now`, by the tracks' ids."""
    found = {}
    rows = [row for row in task_rows(session, case_id) if row.track_id in tracks]
    for track_id in tracks:
        of_track = [row for row in rows if row.track_id == track_id]
        if of_track:
            first = of_track[0]
            template = library.template(session, first.version_row, first.digest)
            found[track_id] = TrackDetail(
                id=track_id,
                code=code,
                zone=zone,
                title=template.title,
                component=component_words(first.component_no, first.component_kind, first.component_part),
                withdrawn=first.track_state == "withdrawn",
                tasks=tuple(
                    DetailTask(
                        row.no, row.title, row.state, row.due_at, row.holder, row.waiting_on,
                        late=row.state in OPEN and reached(row.due_at, now),
                        note=row.reason if row.state == "skipped" else row.waiting_note,
                        needs=waits_for(template.item(row.item_id), row, of_track),
                        closer=row.closer, closed_at=row.closed_at,
                    )
                    for row in of_track
                    if applies(row)
                ),
            )  # fmt: skip
    return found
