"""The closed word lists that templates, cases and staff share.

The values are what stands in YAML files, in the database and on screen, so a value is never renamed;
a new word is added at the end of its list.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

NOT_APPLICABLE: Final = "does not apply to this case as it stands"
"""The reason of a task that its checklist leaves out by itself."""


class Role(StrEnum):
    """What a member of staff may act as. One person may hold several."""

    VA = "va"
    LEAD = "lead"
    SURGEON = "surgeon"
    CLINICIAN = "clinician"
    CODER = "coder"
    BILLER = "biller"
    NAVIGATOR = "navigator"
    MANAGER = "manager"
    ADMIN = "admin"


def whoever(roles: Iterable[Role]) -> str:
    """Who has one of the roles, in words: `a coder or a VA`; nobody where there is none."""
    names = ("VA" if role is Role.VA else role.value for role in roles)
    return " or ".join(f"{'an' if name.startswith('a') else 'a'} {name}" for name in names) or "nobody"


class Told(StrEnum):
    """Whom an escalation tells: whoever holds the task, once more, or a role besides."""

    VA = Role.VA.value
    LEAD = Role.LEAD.value
    SURGEON = Role.SURGEON.value
    CLINICIAN = Role.CLINICIAN.value
    CODER = Role.CODER.value
    BILLER = Role.BILLER.value
    NAVIGATOR = Role.NAVIGATOR.value
    MANAGER = Role.MANAGER.value
    ADMIN = Role.ADMIN.value
    ASSIGNEE = "assignee"


class Awaited(StrEnum):
    """Whom a waiting task waits for."""

    PAYER = "payer"
    VENDOR = "vendor"
    TISSUE_BANK = "tissue_bank"
    CLINIC = "clinic"
    PATIENT = "patient"


class ComponentKind(StrEnum):
    """What a component of a planned reconstruction is."""

    ENDOPROSTHESIS = "endoprosthesis"
    PLATE = "plate"
    CEMENT = "cement"
    ALLOGRAFT = "allograft"
    MESH = "mesh"
    OTHER = "other"


class ComponentPart(StrEnum):
    """Which part of an endoprosthesis a component is."""

    STEM = "stem"
    BODY = "body"
    SEGMENT = "segment"
    HINGE = "hinge"
    TAPER = "taper"
    BEARING = "bearing"
    COATING = "coating"
    OTHER = "other"


class Supply(StrEnum):
    """How a component comes into the house: off the shelf, on consignment, or as a loaner set."""

    STOCK = "stock"
    CONSIGNMENT = "consignment"
    LOANER = "loaner"


class EvidenceKind(StrEnum):
    """What a task asks for before it may be called done."""

    REFERENCE = "reference"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    ATTESTATION = "attestation"
    NONE = "none"


class Scope(StrEnum):
    """Whether a template makes one track for the case, or one for each component that matches."""

    CASE = "case"
    COMPONENT = "component"
