"""Why a deadline was missed: the short list from which a person picks. Values are stored and never renamed. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """The cause of a missed deadline, outside first."""

    PAYER = "payer"
    VENDOR = "vendor"
    TISSUE_BANK = "tissue_bank"
    CLINIC = "clinic"
    PATIENT = "patient"
    DOCUMENTS = "documents"
    UPSTREAM = "upstream"
    LOAD = "load"
    MISSED = "missed"
    DEADLINE = "deadline"
    UNKNOWN = "unknown"


WORDS: Final[Mapping[Reason, str]] = {
    Reason.PAYER: "payer slow",
    Reason.VENDOR: "vendor slow",
    Reason.TISSUE_BANK: "tissue bank slow",
    Reason.CLINIC: "clinic slow",
    Reason.PATIENT: "patient",
    Reason.DOCUMENTS: "documents missing",
    Reason.UPSTREAM: "another task was late",
    Reason.LOAD: "our load",
    Reason.MISSED: "missed by us",
    Reason.DEADLINE: "wrong deadline",
    Reason.UNKNOWN: "not known yet",
}
NONE_GIVEN: Final = "no reason given"
