"""Having the details of a track kept in the thread of the card: a message that is written when somebody asks for it."""

from uuid import UUID, uuid4

from sqlalchemy import text

from app.audit import service as audit
from app.cases.locked import open_case_of
from app.cases.refusals import NoCard, UnknownChecklist
from app.checklists import library
from app.notices.service import tell_case
from app.programs.actor import Actor
from app.store.uow import UnitOfWork
from app.tasks.queries import component_words

_TRACK = text(
    "SELECT r.case_id, r.checklist_version_id, k.digest, o.no, o.kind, o.part FROM tracks r"
    " JOIN checklist_versions k ON k.id = r.checklist_version_id LEFT JOIN components o ON o.id = r.component_id"
    " WHERE r.id = :track AND r.program_id = :program AND r.state <> 'withdrawn'"
)
_CARD = text("SELECT card_ts FROM channels WHERE case_id = :case")
# Anew only where the card is another one by now, or the message was given up.
_POST = text(
    "INSERT INTO track_posts AS post (track_id, program_id, case_id, notice_id, card_ts)"
    " VALUES (:track, :program, :case, :notice, :card) ON CONFLICT (track_id) DO UPDATE"
    " SET notice_id = excluded.notice_id, card_ts = excluded.card_ts, shown = NULL"
    " WHERE post.card_ts <> excluded.card_ts"
    " OR EXISTS (SELECT 1 FROM notices n WHERE n.id = post.notice_id AND n.state = 'dead')"
    " RETURNING notice_id"
)


def show_details(uow: UnitOfWork, actor: Actor, track_id: int) -> str:
    """Have the details of a track kept in the card's thread; returns what to say. Asking twice is asking once.

    Raises `UnknownChecklist`, `NoCard` and `CaseClosed`.
    """
    track = uow.session.execute(_TRACK, {"track": track_id, "program": actor.program_id}).one_or_none()
    if track is None:
        raise UnknownChecklist(
            "That checklist is not part of the case any more. Nothing changed. The card shows the others."
        )
    case, program = open_case_of(uow, actor, track.case_id)
    card: str | None = uow.session.execute(_CARD, {"case": case.id}).scalar_one()
    if card is None:
        raise NoCard(f"The card of {case.code} is being posted. Nothing changed. Try again in a minute.")
    title = library.template(uow.session, track.checklist_version_id, track.digest).title
    component = component_words(track.no, track.kind, track.part)
    what = f"{title} · {component}" if component else title
    values = {"track": track_id, "program": program.id, "case": case.id, "notice": uuid4(), "card": card}
    notice: UUID | None = uow.session.execute(_POST, values).scalar_one_or_none()
    if notice is None:
        return f"The details of {what} are in the thread of the card already, and kept up to date there."
    payload = {"code": case.code, "zone": program.zone, "track": track_id}
    tell_case(uow, case.id, "track", f"track:{notice}", payload, notice_id=notice)
    audit.record(uow, actor, "track.details", "track", track_id, case_id=case.id)
    return f"The details of {what} come into the thread of the card, and are kept up to date there."
