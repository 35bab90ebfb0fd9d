"""Free text that people type: made one line, kept short, and refused where it may hold patient data."""

from collections.abc import Collection, Sequence

from app.kernel.textsafety import Finding, findings, one_line
from app.refusals import Refusal


class PatientData(Refusal):
    """A text may hold patient data. It is neither kept nor logged."""


class TooLong(Refusal):
    """A text is longer than its place."""


class Missing(Refusal):
    """A text that has to be given was not."""


def plain(
    text: str | None,
    what: str,
    *,
    limit: int = 300,
    reference: bool = False,
    this_year: int | None = None,
    known_words: Collection[str] = (),
) -> str:
    """The text as it may be kept and shown. Raises `Missing`, `TooLong` or `PatientData`.

    `what` names it to the person; with `reference`, a payer's or vendor's long number may stand in it.
    `known_words` are those of the patient's own record.
    """
    line = one_line(text or "")
    if not line:
        raise Missing(f"The {what} is missing. Nothing changed. Say it in a few words.")
    if len(line) > limit:
        raise TooLong(f"The {what} has {len(line)} characters, {limit} fit. Nothing changed. Write it shorter.")
    _refuse(findings(line, known_words=known_words, allow_reference=reference, this_year=this_year), what)
    return line


def unlike(value: str, what: str, known_words: Collection[str]) -> str:
    """A number or a date that was asked for, unless it is the patient's own: then `PatientData`."""
    _refuse([item for item in findings(value, known_words=known_words) if item.kind == "known"], what)
    return value


def _refuse(found: Sequence[Finding], what: str) -> None:
    if found:
        raise PatientData(
            f"The {what} may hold patient data ({'; '.join(item.why for item in found)}). Nothing was kept. "
            "Write it without: what is about the patient belongs into the chart, and not into Slack."
        )
