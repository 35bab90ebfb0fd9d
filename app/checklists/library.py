"""The templates of a program in the database: loading new versions, finding the newest."""

import json
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session

from app.audit import service as audit
from app.checklists.loader import load_set
from app.checklists.model import Template
from app.checklists.models import ChecklistVersion
from app.checklists.shape import TemplateBody
from app.programs.actor import Actor
from app.refusals import Refusal
from app.store.types import table
from app.store.uow import UnitOfWork

_VERSIONS = table(ChecklistVersion)


class VersionReused(Refusal):
    """A template's content changed and its version did not."""


def load_templates(uow: UnitOfWork, actor: Actor, program_id: int, folder: Path) -> list[str]:
    """Take the folder's templates into a program; returns what is new, as `id version`.

    A version that is there already is left alone. Raises `TemplateErrors` for bad files, and `VersionReused` when
    a file says something else than the version that is in use.
    """
    known = {
        (row.template_id, row.version): row.digest
        for row in uow.session.execute(
            select(_VERSIONS.c.template_id, _VERSIONS.c.version, _VERSIONS.c.digest).where(
                _VERSIONS.c.program_id == program_id
            )
        )
    }
    added = []
    for template in load_set(folder).values():
        digest = known.get((template.id, template.version))
        if digest == template.digest():
            continue
        if digest is not None:
            raise VersionReused(
                f"{template.id} changed, but still says version {template.version}, which is in use. "
                f"Nothing was loaded. Write version: {template.version + 1}."
            )
        uow.session.add(
            ChecklistVersion(
                program_id=program_id,
                template_id=template.id,
                version=template.version,
                body=template.body(),
                digest=template.digest(),
                loaded_at=uow.now,
            )
        )
        audit.record(uow, actor, "checklist.load", "checklist", f"{template.id}/{template.version}")
        added.append(f"{template.id} {template.version}")
    uow.session.flush()
    return added


def newest(session: Session, program_id: int) -> dict[int, Template]:
    """The newest version of each template of a program, by the id of its row."""
    rows = session.execute(
        select(_VERSIONS.c.id, _VERSIONS.c.template_id, _VERSIONS.c.digest)
        .where(_VERSIONS.c.program_id == program_id)
        .order_by(_VERSIONS.c.template_id, _VERSIONS.c.version)
    ).all()
    last = {row.template_id: row for row in rows}
    return {row.id: template(session, row.id, row.digest) for row in last.values()}


def versions(session: Session, ids: set[int]) -> dict[int, Template]:
    """The templates of some version rows."""
    if not ids:
        return {}
    rows = session.execute(select(_VERSIONS.c.id, _VERSIONS.c.digest).where(_VERSIONS.c.id.in_(ids))).all()
    return {row.id: template(session, row.id, row.digest) for row in rows}


def template(session: Session, version_id: int, digest: str) -> Template:
    """A template by its row. Rows never change, so each content is parsed once a process.

    It was checked when it was loaded, and is not judged again: a check that came later must not stop running tracks.
    """
    found = _parsed.get(digest)
    if found is None:
        body = session.execute(select(_VERSIONS.c.body).where(_VERSIONS.c.id == version_id)).scalar_one()
        found = _parsed.setdefault(digest, Template.build(TemplateBody.model_validate_json(json.dumps(body))))
    return found


_parsed: dict[str, Template] = {}
